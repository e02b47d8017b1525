//! `sync`: writes the configuration into a workspace.

use crate::edge::env::Env;
use crate::edge::fs::{FsError, Root, SavedGeneration};
pub use crate::edge::git::ExcludeChange;
use crate::ops::Failure;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, Workspace};
use crate::ops::state::apply::apply;
use crate::ops::state::generations;
pub use crate::ops::state::plan::{SyncOptions, Warning};
use crate::ops::state::plan::{SyncPlan, origin, plan};
use crate::ops::state::target::TargetState;
use claude_env_core::layer::Scope;
use claude_env_core::workspace::Plan;

/// The result of a sync, or of its dry run.
#[derive(Debug)]
pub struct Synced {
    /// The changes of files.
    pub plan: Plan,
    /// Whether the sync was stopped because too much would be removed.
    pub stopped: bool,
    /// The generation that was saved before the sync.
    pub applied: SavedGeneration,
    /// The config repository as the binding names it.
    pub repository: String,
    /// The commit that was rendered; empty when the files of a folder were.
    pub revision: String,
    /// The scope that was rendered.
    pub scope: Scope,
    /// Where the configuration defines each line of the plan, as text; empty when it no longer does.
    pub origins: Vec<String>,
    /// The parts of the user layer that are left out, with the reason.
    pub warnings: Vec<Warning>,
    /// The change of git's exclude file.
    pub exclude: Option<ExcludeChange>,
    /// What is left as it is, line by line.
    pub left: Vec<String>,
    /// What a hook leaves to a commit; `None` if that is nothing, and if a person syncs.
    pub behind: Option<Behind>,
}

/// Changes of the configuration that a workspace does not have yet, and that are no drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind {
    /// How many entries they are about.
    pub entries: usize,
    /// Whether they are to be reported: a hook does that once for each revision.
    pub is_new: bool,
}

impl Synced {
    /// Returns true if there is nothing to write.
    pub fn is_noop(&self) -> bool {
        self.plan.is_noop() && self.exclude.is_none()
    }

    /// Creates the answer from a plan, and from what was kept when it was applied.
    pub(super) fn of(plan: SyncPlan, applied: SavedGeneration, target: &TargetState<'_>) -> Self {
        let (left, sources) = (plan.left(), &target.opened.repository.sources);
        let SyncPlan { shared, personal, warnings, stopped, exclusion, behind, .. } = plan;
        let plan = shared.merge_for_display(personal);
        Self {
            origins: plan.lines.iter().map(|line| origin(&line.origin, sources)).collect(),
            plan,
            stopped,
            applied,
            repository: target.opened.name.clone(),
            revision: target.revision().to_owned(),
            scope: target.renderings.scope.clone(),
            warnings,
            exclude: exclusion.and_then(|(_, update)| update.change),
            left,
            behind: (behind > 0).then_some(Behind { entries: behind, is_new: true }),
        }
    }
}

/// Syncs the workspace that a request is about. Fails when the configuration has errors, or a file cannot be written.
pub fn sync(request: &Request, env: &Env, options: SyncOptions) -> Result<Synced, Failure> {
    // `sync --watch` syncs many times.
    let env = &env.clone().begun_now();
    let opened = Opened::new(request, env)?;
    sync_workspace(&opened, opened.bound()?, env, "sync", options)
}

/// Syncs a workspace with an opened configuration. `verb` is the command, for the list of generations.
pub fn sync_workspace(
    opened: &Opened,
    workspace: &Workspace,
    env: &Env,
    verb: &str,
    options: SyncOptions,
) -> Result<Synced, Failure> {
    sync_after(opened, workspace, env, verb, options, || Ok(()))
}

/// Syncs a workspace, and calls `before` between the plan and its application; not in a dry run.
pub(super) fn sync_after(
    opened: &Opened,
    workspace: &Workspace,
    env: &Env,
    verb: &str,
    options: SyncOptions,
    before: impl FnOnce() -> Result<(), FsError>,
) -> Result<Synced, Failure> {
    let target = TargetState::new(opened, workspace, env)?;
    let mut root = Root::new(&workspace.root);
    // Held before the plan is made: what another run writes after that would make the plan wrong.
    let _lock = match options.dry_run {
        true => None,
        false => generations::lock(&root, env, options.wait)?,
    };
    let plan = plan(&target, &mut root, &options, env)?;
    let applied = match options.dry_run {
        true => SavedGeneration::default(),
        false => {
            before()?;
            apply(&plan, &target, &mut root, verb, env)?
        }
    };
    Ok(Synced::of(plan, applied, &target))
}
