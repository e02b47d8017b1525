//! What a sync is going to do, as data. A dry run, `init` and `doctor` make the same plan as a sync.

use std::path::PathBuf;
use std::time::Duration;

use crate::edge::env::Env;
use crate::edge::fs::{Root, Wait};
use crate::ops::Failure;
use crate::ops::state::git_exclusion::{ExcludeUpdate, GitExclusion};
use crate::ops::state::target::{TargetState, Watch, WorkspaceState};
use claude_env_core::drift::layer_key;
use claude_env_core::layer::{Binding, HookAction, Mode};
use claude_env_core::render::personal::Unrepresentable;
use claude_env_core::source::{RepoPath, Sources};
use claude_env_core::workspace::{
    Action, Class, FileChange, Foreign, Header, Origin, Plan, PlanLine, Policy, Problem,
    ProblemKind, Side, Sign,
};

/// The options of a sync.
#[derive(Clone, Copy, Debug, Default)]
pub struct SyncOptions {
    /// Plan only.
    pub dry_run: bool,
    /// What happens to entries that a person changed.
    pub policy: Policy,
    /// Whether large removals are allowed.
    pub allow_prune: bool,
    /// How long to wait for another run; `None` is as long as the environment says.
    pub wait: Option<Wait>,
    /// Which files are written.
    pub writes: Writes,
}

/// Which files a sync writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writes {
    /// Those of everyone and those of one person.
    #[default]
    Everything,
    /// Those of one person. The others belong to a commit.
    Personal,
    /// None.
    Nothing,
}

impl Writes {
    /// Returns what a git hook writes in a workspace.
    fn by_hook(binding: &Binding) -> Self {
        match (binding.hook_action(), binding.mode) {
            (HookAction::Sync, _) => Self::Everything,
            (HookAction::Report, Mode::Committed) => Self::Personal,
            // There, the files of everyone are those of one person, too.
            (HookAction::Report, Mode::Local) => Self::Nothing,
        }
    }
}

impl SyncOptions {
    /// Returns the options of a git hook: git does not wait for another run, and that one syncs the workspace anyway.
    pub fn of_hook(binding: &Binding) -> Self {
        Self {
            wait: Some(Wait(Duration::ZERO)),
            writes: Writes::by_hook(binding),
            ..Self::default()
        }
    }
}

/// Something that a sync leaves out, and that is not a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The file in the workspace.
    pub path: String,
    /// The entry there; empty for a whole file.
    pub entry: String,
    /// What is not done, and why.
    pub message: String,
    /// What to do instead.
    pub help: String,
    /// Where the configuration defines it, as text; empty when it does not.
    pub origin: String,
}

/// What a sync is going to do in a workspace. Holds no reference to the workspace or its configuration.
#[derive(Debug)]
pub struct SyncPlan {
    /// The plan for the shared files.
    pub shared: Plan,
    /// The plan for the personal files.
    pub personal: Plan,
    /// What is left out, without being a conflict.
    pub warnings: Vec<Warning>,
    /// Whether nothing is done, because too much would be removed.
    pub stopped: bool,
    /// Whether a generation must be saved first, since changes of a person are overwritten.
    pub backup_required: bool,
    /// The update of git's exclude file; `None` without a repository, or when nothing has to be excluded.
    pub exclusion: Option<(GitExclusion, ExcludeUpdate)>,
    /// Every path of the workspace that the plan is about.
    pub paths: Vec<RepoPath>,
    /// How many entries the configuration has changed and the plan leaves to a commit.
    pub behind: usize,
    /// Whether the same plan is made again while no file changes: git was not asked, and no text is in conflict.
    pub is_repeatable: bool,
}

/// Plans how to bring a workspace to its target state. Reads the workspace, and writes nothing.
///
/// Fails when a lock or git cannot be read.
pub fn plan(
    target: &TargetState<'_>,
    root: &mut Root,
    options: &SyncOptions,
    env: &Env,
) -> Result<SyncPlan, Failure> {
    let force = options.policy == Policy::Force;
    let watch = if force { Watch::Exclusive } else { Watch::Nothing };
    let digests = &mut *target.opened.digests.lock();
    let mut state = target.read(root, watch, options.policy, digests)?;
    match force {
        true => state.shared.remove_foreign(|foreign| is_removed(target, foreign)),
        false => state.merge_texts(target.opened, env),
    }
    let WorkspaceState { mut shared, mut personal } = state;
    let mut shared_plan = without_mounts(&mut shared, &target.shared_header, root);
    let mut personal_plan = without_mounts(&mut personal, &target.personal_header, root);
    // Until the workspace is in its new mode, what git must not see is listed as its old mode has it.
    let moved = shared.lock.has_lock() && shared.lock.applied.header.local != target.is_local();
    let writes = match options.writes {
        Writes::Personal if moved => Writes::Nothing,
        writes => writes,
    };
    let mut behind = 0;
    if writes != Writes::Everything {
        behind += hold_back(&mut shared_plan);
    }
    if writes == Writes::Nothing {
        behind += hold_back(&mut personal_plan);
    }
    let sources = &target.opened.repository.sources;
    let mut warnings: Vec<Warning> = target
        .renderings
        .personal
        .unrepresentable
        .iter()
        .map(|unrepresentable| warning(unrepresentable, sources))
        .collect();
    let warned = warnings.len();
    let mut exclusion = None;
    // git is not asked when no file is, or was, kept out of it.
    let concerned = target.is_local()
        || target.renderings.has_user
        || personal.lock.has_lock_or_pending()
        || shared.lock.applied.header.local;
    let git = if concerned && writes != Writes::Nothing {
        GitExclusion::find(&target.workspace.root)?
    } else {
        None
    };
    if let Some(git) = git {
        if target.is_local() {
            shared_plan = git.spare_tracked(&mut shared, &target.shared_header, shared_plan)?;
        }
        personal_plan = git.spare_tracked(&mut personal, &target.personal_header, personal_plan)?;
        warnings.extend(as_warnings(&mut personal_plan));
        let update = git.update(target.is_local(), &shared_plan, &personal_plan)?;
        exclusion = Some((git, update));
    }
    // Personal files may always be removed: dropping the user layer means that, and changing the mode moves them.
    personal_plan.prune = None;
    let (stopped, paths) =
        (!options.allow_prune && shared_plan.prune.is_some(), [shared.paths(), personal.paths()]);
    let mut plan = SyncPlan {
        shared: shared_plan,
        personal: personal_plan,
        stopped,
        backup_required: force,
        exclusion,
        paths: paths.concat(),
        behind,
        is_repeatable: true,
        warnings,
    };
    // git's answers may change without a change of a file that is known here; and whether texts can be merged depends on whether
    // an earlier revision is available.
    let text_conflict = |line: &PlanLine| line.class == Class::Conflict && line.pointer.is_empty();
    plan.is_repeatable = plan.problems().next().is_none()
        && plan.warnings.len() == warned
        && !plan.lines().any(text_conflict);
    Ok(plan)
}

/// Returns the plan for one lock, without changes of mount points that cannot be made: each is a problem of the plan.
fn without_mounts(side: &mut Side<'_>, header: &Header, root: &mut Root) -> Plan {
    let plan = side.plan(header.clone());
    let replaces = |change: &&FileChange| !matches!(change.action, Action::Create { .. });
    let problems: Vec<Problem> = (plan.changes.iter())
        .filter(replaces)
        .filter_map(|change| root.mount_problem(change))
        .collect();
    if problems.is_empty() {
        return plan;
    }
    side.refuse(&problems);
    side.plan(header.clone())
}

impl SyncPlan {
    /// Returns the plans, each for the files of one lock.
    pub fn plans(&self) -> [&Plan; 2] {
        [&self.shared, &self.personal]
    }

    /// Returns what happens to each entry that is not clean.
    pub fn lines(&self) -> impl Iterator<Item = &PlanLine> {
        self.plans().into_iter().flat_map(|plan| &plan.lines)
    }

    fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.plans().into_iter().flat_map(|plan| &plan.problems)
    }

    /// Returns what is left as it is, line by line.
    pub fn left(&self) -> Vec<String> {
        let mut kept: Vec<&PlanLine> =
            self.lines().filter(|line| line.sign == Sign::Keep).collect();
        kept.sort_by(|a, b| a.path.cmp(&b.path));
        let mut problems: Vec<&Problem> = self.problems().collect();
        problems.sort();
        let problems =
            problems.into_iter().map(|problem| format!("! {}  {}", problem.path, problem.message));
        let warnings = self.warnings.iter().map(|warning| {
            let entry = [" ", &warning.entry].concat();
            let entry = if warning.entry.is_empty() { "" } else { &entry };
            format!("warning: {}{entry}: {}", warning.path, warning.message)
        });
        let stopped = self.shared.prune.as_ref().filter(|_| self.stopped);
        let stopped = stopped.map(|prune| format!("stopped: {prune}"));
        let kept = kept.into_iter().map(ToString::to_string);
        kept.chain(problems).chain(warnings).chain(stopped).collect()
    }

    /// Returns the files outside of the workspace that the plan depends on.
    pub fn depends_on(&self) -> Vec<PathBuf> {
        self.exclusion.iter().flat_map(|(git, _)| git.depends_on()).collect()
    }
}

/// Takes out of a plan what it would write, and leaves what it reports. Returns how many entries that are.
fn hold_back(plan: &mut Plan) -> usize {
    let held = std::mem::take(plan);
    let (kept, moved): (Vec<PlanLine>, Vec<PlanLine>) =
        held.lines.into_iter().partition(|line| line.sign == Sign::Keep);
    *plan = Plan { lines: kept, problems: held.problems, ..Plan::default() };
    moved.iter().filter(|line| line.sign != Sign::Record).count()
}

/// Returns true for a foreign entry that `--force` removes: at an exclusive path, and not ignored.
fn is_removed(target: &TargetState<'_>, foreign: &Foreign) -> bool {
    let key = layer_key(&foreign.path, &foreign.key);
    target.drift_policy.is_exclusive(&key) && target.drift_policy.ignoring(&key).is_none()
}

fn warning(unrepresentable: &Unrepresentable, sources: &Sources) -> Warning {
    let place = unrepresentable.place.map(|place| sources.address(place));
    Warning {
        path: unrepresentable.path.clone(),
        entry: unrepresentable.entry.clone(),
        message: unrepresentable.message.clone(),
        help: unrepresentable.help.clone(),
        origin: place.or_else(|| unrepresentable.file.clone()).unwrap_or_default(),
    }
}

/// Turns problems with personal files that git tracks into warnings, since they are no conflict of the workspace.
fn as_warnings(plan: &mut Plan) -> Vec<Warning> {
    let (tracked, other): (Vec<Problem>, Vec<Problem>) = std::mem::take(&mut plan.problems)
        .into_iter()
        .partition(|problem| problem.kind == ProblemKind::Tracked);
    plan.problems = other;
    let message =
        |message| format!("the file {message}: nothing of the user layer is written there");
    tracked
        .into_iter()
        .map(|problem| Warning {
            path: problem.path.to_string(),
            entry: String::new(),
            message: message(problem.message),
            help: problem.help,
            origin: String::new(),
        })
        .collect()
}

/// Returns where the configuration defines something, as text; empty when it no longer does.
pub fn origin(origin: &Origin, sources: &Sources) -> String {
    match origin {
        Origin::Nowhere => String::new(),
        Origin::Place(span) => sources.address(*span),
        Origin::Files(files) => files.join(", "),
    }
}
