//! `rollback`: restores a workspace as it was before an apply. Needs no config repository.

use std::path::Path;

use super::Failure;
use crate::edge::clock;
use crate::edge::env::Env;
use crate::edge::fs::{Backup, Generations, Root, SavedGeneration};
use crate::edge::git::ExcludeChange;
use crate::ops::state::apply::apply_plans;
use crate::ops::state::fingerprint::FingerprintStore;
use crate::ops::state::generations;
use crate::ops::state::git_exclusion::{ExcludeUpdate, GitExclusion};
use crate::ops::state::target::lock_state;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{
    DigestCache, Generation, LOCAL_LOCK_FILE, LOCK_FILE, Lock, LockState, Past, Plan, Policy,
    roll_back,
};

/// The result of a rollback, or of its dry run.
#[derive(Debug)]
pub struct RolledBack {
    /// The changes of files.
    pub plan: Plan,
    /// The number of the oldest generation that was rolled back.
    pub number: u64,
    /// The generation that was saved before the rollback.
    pub applied: SavedGeneration,
    /// The change of git's exclude file.
    pub exclude: Option<ExcludeChange>,
}

impl RolledBack {
    /// Returns true when there is nothing to write.
    pub fn is_noop(&self) -> bool {
        self.plan.is_noop() && self.exclude.is_none()
    }
}

/// Returns the generations of a workspace, by number. Fails when they cannot be read.
pub fn list(root: &Path, env: &Env) -> Result<Vec<Generation>, Failure> {
    match generations::folder(root, env) {
        Some(folder) => Ok(Generations::at(folder).all()?),
        None => Ok(Vec::new()),
    }
}

/// Restores a workspace as it was before the apply of a generation, by default the last one.
///
/// Fails when there is no such generation, or a file cannot be written.
pub fn rollback(
    path: &Path,
    env: &Env,
    number: Option<u64>,
    policy: Policy,
    dry_run: bool,
) -> Result<RolledBack, Failure> {
    let folder = generations::folder(path, env);
    let mut root = Root::new(path);
    let _lock = if dry_run { None } else { generations::lock(&root, env, None)? };
    let all = match &folder {
        Some(folder) => Generations::at(folder).all()?,
        None => Vec::new(),
    };
    let Some(last) = all.last() else {
        return Err(Failure::usage("there is nothing to go back to: no generation is kept here")
            .hint("each `claude-env sync` that changes a file keeps one"));
    };
    let lock = |file| lock_state(&root, file, Lock::default);
    let locks = Locks { shared: lock(LOCK_FILE)?, personal: lock(LOCAL_LOCK_FILE)? };
    let number = number.unwrap_or(match last.target {
        // The last rollback was interrupted: complete it.
        Some(target) if locks.is_pending() => target,
        _ => last.number,
    });
    let past = Past::before(number, &all).ok_or_else(|| {
        Failure::usage(format!("there is no generation {number}"))
            .hint("`claude-env rollback --list` shows those that are kept")
    })?;
    let planner = Planner { root: &mut root, past: &past, policy };
    let RollbackPlan { plans, exclusion } = planner.plan(&locks, path)?;
    let plans: Vec<&Plan> = plans.iter().collect();
    let mut applied = SavedGeneration::default();
    if !dry_run {
        let backup = Backup {
            folder: folder.filter(|_| plans.iter().any(|plan| !plan.changes.is_empty())),
            verb: "rollback",
            target: Some(past.number),
            date: clock::today(),
            required: true,
        };
        let update = exclusion.as_ref().map(|(git, update)| (git, update));
        let digests = &mut DigestCache::default();
        applied = apply_plans(&mut root, &plans, update, &backup, digests)?;
        // A hook would apply again what was rolled back.
        if plans.iter().any(|plan| !plan.changes.is_empty())
            && let Some(store) = FingerprintStore::find(path, env)
        {
            store.hold_revision(&locks.shared.applied.header.revision);
        }
    }
    let plan = plans.into_iter().cloned().reduce(Plan::merge_for_display).unwrap_or_default();
    let exclude = exclusion.and_then(|(_, update)| update.change);
    Ok(RolledBack { plan, number: past.number, applied, exclude })
}

/// The locks of a workspace.
struct Locks {
    shared: LockState,
    personal: LockState,
}

impl Locks {
    /// Returns true when a run was interrupted.
    fn is_pending(&self) -> bool {
        self.shared.pending.is_some() || self.personal.pending.is_some()
    }
}

/// Plans a rollback.
struct Planner<'b> {
    root: &'b mut Root,
    past: &'b Past,
    policy: Policy,
}

/// The plans of a rollback: for the shared and the personal files, and for git's exclude file.
struct RollbackPlan {
    plans: [Plan; 2],
    exclusion: Option<(GitExclusion, ExcludeUpdate)>,
}

impl Planner<'_> {
    /// Plans the rollback of the workspace at `path`. Fails when a lock is not valid, or git fails.
    fn plan(mut self, locks: &Locks, path: &Path) -> Result<RollbackPlan, Failure> {
        let Locks { shared, personal } = locks;
        let (shared_before, personal_before) = (self.earlier(shared)?, self.earlier(personal)?);
        let local = shared_before.as_ref().is_some_and(|lock| lock.header.local);
        let concerned = local
            || shared.applied.header.local
            || personal_before.is_some()
            || personal.has_lock_or_pending();
        let git = match GitExclusion::find(path) {
            Err(error) if concerned => return Err(error),
            found => found.ok().flatten(),
        };
        let shared_excluded = local || shared.applied.header.local;
        let plans = [
            self.plan_lock(shared, git.as_ref().filter(|_| shared_excluded))?,
            self.plan_lock(personal, git.as_ref())?,
        ];
        // An interrupted sync may have changed nothing but the exclude file.
        let update = match git.as_ref().map(|git| git.update(local, &plans[0], &plans[1])) {
            Some(Err(error)) if concerned => return Err(error),
            update => update.and_then(Result::ok),
        };
        Ok(RollbackPlan { plans, exclusion: git.zip(update) })
    }

    /// Returns the lock before the generation; `None` when there was none. Fails when it is not valid.
    fn earlier(&self, lock: &LockState) -> Result<Option<Lock>, Failure> {
        let text = self.past.lock(lock.file()).and_then(|earlier| earlier.text());
        Ok(text.map(|text| Lock::parse(lock.file(), text)).transpose()?)
    }

    /// Plans the files of one lock. `git` is given for files that must stay out of git: those that it tracks are not changed.
    fn plan_lock(&mut self, lock: &LockState, git: Option<&GitExclusion>) -> Result<Plan, Failure> {
        let Some(earlier) = self.past.lock(lock.file()) else {
            return Ok(Plan::noop(lock));
        };
        let paths = earlier.paths(lock);
        let mut actual = self.root.read_all(paths.iter().cloned());
        if let Some(git) = git.filter(|_| !paths.is_empty()) {
            let lock_path = RepoPath::parse(lock.file()).ok();
            let all = paths.into_iter().chain(lock_path.clone()).collect();
            for problem in git.tracked(&all)? {
                if lock_path.as_ref() == Some(&problem.path) {
                    return Ok(Plan::noop(lock).without_lock(problem));
                }
                actual.refuse(problem);
            }
        }
        Ok(roll_back(earlier, lock, &actual, self.policy)?)
    }
}
