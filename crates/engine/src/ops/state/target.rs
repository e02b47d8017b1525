//! The target state of a workspace: both renderings, computed once per run, and the files beside them.

use crate::edge::clock;
use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::edge::git::has_file_modes;
use crate::ops::Failure;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::Workspace;
use crate::ops::repository::mode::Renderings;
use crate::ops::state::merge_base::MergeBase;
use claude_env_core::agent::{json_files, personal_json_files, workspace_folders};
use claude_env_core::drift::DriftPolicy;
use claude_env_core::layer::{Mode, Scope};
use claude_env_core::render::Rendering;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{
    Desired, DigestCache, Header, LOCAL_LOCK_FILE, LOCK_FILE, Lock, LockState, PENDING_SUFFIX,
    Policy, Side,
};

/// The target state of a workspace: what the configuration says that it has to contain.
///
/// Everything that a run derives from the configuration is in here, so that no part of it is computed twice.
pub struct TargetState<'o> {
    /// The opened configuration.
    pub opened: &'o Opened,
    /// The workspace.
    pub workspace: &'o Workspace,
    /// The shared and the personal rendering.
    pub renderings: Renderings,
    /// The header of the shared lock after a sync.
    pub shared_header: Header,
    /// The header of the personal lock after a sync.
    pub personal_header: Header,
    /// What counts as drift, and how severe it is.
    pub drift_policy: DriftPolicy<'o>,
    /// The day of the run in UTC, as `YYYY-MM-DD`.
    pub today: String,
}

impl<'o> TargetState<'o> {
    /// Merges, checks and renders the configuration of a workspace.
    ///
    /// Fails when the configuration has errors, or cannot be read.
    pub fn new(opened: &'o Opened, workspace: &'o Workspace, env: &Env) -> Result<Self, Failure> {
        let renderings = Renderings::new(opened, workspace.binding.mode, env)?;
        Ok(Self::of(opened, workspace, renderings))
    }

    /// Creates the target state of a workspace from what was rendered already.
    pub fn of(opened: &'o Opened, workspace: &'o Workspace, renderings: Renderings) -> Self {
        let today = clock::today();
        let revision = opened.repository.source.commit().unwrap_or_default();
        let local = workspace.binding.mode == Mode::Local;
        Self {
            shared_header: header(&opened.name, revision, &renderings.scope, local),
            personal_header: header(&opened.name, revision, &opened.scope, true),
            drift_policy: DriftPolicy::new(&opened.repository.manifest, &today),
            opened,
            workspace,
            renderings,
            today,
        }
    }

    /// Returns the commit that was rendered; empty when the files of a folder were.
    pub fn revision(&self) -> &str {
        &self.shared_header.revision
    }

    /// Returns true if the whole rendering is kept out of git.
    pub fn is_local(&self) -> bool {
        self.shared_header.local
    }

    /// Reads the files and the locks of the workspace.
    ///
    /// Fails when a lock cannot be read.
    pub fn read(
        &self,
        root: &mut Root,
        watch: Watch,
        policy: Policy,
        digests: &mut DigestCache,
    ) -> Result<WorkspaceState<'_>, Failure> {
        let (shared, personal) = self.watched(root, watch);
        let mut side = |lock, rendering, header: &Header, watched: &[RepoPath]| {
            side(root, lock, rendering, header, watched, policy, digests)
        };
        let renderings = &self.renderings;
        Ok(WorkspaceState {
            shared: side(LOCK_FILE, &renderings.shared, &self.shared_header, &shared)?,
            personal: side(
                LOCAL_LOCK_FILE,
                &renderings.personal.rendering,
                &self.personal_header,
                &personal,
            )?,
        })
    }

    /// Returns the paths at which foreign entries are looked for, for each rendering.
    fn watched(&self, root: &mut Root, watch: Watch) -> (Vec<RepoPath>, Vec<RepoPath>) {
        let (values, files) = match watch {
            Watch::Nothing => (false, false),
            Watch::Exclusive => (self.drift_policy.watches(), self.drift_policy.watches_files()),
            Watch::Values => (true, false),
            Watch::Everything => (true, true),
        };
        let mut shared: Vec<RepoPath> = Vec::new();
        if values {
            shared.extend(json_files());
        }
        if files {
            for folder in workspace_folders() {
                shared.extend(root.files_below(folder));
            }
        }
        let with_personal = matches!(watch, Watch::Values | Watch::Everything) && !self.is_local();
        let personal = if with_personal { personal_json_files().collect() } else { Vec::new() };
        (shared, personal)
    }
}

/// Where entries that are not ours are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Nowhere.
    Nothing,
    /// Where the policy of the configuration allows no others.
    Exclusive,
    /// In every JSON file, shared and personal.
    Values,
    /// In every JSON file and every content folder.
    Everything,
}

/// The files of a workspace beside its target state.
#[derive(Debug)]
pub struct WorkspaceState<'t> {
    /// The shared files.
    pub shared: Side<'t>,
    /// The personal files.
    pub personal: Side<'t>,
}

impl WorkspaceState<'_> {
    /// Merges the texts that both the workspace and the configuration changed, when the last rendering is available.
    pub fn merge_texts(&mut self, opened: &Opened, env: &Env) {
        let mut base = MergeBase::new(opened, env);
        // The personal one first: its rendering may be used for both.
        if self.personal.has_text_in_conflict()
            && let Some(rendering) = base.personal(&self.personal.lock.applied.header)
        {
            self.personal.merge_texts(rendering);
        }
        if self.shared.has_text_in_conflict()
            && let Some(rendering) = base.shared(&self.shared.lock.applied.header)
        {
            self.shared.merge_texts(rendering);
        }
    }
}

/// Reads the files and the lock of a rendering. Fails when the lock is not valid.
pub fn side<'r>(
    root: &mut Root,
    lock: &str,
    rendering: &'r Rendering,
    header: &Header,
    watched: &[RepoPath],
    policy: Policy,
    digests: &mut DigestCache,
) -> Result<Side<'r>, Failure> {
    let desired = Desired::new(rendering, digests);
    let locked = lock_state(root, lock, || Lock::of(header.clone(), &desired))?;
    let mut side = Side::new(desired, locked, watched, policy, |paths| root.read_all(paths));
    if side.has_other_modes() && !has_file_modes(root.path()) {
        side.ignore_modes();
    }
    Ok(side)
}

/// Reads a lock, and the pending one that an interrupted run left. `expected` is as in [`LockState::read`].
///
/// Fails when a lock is not valid.
pub fn lock_state(
    root: &Root,
    file: &str,
    expected: impl FnOnce() -> Lock,
) -> Result<LockState, Failure> {
    let lock = root.read_own(file)?;
    let pending = root.read_own(&format!("{file}{PENDING_SUFFIX}"))?;
    Ok(LockState::read(file, lock.as_deref(), pending.as_deref(), expected)?)
}

/// Returns the header of a lock: where its rendering comes from. `local` means that the files are kept out of git.
pub fn header(repository: &str, revision: &str, scope: &Scope, local: bool) -> Header {
    let parts = [
        ("team", &scope.team),
        ("project", &scope.project),
        ("user", &scope.user),
        ("environment", &scope.environment),
    ];
    let named = parts.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?)));
    Header {
        repository: repository.to_owned(),
        revision: revision.to_owned(),
        scope: named.map(|(key, name)| (key.to_owned(), name.to_string())).collect(),
        local,
    }
}
