//! Keeps files out of git: lists them in `info/exclude`, and never writes those that git tracks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::edge::git::{self, Exclude, ExcludeChange};
use crate::ops::Failure;
use claude_env_core::agent::personal_files;
use claude_env_core::layer::BINDING_FILE;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{
    Header, LOCAL_LOCK_FILE, LOCK_FILE, Plan, Problem, ProblemKind, Side,
};

/// Patterns of the files that exist only while a sync runs, in any folder.
const TEMPORARY: [&str; 2] = [".claude-env*.pending", ".claude-env-tmp-*"];

/// The repository around a workspace.
#[derive(Debug)]
pub struct GitExclusion {
    root: PathBuf,
    exclude: Exclude,
}

/// The patterns that have to be listed, and the change that this takes.
#[derive(Debug)]
pub struct ExcludeUpdate {
    wanted: Vec<String>,
    /// The change of git's exclude file; `None` when it stays the same.
    pub change: Option<ExcludeChange>,
}

impl GitExclusion {
    /// Finds the repository; `None` when there is none. Fails when its directories cannot be read.
    pub fn find(root: &Path) -> Result<Option<Self>, Failure> {
        let place = git::discover(root)?;
        let exclude = place.as_ref().and_then(Exclude::of);
        Ok(exclude.map(|exclude| Self { root: root.to_owned(), exclude }))
    }

    /// Returns the paths that the exclude file depends on, beside the plans.
    pub fn depends_on(&self) -> [PathBuf; 2] {
        self.exclude.depends_on()
    }

    /// Removes files that git tracks from a plan, and turns each into a problem of the plan. If git tracks the lock, the plan
    /// loses all changes.
    ///
    /// Runs git only when the plan changes something. Fails when git fails.
    pub fn spare_tracked(
        &self,
        side: &mut Side<'_>,
        header: &Header,
        plan: Plan,
    ) -> Result<Plan, Failure> {
        let lock = RepoPath::parse(&plan.lock.file).ok();
        if plan.is_noop() {
            return Ok(plan);
        }
        let paths: BTreeSet<RepoPath> = side.paths().into_iter().chain(lock.clone()).collect();
        let tracked = self.tracked(&paths)?;
        if tracked.is_empty() {
            return Ok(plan);
        }
        side.refuse(&tracked);
        let plan = side.plan(header.clone());
        match tracked.into_iter().find(|problem| Some(&problem.path) == lock.as_ref()) {
            Some(problem) => Ok(plan.without_lock(problem)),
            None => Ok(plan),
        }
    }

    /// Returns those of some paths that git tracks, as problems. Fails when git fails.
    pub fn tracked(&self, paths: &BTreeSet<RepoPath>) -> Result<Vec<Problem>, Failure> {
        let tracked = git::tracked(&self.root, paths).map_err(|error| {
            Failure::io(format!("cannot tell which files git tracks: {error}"))
                .hint("claude-env does not write files that git tracks, so it has to know them")
        })?;
        let problem = |path: RepoPath| {
            let help = format!("`{}` takes it out of git and leaves the file", git::untrack(&path));
            let message = "is tracked by git, but must stay out of it".to_owned();
            Problem { path, line: None, message, help, kind: ProblemKind::Tracked }
        };
        Ok(tracked.into_iter().map(problem).collect())
    }

    /// Plans the exclude file for the time after these plans: all rendered files when the workspace is `local`, and the
    /// personal files. Fails when the file cannot be read, or its markers do not match.
    pub fn update(
        &self,
        local: bool,
        shared: &Plan,
        personal: &Plan,
    ) -> Result<ExcludeUpdate, Failure> {
        let section = self.exclude.section();
        let mut wanted = Vec::new();
        if local && !shared.lock.remove_when_empty && !shared.lock.file.is_empty() {
            wanted.extend([BINDING_FILE, LOCK_FILE].map(|file| section.pattern(file)));
            wanted.extend(shared.lock.files.iter().map(|path| section.pattern_of(path)));
        }
        if !personal.lock.remove_when_empty && !personal.lock.file.is_empty() {
            let files = [LOCAL_LOCK_FILE].into_iter().chain(personal_files());
            wanted.extend(files.map(|file| section.pattern(file)));
        }
        if !wanted.is_empty() {
            wanted.extend(TEMPORARY.map(str::to_owned));
        }
        let mut change = self.exclude.plan(&wanted)?;
        if let Some(change) = &mut change
            && let Ok(root) = std::fs::canonicalize(&self.root)
            && let Ok(inside) = change.path.strip_prefix(root)
        {
            change.path = inside.to_owned();
        }
        Ok(ExcludeUpdate { wanted, change })
    }

    /// Writes the exclude file. Call this before the files are written, so that git never shows them.
    pub fn apply(&self, update: &ExcludeUpdate) -> Result<(), Failure> {
        match update.change {
            None => Ok(()),
            Some(_) => Ok(self.exclude.apply(&update.wanted)?),
        }
    }

    /// Restores the exclude file.
    pub fn undo(&self, update: &ExcludeUpdate) -> Result<(), Failure> {
        match &update.change {
            None => Ok(()),
            Some(change) => Ok(self.exclude.apply(&change.listed)?),
        }
    }
}
