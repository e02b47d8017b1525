//! Applies a plan: files, locks and git's exclude file change together, or not at all.

use serde_json::Value as Json;

use crate::edge::env::Env;
use crate::edge::fs::{ApplyOutcome, Backup, Generations, Root, SavedGeneration};
use crate::ops::Failure;
use crate::ops::state::fingerprint::{FingerprintStore, Observed};
use crate::ops::state::generations;
use crate::ops::state::git_exclusion::{ExcludeUpdate, GitExclusion};
use crate::ops::state::plan::SyncPlan;
use crate::ops::state::registration::register;
use crate::ops::state::target::TargetState;
use claude_env_core::agent::claude_code::rule::discarded_settings;
use claude_env_core::agent::{Content, target as agent_target};
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Accepts, Class, DigestCache, Plan};

/// Applies a plan, then records the fingerprint of the workspace and registers it. A plan that is stopped changes no file.
///
/// `verb` is the command, for the list of generations. Fails when a file cannot be written; all files are restored then.
pub fn apply(
    plan: &SyncPlan,
    target: &TargetState<'_>,
    root: &mut Root,
    verb: &str,
    env: &Env,
) -> Result<SavedGeneration, Failure> {
    let TargetState { opened, workspace, .. } = target;
    let mut applied = SavedGeneration::default();
    if !plan.stopped {
        let plans = plan.plans();
        let backup = Backup {
            folder: generations::folder_for(&plans, &workspace.root, env),
            verb,
            target: None,
            date: target.today.clone(),
            required: plan.backup_required,
        };
        let exclusion = plan.exclusion.as_ref().map(|(git, update)| (git, update));
        let digests = &mut *opened.digests.lock();
        applied = apply_plans(root, &plans, exclusion, &backup, digests)?;
    }
    // A merged text still differs from the configuration, and is reported as drift from the next run on.
    let merged = plan.lines().any(|line| line.class == Class::Merged);
    let observed = Observed {
        paths: &plan.paths,
        other_paths: plan.depends_on(),
        left: plan.left(),
        all_reported: opened.repository.manifest.policy.exclusive.is_empty()
            && !merged
            && plan.behind == 0,
        cacheable: plan.is_repeatable,
    };
    if let Some(store) = FingerprintStore::find(&workspace.root, env) {
        store.record(opened, root, env, &observed);
    }
    register(opened, workspace, env);
    Ok(applied)
}

/// Applies the plans of a workspace together, with the change of git's exclude file.
///
/// Saves a generation of the files first. Fails when a file cannot be written, or when the agent would not accept a file that
/// people edit too; all files are restored then.
pub fn apply_plans(
    root: &mut Root,
    plans: &[&Plan],
    exclusion: Option<(&GitExclusion, &ExcludeUpdate)>,
    backup: &Backup<'_>,
    digests: &mut DigestCache,
) -> Result<SavedGeneration, Failure> {
    apply_checked(root, plans, exclusion, backup, digests, &accepts)
}

/// Applies plans as [`apply_plans`] does; `accepts` checks the files that were written.
fn apply_checked(
    root: &mut Root,
    plans: &[&Plan],
    exclusion: Option<(&GitExclusion, &ExcludeUpdate)>,
    backup: &Backup<'_>,
    digests: &mut DigestCache,
    accepts: Accepts<'_>,
) -> Result<SavedGeneration, Failure> {
    let list = |before: bool| match exclusion {
        Some((git, update)) if before => git.apply(update),
        Some((git, update)) => git.undo(update),
        None => Ok(()),
    };
    if plans.iter().all(|plan| plan.is_noop()) {
        list(true)?;
        return Ok(SavedGeneration::default());
    }
    let old = root.snapshot(plans, digests);
    let applied = match plans.iter().all(|plan| plan.changes.is_empty()) {
        true => SavedGeneration::default(),
        false => {
            let continued = plans.iter().any(|plan| plan.lock.leftover);
            root.save_generation(&old, continued, backup)?
        }
    };
    list(true)?;
    match root.apply(plans, Some((&old, accepts)))? {
        ApplyOutcome::Applied => Ok(applied),
        ApplyOutcome::RolledBack(error) => {
            list(false)?;
            if let (Some(folder), Some(number)) = (&backup.folder, applied.generation) {
                Generations::at(folder).forget(number)?;
            }
            Err(Failure::from(error).hint("run again; if it happens again, please report it"))
        }
    }
}

/// Checks that the agent accepts a file. Fails with the end of a sentence that says why not.
fn accepts(path: &RepoPath, document: &Json) -> Result<(), String> {
    match agent_target(path).map(|target| target.content) {
        Some(Content::Settings) => discarded_settings(document).map_or(Ok(()), Err),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
