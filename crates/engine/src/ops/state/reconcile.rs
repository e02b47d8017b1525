//! Bringing a folder to a rendering: what `sync`, `init` and `render` share.

use std::path::Path;

use serde_json::Value as Json;

use crate::edge::fs::{ApplyOutcome, Backup, Generations, Root, SavedGeneration};
use crate::ops::Failure;
use crate::ops::state::git_exclusion::{Listing, OutsideGit};
use claude_env_core::agent::claude_code::rule::discarded_settings;
use claude_env_core::agent::{Content, target};
use claude_env_core::layer::Scope;
use claude_env_core::render::Rendering;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{
    Accepts, Actual, Comparison, Desired, DesiredFile, DigestCache, Foreign, Header, LOCK_FILE,
    Lock, LockState, PENDING_SUFFIX, Plan, Policy, Problem, Side, changes_text, compare, foreign,
    is_up_to_date, paths,
};

/// Where a rendering comes from, for the lock.
#[derive(Clone, Debug)]
pub struct Provenance<'a> {
    /// The config repository as the binding names it.
    pub repository: &'a str,
    /// The commit that was read; empty for a folder as it stands.
    pub revision: &'a str,
    pub scope: &'a Scope,
    /// Whether the files are kept out of git.
    pub local: bool,
}

/// A rendering beside what a folder has and what was written there last: all that a plan is made of.
#[derive(Debug)]
pub struct Prepared<'r> {
    desired: Desired<'r>,
    ledger: LockState,
    actual: Actual,
    header: Header,
    policy: Policy,
    /// What is not ours, and goes; and what could not be looked at for that.
    foreign: Vec<Foreign>,
    unknown: Vec<Problem>,
    /// What was rendered last, for merging.
    base: Option<Rendering>,
}

impl<'r> Prepared<'r> {
    /// Reads what a plan is made of. `file` is the name of the lock, `policy` whose side the plan takes.
    pub fn read(
        root: &mut Root,
        file: &str,
        rendering: &'r Rendering,
        provenance: &Provenance<'_>,
        digests: &mut DigestCache,
        policy: Policy,
    ) -> Result<Self, Failure> {
        let desired = Desired::new(rendering, digests);
        let header = header(provenance);
        let ledger = ledger(root, file, || Lock::of(header.clone(), &desired))?;
        Ok(Self::beside(root, desired, ledger, header, policy))
    }

    fn beside(
        root: &mut Root,
        desired: Desired<'r>,
        ledger: LockState,
        header: Header,
        policy: Policy,
    ) -> Self {
        let actual = root.read_all(paths(&desired, &ledger));
        let (foreign, unknown) = (Vec::new(), Vec::new());
        Self { desired, ledger, actual, header, policy, foreign, unknown, base: None }
    }

    /// Has the plan remove what is foreign at some paths, where `goes` says so.
    pub fn remove_foreign(
        &mut self,
        root: &mut Root,
        watched: &[RepoPath],
        goes: impl Fn(&Foreign) -> bool,
    ) {
        let known = self.paths();
        let unread = watched.iter().filter(|path| known.binary_search(path).is_err());
        self.actual.add(root.read_all(unread.cloned()));
        for found in foreign(&self.desired, &self.ledger, &self.actual, watched) {
            match found {
                Ok(entry) => self.foreign.extend(Some(entry).filter(&goes)),
                Err(problem) => self.unknown.push(problem),
            }
        }
    }

    /// Has the plan merge texts that both sides changed. `former` renders again what a lock says was rendered last; it is asked
    /// only if there is such a text.
    pub fn merge_texts(&mut self, former: impl FnOnce(&Header) -> Option<Rendering>) {
        if changes_text(&self.desired, &self.ledger)
            && self.comparison().is_some_and(|comparison| comparison.has_text_in_conflict())
        {
            self.base = former(&self.ledger.lock.header);
        }
    }

    /// How all compares; `None` if nothing has to be looked at.
    fn comparison(&self) -> Option<Comparison<'r>> {
        let stays = self.foreign.is_empty() && self.unknown.is_empty();
        let is_there = |file: &DesiredFile<'_>| file.is_pristine(self.actual.get(&file.file.path));
        if stays && is_up_to_date(&self.desired, &self.ledger, is_there) {
            return None;
        }
        let mut comparison = compare(&self.desired, &self.ledger, &self.actual, self.policy);
        if let Some(base) = &self.base {
            comparison.merge_texts(base, &self.actual);
        }
        comparison.add_foreign(&self.foreign, &self.unknown);
        Some(comparison)
    }

    /// What was written last.
    pub fn ledger(&self) -> &LockState {
        &self.ledger
    }

    /// Every path that a plan is about, sorted.
    pub fn paths(&self) -> Vec<RepoPath> {
        let mut all = paths(&self.desired, &self.ledger);
        all.extend(self.foreign.iter().map(|entry| entry.path.clone()));
        all.sort();
        all.dedup();
        all
    }

    /// Marks a file as not to be changed, with the reason.
    pub fn refuse(&mut self, problem: Problem) {
        self.foreign.retain(|entry| entry.path != problem.path);
        self.actual.refuse(problem);
    }

    /// The plan.
    pub fn plan(&self) -> Plan {
        let Some(comparison) = self.comparison() else { return Plan::noop(&self.ledger) };
        Plan::new(&self.desired, &self.ledger, &self.actual, comparison, self.header.clone())
    }
}

/// Plans how to bring a folder to a rendering. Reads, and writes nothing.
pub fn plan(
    root: &mut Root,
    rendering: &Rendering,
    provenance: &Provenance<'_>,
    digests: &mut DigestCache,
) -> Result<Plan, Failure> {
    let desired = Desired::new(rendering, digests);
    let header = header(provenance);
    let ledger = ledger(root, LOCK_FILE, || Lock::of(header.clone(), &desired))?;
    // One file at a time: where all is there already, no more than one is ever held.
    if is_up_to_date(&desired, &ledger, |file| file.is_pristine(&root.read(&file.file.path))) {
        return Ok(Plan::noop(&ledger));
    }
    Ok(Prepared::beside(root, desired, ledger, header, Policy::Keep).plan())
}

/// Compares a folder with a rendering, and looks for what is foreign at the paths of `watched`. Writes nothing.
///
/// `file` is the name of the lock.
pub fn side<'r>(
    root: &mut Root,
    file: &str,
    rendering: &'r Rendering,
    provenance: &Provenance<'_>,
    digests: &mut DigestCache,
    watched: &[RepoPath],
) -> Result<Side<'r>, Failure> {
    let desired = Desired::new(rendering, digests);
    let ledger = ledger(root, file, || Lock::of(header(provenance), &desired))?;
    Ok(Side::new(desired, ledger, watched, |paths| root.read_all(paths)))
}

/// Reads a lock, and what an interrupted run left beside it. `expected` is as in [`LockState::read`].
pub fn ledger(
    root: &Root,
    file: &str,
    expected: impl FnOnce() -> Lock,
) -> Result<LockState, Failure> {
    let lock = root.read_own(file)?;
    let pending = root.read_own(&format!("{file}{PENDING_SUFFIX}"))?;
    LockState::read(file, lock.as_deref(), pending.as_deref(), expected).map_err(Failure::from)
}

/// The commit that was rendered last, by the lock of a workspace.
pub fn locked_commit(workspace: &Path) -> Result<String, Failure> {
    let commit = match Root::new(workspace).read_own(LOCK_FILE)? {
        None => String::new(),
        Some(text) => {
            let lock = Lock::parse(LOCK_FILE, &String::from_utf8_lossy(&text));
            lock?.header.revision
        }
    };
    // What a commit's id is not might be read as a branch, which moves.
    let is_id =
        matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        return Ok(commit);
    }
    Err(Failure::usage(format!("{LOCK_FILE} demands no commit"))
        .hint("sync once without `--frozen`, from a config repository in git at a `ref`, and commit the lock"))
}

/// Carries a plan out in a folder that can be rendered again at any time: nothing is put away, and nothing read back.
pub fn apply(root: &mut Root, plan: &Plan) -> Result<(), Failure> {
    if !plan.is_noop() {
        root.apply(&[plan], None)?;
    }
    Ok(())
}

/// Carries the plans of a workspace out together, with what git is not to see.
///
/// What they are about to change is put away first. If what people write too does not read back as it was written, everything is
/// put back, and that is a failure.
pub fn apply_all(
    root: &mut Root,
    plans: &[&Plan],
    outside: Option<(&OutsideGit, &Listing)>,
    backup: &Backup<'_>,
    digests: &mut DigestCache,
) -> Result<SavedGeneration, Failure> {
    apply_checked(root, plans, outside, backup, digests, &accepts)
}

/// The same where this says whether a file is taken.
fn apply_checked(
    root: &mut Root,
    plans: &[&Plan],
    outside: Option<(&OutsideGit, &Listing)>,
    backup: &Backup<'_>,
    digests: &mut DigestCache,
    accepts: Accepts<'_>,
) -> Result<SavedGeneration, Failure> {
    let list = |before: bool| match outside {
        Some((git, listing)) if before => git.apply(listing),
        Some((git, listing)) => git.take_back(listing),
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
    match target(path).map(|target| target.content) {
        Some(Content::Settings) => discarded_settings(document).map_or(Ok(()), Err),
        _ => Ok(()),
    }
}

/// What the lock says about a rendering.
pub fn header(provenance: &Provenance<'_>) -> Header {
    let scope = provenance.scope;
    let parts = [
        ("team", &scope.team),
        ("project", &scope.project),
        ("user", &scope.user),
        ("environment", &scope.environment),
    ];
    let named = parts.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?)));
    Header {
        repository: provenance.repository.to_owned(),
        revision: provenance.revision.to_owned(),
        scope: named.map(|(key, name)| (key.to_owned(), name.to_string())).collect(),
        local: provenance.local,
    }
}

#[cfg(test)]
mod tests;
