//! Carrying a plan out: files, locks and git's excludes change together, or not at all.

use serde_json::Value as Json;

use crate::edge::env::Env;
use crate::edge::fs::{ApplyOutcome, Backup, Generations, Root, SavedGeneration};
use crate::ops::Failure;
use crate::ops::state::fingerprint::{self, Saw};
use crate::ops::state::generations;
use crate::ops::state::git_exclusion::{ExcludeUpdate, GitExclusion};
use crate::ops::state::plan::SyncPlan;
use crate::ops::state::registration::register;
use crate::ops::state::target::TargetState;
use claude_env_core::agent::claude_code::rule::discarded_settings;
use claude_env_core::agent::{Content, target as agent_target};
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Accepts, Class, DigestCache, Plan};

/// Carries a plan out, and notes what the workspace depends on now. A plan that is stopped changes no file.
///
/// `verb` is what people called it, for the list of generations. Fails, with all put back, when a file cannot be written.
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
    // What was merged goes on to differ from the configuration, and is told as drift the next time only.
    let merged = plan.lines().any(|line| line.class == Class::Merged);
    let saw = Saw {
        paths: &plan.paths,
        others: plan.depends_on(),
        left: plan.left(),
        all_told: opened.repository.manifest.policy.exclusive.is_empty()
            && !merged
            && plan.behind == 0,
        settled: plan.is_repeatable,
    };
    fingerprint::note(opened, workspace, root, env, &saw);
    register(opened, workspace, env);
    Ok(applied)
}

/// Carries the plans of a workspace out together, with what git is not to see.
///
/// What they are about to change is put away first. If what people write too does not read back as it was written, everything is
/// put back, and that is a failure.
pub fn apply_plans(
    root: &mut Root,
    plans: &[&Plan],
    exclusion: Option<(&GitExclusion, &ExcludeUpdate)>,
    backup: &Backup<'_>,
    digests: &mut DigestCache,
) -> Result<SavedGeneration, Failure> {
    apply_checked(root, plans, exclusion, backup, digests, &accepts)
}

/// The same where this says whether a file is taken.
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

/// Whether Claude Code takes a file; why not, as the end of a sentence.
fn accepts(path: &RepoPath, document: &Json) -> Result<(), String> {
    match agent_target(path).map(|target| target.content) {
        Some(Content::Settings) => discarded_settings(document).map_or(Ok(()), Err),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
