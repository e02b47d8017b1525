//! `rollback`: bring the workspace back to what it was before an apply. Needs no config repository.

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

/// What a rollback did, or would do.
#[derive(Debug)]
pub struct RolledBack {
    /// The changes of files.
    pub plan: Plan,
    /// The first generation that was taken back.
    pub number: u64,
    /// The generation that was saved before the rollback.
    pub applied: SavedGeneration,
    /// What happens to the list of files that git does not show.
    pub exclude: Option<ExcludeChange>,
}

impl RolledBack {
    /// Whether there is nothing to write.
    pub fn is_noop(&self) -> bool {
        self.plan.is_noop() && self.exclude.is_none()
    }
}

/// Returns the generations of a workspace, by number.
pub fn list(root: &Path, env: &Env) -> Result<Vec<Generation>, Failure> {
    match generations::folder(root, env) {
        Some(folder) => Generations::at(folder).all().map_err(Failure::from),
        None => Ok(Vec::new()),
    }
}

/// Brings a workspace back to what it was before the apply of a generation, by default the last one.
pub fn rollback(
    path: &Path,
    env: &Env,
    number: Option<u64>,
    policy: Policy,
    dry_run: bool,
) -> Result<RolledBack, Failure> {
    let folder = generations::folder(path, env);
    let mut root = Root::new(path);
    let _alone = if dry_run { None } else { generations::alone(&root, env, None)? };
    let all = match &folder {
        Some(folder) => Generations::at(folder).all()?,
        None => Vec::new(),
    };
    let Some(last) = all.last() else {
        return Err(Failure::usage("there is nothing to go back to: no generation is kept here")
            .hint("each `claude-env sync` that changes a file keeps one"));
    };
    let ledger = |file| lock_state(&root, file, Lock::default);
    let ledgers = [ledger(LOCK_FILE)?, ledger(LOCAL_LOCK_FILE)?];
    let number = number.unwrap_or(match last.target {
        // It was interrupted: going on is what is meant.
        Some(target) if ledgers.iter().any(|ledger| ledger.pending.is_some()) => target,
        _ => last.number,
    });
    let past = Past::before(number, &all).ok_or_else(|| {
        Failure::usage(format!("there is no generation {number}"))
            .hint("`claude-env rollback --list` shows those that are kept")
    })?;
    let back = Back { root: &mut root, past: &past, policy };
    let Way { plans, outside } = back.plan(&ledgers, path)?;
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
        let update = outside.as_ref().map(|(git, update)| (git, update));
        let digests = &mut DigestCache::default();
        applied = apply_plans(&mut root, &plans, update, &backup, digests)?;
        // What was there until now is what a hook would bring again.
        if plans.iter().any(|plan| !plan.changes.is_empty())
            && let Some(store) = FingerprintStore::find(path, env)
        {
            let [shared, _] = &ledgers;
            store.hold_revision(&shared.applied.header.revision);
        }
    }
    let plan = plans.into_iter().cloned().reduce(Plan::merge_for_display).unwrap_or_default();
    let exclude = outside.and_then(|(_, update)| update.change);
    Ok(RolledBack { plan, number: past.number, applied, exclude })
}

/// The way back, before it is planned.
struct Back<'b> {
    root: &'b mut Root,
    past: &'b Past,
    policy: Policy,
}

/// One plan for each lock, and what git is not to see after them.
struct Way {
    plans: [Plan; 2],
    outside: Option<(GitExclusion, ExcludeUpdate)>,
}

impl Back<'_> {
    fn plan(self, ledgers: &[LockState; 2], path: &Path) -> Result<Way, Failure> {
        let was = |ledger: &LockState| {
            let text = self.past.lock(ledger.file()).and_then(|past| past.text());
            text.map(|text| Lock::parse(ledger.file(), text)).transpose()
        };
        let [main, own] = ledgers;
        let (was_main, was_own) = (was(main)?, was(own)?);
        let local = was_main.as_ref().is_some_and(|lock| lock.header.local);
        let concerned =
            local || main.applied.header.local || was_own.is_some() || own.has_lock_or_pending();
        let git = match GitExclusion::find(path) {
            Err(error) if concerned => return Err(error),
            found => found.ok().flatten(),
        };
        let root = self.root;
        let mut one = |ledger: &LockState, outside: bool| -> Result<Plan, Failure> {
            let Some(past) = self.past.lock(ledger.file()) else {
                return Ok(Plan::noop(ledger));
            };
            let paths = past.paths(ledger);
            let mut actual = root.read_all(paths.iter().cloned());
            if let Some(git) = git.as_ref().filter(|_| outside && !paths.is_empty()) {
                let lock = RepoPath::parse(ledger.file()).ok();
                let all = paths.into_iter().chain(lock.clone()).collect();
                for problem in git.tracked(&all)? {
                    if lock.as_ref() == Some(&problem.path) {
                        return Ok(Plan::noop(ledger).without_lock(problem));
                    }
                    actual.refuse(problem);
                }
            }
            roll_back(past, ledger, &actual, self.policy).map_err(Failure::from)
        };
        let plans = [one(main, local || main.applied.header.local)?, one(own, true)?];
        // What an interrupted sync listed may be all that it did.
        let update = match git.as_ref().map(|git| git.update(local, &plans[0], &plans[1])) {
            Some(Err(error)) if concerned => return Err(error),
            update => update.and_then(Result::ok),
        };
        Ok(Way { plans, outside: git.zip(update) })
    }
}
