//! `sync`: bring the workspace to the configuration.

use std::time::Duration;

use super::Failure;
use crate::edge::clock;
use crate::edge::env::Env;
use crate::edge::fs::{Backup, Root, SavedGeneration, Wait};
pub use crate::edge::git::ExcludeChange;
use crate::ops::fleet::registry as local;
use crate::ops::repository::load::{Opened, Repository};
use crate::ops::repository::locate::{Request, Workspace};
use crate::ops::repository::mode::Renderings;
use crate::ops::state::fingerprint::{self as stamp, Saw};
use crate::ops::state::generations;
use crate::ops::state::git_exclusion::OutsideGit;
use crate::ops::state::inspect::watched;
use crate::ops::state::merge_base as former;
use crate::ops::state::reconcile::{self, Prepared, Provenance};
use claude_env_core::drift::{DriftPolicy, layer_key};
use claude_env_core::layer::{Mode, Scope};
use claude_env_core::render::personal::Unsaid;
use claude_env_core::source::Sources;
use claude_env_core::workspace::{
    Class, LOCAL_LOCK_FILE, LOCK_FILE, Origin, Plan, PlanLine, Policy, Problem, ProblemKind, Sign,
};

/// What is asked of a sync.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Plan only.
    pub dry_run: bool,
    /// Whose side is taken where a person changed something.
    pub policy: Policy,
    /// Whether much may be removed at once.
    pub allow_prune: bool,
    /// How long to wait for another run; `None` is as long as the environment says.
    pub wait: Option<Wait>,
}

impl Wish {
    /// What git's hooks ask for: git does not wait for another run, and that one brings the workspace to its configuration anyway.
    pub fn unattended() -> Self {
        Self { wait: Some(Wait(Duration::ZERO)), ..Self::default() }
    }

    /// To plan only.
    pub fn dry() -> Self {
        Self { dry_run: true, ..Self::default() }
    }
}

/// What a sync did, or would do.
#[derive(Debug)]
pub struct Synced {
    pub plan: Plan,
    /// Whether nothing was done, or would be, because too much would be removed.
    pub stopped: bool,
    /// Where the state before it was put away.
    pub applied: SavedGeneration,
    /// The config repository as the binding names it.
    pub repository: String,
    /// The commit that was rendered; empty for a folder as it stands.
    pub revision: String,
    pub scope: Scope,
    /// Where the configuration has each line of the plan, as text; empty where it has it no more.
    pub origins: Vec<String>,
    /// What of the user layer is left out, and why.
    pub warnings: Vec<Warning>,
    /// What happens to the list of files that git does not show.
    pub exclude: Option<ExcludeChange>,
    /// What is left as it is, line by line.
    pub left: Vec<String>,
}

/// Something that a sync does not do, and that is no conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The file in the workspace.
    pub path: String,
    /// The entry there; empty for a whole file.
    pub entry: String,
    pub message: String,
    /// What to do instead.
    pub help: String,
    /// Where the configuration has it, as text; empty where it does not.
    pub origin: String,
}

impl Synced {
    /// Whether there is nothing to write.
    pub fn is_noop(&self) -> bool {
        self.plan.is_noop() && self.exclude.is_none()
    }
}

/// Syncs the workspace around the folder.
pub fn sync(request: &Request, env: &Env, wish: Wish) -> Result<Synced, Failure> {
    // A watch syncs many times.
    let env = &env.clone().begun_now();
    let opened = Opened::new(request, env)?;
    workspace_to(&opened, opened.bound()?, env, "sync", wish)
}

/// Brings a workspace to an opened configuration. `verb` is what people called it.
pub fn workspace_to(
    opened: &Opened,
    workspace: &Workspace,
    env: &Env,
    verb: &str,
    wish: Wish,
) -> Result<Synced, Failure> {
    let repository: &Repository = &opened.repository;
    let mode = workspace.binding.mode;
    let local = mode == Mode::Local;
    let Renderings { main, scope, personal, has_user } = Renderings::new(opened, mode, env)?;
    let revision = repository.source.commit().unwrap_or_default();
    let provenance = Provenance { repository: &opened.name, revision, scope: &scope, local };
    let of_person = Provenance { scope: &opened.scope, local: true, ..provenance.clone() };
    let mut root = Root::new(&workspace.root);
    // Held from before the plan is made: what another run writes in between would make it wrong.
    let _alone = if wish.dry_run { None } else { generations::alone(&root, env, wish.wait)? };
    let digests = &mut *opened.digests.lock();
    let policy = wish.policy;
    let mut main = Prepared::read(&mut root, LOCK_FILE, &main, &provenance, digests, policy)?;
    if policy == Policy::Force {
        let policy = DriftPolicy::new(&repository.manifest, &clock::today());
        let watched = watched(&policy, &mut root);
        main.remove_foreign(&mut root, &watched, |foreign| {
            let key = layer_key(&foreign.path, &foreign.key);
            policy.is_exclusive(&key) && policy.ignoring(&key).is_none()
        });
    }
    let rendering = &personal.rendering;
    let mut own =
        Prepared::read(&mut root, LOCAL_LOCK_FILE, rendering, &of_person, digests, policy)?;
    if policy == Policy::Keep {
        main.merge_texts(|header| former::main(opened, header, env));
        own.merge_texts(|header| former::own(opened, header, env));
    }
    let (mut plan, mut own_plan) = (main.plan(), own.plan());
    // Where nothing is, or was, kept out of git, git is not looked at.
    let concerned =
        local || has_user || own.ledger().has_lock_or_pending() || main.ledger().lock.header.local;
    let git = if concerned { OutsideGit::find(&workspace.root)? } else { None };
    let mut warnings: Vec<Warning> =
        personal.unsaid.iter().map(|unsaid| warning(unsaid, &repository.sources)).collect();
    let mut listing = None;
    let warned = warnings.len();
    if let Some(git) = &git {
        if local {
            plan = git.spare_tracked(&mut main, plan)?;
        }
        own_plan = git.spare_tracked(&mut own, own_plan)?;
        warnings.extend(as_warnings(&mut own_plan));
        listing = Some(git.listing(local, &plan, &own_plan)?);
    }
    // The files of one person are guarded by that person's own hand: who drops a user layer wants them gone, and who changes the
    // mode has them elsewhere.
    own_plan.prune = None;
    let plans = [&plan, &own_plan];
    let stopped = !wish.allow_prune && plans.iter().any(|plan| plan.prune.is_some());
    let mut applied = SavedGeneration::default();
    if !wish.dry_run && !stopped {
        let backup = Backup {
            folder: generations::folder_for(&plans, &workspace.root, env),
            verb,
            target: None,
            date: clock::today(),
            // What a person wrote is overwritten only where it can be had back.
            required: policy == Policy::Force,
        };
        let outside = git.as_ref().zip(listing.as_ref());
        applied = reconcile::apply_all(&mut root, &plans, outside, &backup, digests)?;
    }
    let plan = plan.merge_for_display(own_plan);
    let mut left = left(&plan, &warnings);
    if stopped {
        left.extend(plan.prune.as_ref().map(|prune| format!("stopped: {prune}")));
    }
    if !wish.dry_run {
        // What git was asked may be another thing the next time.
        let same = plan.problems.is_empty() && warnings.len() == warned;
        // Whether texts can be merged depends on what is known of a former revision, too.
        let conflict = |line: &PlanLine| line.class == Class::Conflict && line.pointer.is_empty();
        let settled = same && !plan.lines.iter().any(conflict);
        // What was merged goes on to differ from the configuration, and is told as drift the next time only.
        let merged = plan.lines.iter().any(|line| line.class == Class::Merged);
        let all_told = repository.manifest.policy.exclusive.is_empty() && !merged;
        let paths = [main.paths(), own.paths()].concat();
        let others = git.iter().flat_map(OutsideGit::depends_on).collect();
        let saw = Saw { paths, others, left: left.clone(), all_told, settled };
        stamp::note(opened, workspace, &mut root, env, &saw);
        local::register(opened, workspace, env);
    }
    let origins = plan.lines.iter().map(|line| origin(&line.origin, &repository.sources)).collect();
    Ok(Synced {
        plan,
        stopped,
        applied,
        origins,
        repository: opened.name.clone(),
        revision: revision.to_owned(),
        scope,
        warnings,
        exclude: listing.and_then(|listing| listing.change),
        left,
    })
}

/// What a sync leaves as it is, line by line.
fn left(plan: &Plan, warnings: &[Warning]) -> Vec<String> {
    let kept = plan.lines.iter().filter(|line| line.sign == Sign::Keep).map(ToString::to_string);
    let problems =
        plan.problems.iter().map(|problem| format!("! {}  {}", problem.path, problem.message));
    let warnings = warnings.iter().map(|warning| {
        let entry = [" ", &warning.entry].concat();
        let entry = if warning.entry.is_empty() { "" } else { &entry };
        format!("warning: {}{entry}: {}", warning.path, warning.message)
    });
    kept.chain(problems).chain(warnings).collect()
}

fn warning(unsaid: &Unsaid, sources: &Sources) -> Warning {
    let place = unsaid.place.map(|place| sources.address(place));
    Warning {
        path: unsaid.path.clone(),
        entry: unsaid.entry.clone(),
        message: unsaid.message.clone(),
        help: unsaid.help.clone(),
        origin: place.or_else(|| unsaid.file.clone()).unwrap_or_default(),
    }
}

/// What git tracks of one person's files is no conflict of the workspace: the plan leaves it alone, and a warning says so.
fn as_warnings(plan: &mut Plan) -> Vec<Warning> {
    let (tracked, other) = std::mem::take(&mut plan.problems)
        .into_iter()
        .partition(|problem| problem.kind == ProblemKind::Tracked);
    plan.problems = other;
    let tracked: Vec<Problem> = tracked;
    tracked
        .into_iter()
        .map(|problem| Warning {
            path: problem.path.to_string(),
            entry: String::new(),
            message: format!(
                "the file {}: nothing of the user layer is written there",
                problem.message
            ),
            help: problem.help,
            origin: String::new(),
        })
        .collect()
}

/// Where the configuration has something, as text; empty where it has it no more.
pub fn origin(origin: &Origin, sources: &Sources) -> String {
    match origin {
        Origin::Nowhere => String::new(),
        Origin::Place(span) => sources.address(*span),
        Origin::Files(files) => files.join(", "),
    }
}
