//! `hooks`: installs, removes and reports git hooks in a workspace or a clone of a config repository.

use std::path::{Path, PathBuf};

use super::Failure;
use crate::edge::env::Env;
use crate::edge::git::{self, Hooks};
use claude_env_core::git::hooks::{
    self as git_hooks, Event, Hook, HookForm, HookSnapshot, HookStep, HooksRefusal,
};
use claude_env_core::layer::{BINDING_FILE, MANIFEST_FILE};

/// The result of `hooks install` or `hooks uninstall`, or of its dry run.
#[derive(Debug)]
pub struct Changed {
    /// The steps, in the order in which they are carried out.
    pub steps: Vec<HookStep>,
    /// What a person should know about other hooks, one line each.
    pub warnings: Vec<String>,
    /// The state of the hooks afterwards.
    pub report: Report,
}

/// The state of the hooks of a repository.
#[derive(Debug)]
pub struct Report {
    /// The folder of hooks, as shown to people.
    pub folder: String,
    /// The hooks, one for each event.
    pub hooks: Vec<Hook>,
}

impl Report {
    /// Returns true when git runs every expected hook.
    pub fn is_complete(&self) -> bool {
        self.hooks.iter().all(Hook::is_installed)
    }
}

/// Installs hooks: in git's configuration when this git supports that, unless `files` is set.
///
/// Fails outside of a workspace or config repository, and when other hooks are in the way.
pub fn install(start: &Path, env: &Env, files: bool, dry_run: bool) -> Result<Changed, Failure> {
    let repository = Repository::around(start)?;
    if repository.events.is_empty() {
        return Err(Failure::usage(format!(
            "`{}` is neither a workspace nor a config repository: no {BINDING_FILE} or {MANIFEST_FILE}",
            repository.top.display()
        ))
        .hint("bind it first: `claude-env init --source REPO` installs the hooks too"));
    }
    repository.install(env, files, dry_run)
}

/// Installs hooks for a folder that becomes a workspace; `None` when it is not in a git work tree.
///
/// Fails when other hooks are in the way.
pub fn install_for(workspace: &Path, env: &Env, dry_run: bool) -> Result<Option<Changed>, Failure> {
    let Some(mut repository) = Repository::find(workspace)? else { return Ok(None) };
    if repository.events.is_empty() {
        repository.events.extend(Event::WORKSPACE);
    }
    repository.install(env, false, dry_run).map(Some)
}

/// Uninstalls the hooks, and restores the ones before them. Fails outside of a git work tree.
pub fn uninstall(start: &Path, dry_run: bool) -> Result<Changed, Failure> {
    Repository::around(start)?.change(dry_run, |seen| Ok(git_hooks::uninstall(seen)))
}

/// Returns the state of the expected hooks in the repository around a folder; `None` outside of a git work tree.
///
/// Fails when git fails.
pub fn report(start: &Path) -> Result<Option<Report>, Failure> {
    match Repository::find(start)? {
        None => Ok(None),
        Some(repository) => {
            let seen = repository.hooks.look()?;
            Ok(Some(repository.report(&seen)))
        }
    }
}

/// Returns the state of the expected hooks, for `hooks status`. Fails outside of a git work tree.
pub fn status(start: &Path) -> Result<Report, Failure> {
    let repository = Repository::around(start)?;
    let seen = repository.hooks.look()?;
    Ok(repository.report(&seen))
}

/// A repository with a work tree, and the events that it should have hooks for.
struct Repository {
    top: PathBuf,
    hooks: Hooks,
    events: Vec<Event>,
}

impl Repository {
    fn find(start: &Path) -> Result<Option<Self>, Failure> {
        let place = git::discover(start)?;
        let Some(place) = place else { return Ok(None) };
        let (Some(top), Some(hooks)) = (place.work_tree.clone(), Hooks::of(&place)) else {
            return Ok(None);
        };
        let is_config = top.join(MANIFEST_FILE).is_file();
        let below = top.join(&place.prefix);
        let mut between = below.ancestors().take_while(|folder| folder.starts_with(&top));
        let is_bound = between.any(|folder| folder.join(BINDING_FILE).is_file());
        let mut events = Vec::new();
        if is_config || is_bound {
            events.extend(Event::WORKSPACE);
        }
        if is_config {
            events.push(Event::PreCommit);
        }
        Ok(Some(Self { top, hooks, events }))
    }

    fn around(start: &Path) -> Result<Self, Failure> {
        match Self::find(start)? {
            Some(found) => Ok(found),
            None if matches!(git::discover(start), Ok(Some(_))) => Err(Failure::usage(format!(
                "`{}` has no work tree: hooks run in one",
                start.display()
            ))
            .hint(
                "go to a clone or a work tree of it; a bare repository has nothing to render into",
            )),
            None => Err(Failure::usage(format!("`{}` is in no git repository", start.display()))
                .hint("there are hooks in git repositories only: `git init` makes one")),
        }
    }

    fn report(&self, seen: &HookSnapshot) -> Report {
        Report { folder: seen.shown.clone(), hooks: git_hooks::hooks(seen, &self.events) }
    }

    fn install(&self, env: &Env, files: bool, dry_run: bool) -> Result<Changed, Failure> {
        let program = program(env)?;
        self.change(dry_run, |seen| {
            let by_config = seen.version.has_configured_hooks() && !files;
            let form = if by_config { HookForm::Config } else { HookForm::File };
            let events = self.events.clone();
            git_hooks::install(seen, &git_hooks::InstallOptions { events, form, program })
        })
    }

    fn change(
        &self,
        dry_run: bool,
        plan: impl FnOnce(&HookSnapshot) -> Result<git_hooks::HooksPlan, HooksRefusal>,
    ) -> Result<Changed, Failure> {
        // Two runs at once would each take the other's hooks for foreign ones.
        let _alone = if dry_run { None } else { self.hooks.lock() };
        let seen = self.hooks.look()?;
        let plan = plan(&seen)?;
        let mut report = self.report(&seen);
        if !dry_run && !plan.steps.is_empty() {
            for step in &plan.steps {
                self.hooks.apply(step)?;
            }
            report = self.report(&self.hooks.look()?);
        }
        if !dry_run {
            self.hooks.link_kept()?;
        }
        Ok(Changed { steps: plan.steps, warnings: plan.warnings, report })
    }
}

/// Returns the path of the program for hooks. Fails when it cannot be written into a hook.
fn program(env: &Env) -> Result<String, Failure> {
    let path = env
        .program()
        .map_err(|error| Failure::io(format!("cannot tell where claude-env itself is: {error}")))?;
    match path.to_str() {
        Some(text) if !text.contains(char::is_control) => Ok(text.to_owned()),
        _ => Err(Failure::usage(format!(
            "`{}` has a name that cannot be written into a hook",
            path.display()
        ))
        .hint("install claude-env in a folder whose name is plain text")),
    }
}
