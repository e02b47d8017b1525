//! Keeping files out of git: what is tracked is left alone, and what is rendered is listed in `info/exclude`.

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

/// Files of a run that is under way, in any folder.
const PASSING: [&str; 2] = [".claude-env*.pending", ".claude-env-tmp-*"];

/// The repository around a workspace.
#[derive(Debug)]
pub struct GitExclusion {
    root: PathBuf,
    exclude: Exclude,
}

/// What has to be listed, and what changes for that.
#[derive(Debug)]
pub struct ExcludeUpdate {
    wanted: Vec<String>,
    /// The change of git's exclude file; `None` when it stays the same.
    pub change: Option<ExcludeChange>,
}

impl GitExclusion {
    /// Finds the repository; `None` if there is none.
    pub fn find(root: &Path) -> Result<Option<Self>, Failure> {
        let place = git::discover(root)?;
        let exclude = place.as_ref().and_then(Exclude::of);
        Ok(exclude.map(|exclude| Self { root: root.to_owned(), exclude }))
    }

    /// What the listing depends on beside the plans.
    pub fn depends_on(&self) -> [PathBuf; 2] {
        self.exclude.depends_on()
    }

    /// The plan without what git tracks. Each such file is a problem of the plan; if git tracks the lock, nothing is left of
    /// it. Asks git only where there is something to do.
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

    /// Those of some paths that git tracks, each with why it is left alone.
    pub fn tracked(&self, paths: &BTreeSet<RepoPath>) -> Result<Vec<Problem>, Failure> {
        let tracked = git::tracked(&self.root, paths).map_err(|error| {
            Failure::io(format!("cannot tell which files git tracks: {error}"))
                .hint("claude-env leaves alone what git tracks, so it has to know")
        })?;
        let problem = |path: RepoPath| {
            let help = format!("`{}` takes it out of git and leaves the file", git::untrack(&path));
            let message = "is tracked by git, but must stay out of it".to_owned();
            Problem { path, line: None, message, help, kind: ProblemKind::Tracked }
        };
        Ok(tracked.into_iter().map(problem).collect())
    }

    /// What has to be listed once these plans are carried out: everything of the workspace if it is `local`, and the files of
    /// one person.
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
            wanted.extend(PASSING.map(str::to_owned));
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

    /// Lists what has to be listed. Comes before the files, so that git never shows them.
    pub fn apply(&self, update: &ExcludeUpdate) -> Result<(), Failure> {
        match update.change {
            None => Ok(()),
            Some(_) => self.exclude.apply(&update.wanted).map_err(Failure::from),
        }
    }

    /// Lists what was listed before.
    pub fn undo(&self, update: &ExcludeUpdate) -> Result<(), Failure> {
        match &update.change {
            None => Ok(()),
            Some(change) => self.exclude.apply(&change.listed).map_err(Failure::from),
        }
    }
}
