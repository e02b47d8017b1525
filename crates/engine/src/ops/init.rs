//! `init`: binds a workspace to a config repository, and syncs it for the first time.

use std::path::{Component, Path, PathBuf};

use super::Failure;
use super::hooks::{self, Changed};
use super::notice::Notice;
use super::sync::{SyncOptions, Synced, sync_after};
use crate::edge::env::Env;
use crate::edge::mirror::Address;
use crate::edge::{fs, git};
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, Workspace, read_workspace};
use claude_env_core::layer::{BINDING_FILE, Binding, MANIFEST_FILE, Mode, Scope, ScopeName};

/// The options of `init`.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// `--source`: the config repository, as a path or an address.
    pub source: Option<PathBuf>,
    /// `--ref`: the branch, tag or commit to follow.
    pub reference: Option<String>,
    /// `--mode`.
    pub mode: Mode,
    /// Whether git hooks are installed.
    pub hooks: bool,
    /// Plan only.
    pub dry_run: bool,
}

/// The result of `init`.
#[derive(Debug)]
pub struct Initialized {
    /// The root of the workspace.
    pub root: PathBuf,
    /// Whether the binding was written; false when the same one existed.
    pub written: bool,
    /// The result of the first sync.
    pub synced: Synced,
    /// The changed git hooks, or why there are none; `None` when they were not requested, or without git.
    pub hooks: Option<Result<Changed, Failure>>,
}

/// Binds the directory of the request and syncs it. Only syncs a workspace that has the same binding already.
///
/// Fails when the workspace has another binding, or the configuration has errors; then nothing is written.
pub fn init(request: &Request, options: &InitOptions, env: &Env) -> Result<Initialized, Failure> {
    let start = request.directory.clone();
    // A workspace is a checkout, and agents are started at its root.
    let root =
        git::discover(&start).ok().flatten().and_then(|place| place.work_tree).unwrap_or(start);
    if root.join(MANIFEST_FILE).is_file() {
        return Err(Failure::usage(format!("`{}` is a config repository itself", root.display()))
            .hint("go to the workspace that is to be bound, or use `-C DIR`"));
    }
    let bound = root.join(BINDING_FILE).is_file();
    let binding = if bound {
        let existing = read_workspace(&root)?.binding;
        same_binding(&existing, &root, request, options)?;
        existing
    } else {
        new_binding(&root, request, options, env)?
    };
    let workspace = Workspace { root: root.clone(), binding };
    let address = named(request, options, env).and_then(|named| Address::of_path(&named));
    let address = address.filter(Address::has_credentials);
    if !bound && let Some(address) = &address {
        request.listener.notify(Notice::Warning(format!(
            "{BINDING_FILE} is for everyone: it names {address} without the credentials; let git's credential helper keep them"
        )));
    }
    let opened = open(request, &workspace, address, env)?;
    let sync_options = SyncOptions { dry_run: options.dry_run, ..SyncOptions::default() };
    // The binding is written after the plan is made, so that a configuration with errors binds nothing.
    let synced = sync_after(&opened, &workspace, env, "init", sync_options, || match bound {
        true => Ok(()),
        false => {
            let text = binding_text(&workspace.binding);
            fs::write_atomic(&root.join(BINDING_FILE), text.as_bytes(), false)
        }
    })?;
    let hooks = match options.hooks {
        true => hooks::install_for(&root, env, options.dry_run).transpose(),
        false => None,
    };
    Ok(Initialized { root, written: !bound, synced, hooks })
}

/// Fails when an existing binding differs from what is requested.
fn same_binding(
    existing: &Binding,
    root: &Path,
    request: &Request,
    options: &InitOptions,
) -> Result<(), Failure> {
    let asked = [
        request.scope.team.as_ref().map(|name| ("team", name)),
        request.scope.project.as_ref().map(|name| ("project", name)),
        request.scope.user.as_ref().map(|name| ("user", name)),
        request.scope.environment.as_ref().map(|name| ("environment", name)),
    ];
    let existing_name = |what: &str| match what {
        "team" => existing.scope.team.as_ref(),
        "project" => existing.scope.project.as_ref(),
        "user" => existing.scope.user.as_ref(),
        _ => existing.scope.environment.as_ref(),
    };
    let differs = (asked.into_iter().flatten())
        .find(|(what, name)| existing_name(what) != Some(*name))
        .map(|(what, name)| format!("{what} `{name}`"))
        .or_else(|| {
            let reference = options.reference.as_ref()?;
            let other = existing.reference.as_ref() != Some(reference);
            other.then(|| format!("ref `{reference}`"))
        })
        .or_else(|| {
            let written = options.source.as_ref()?;
            let bound = existing.repository.as_deref().map(Path::new);
            if let Some(address) = Address::of_path(written) {
                let bound = bound.and_then(Address::of_path);
                let same = bound.is_some_and(|bound| bound.shown() == address.shown());
                return (!same).then(|| format!("`{address}`"));
            }
            let same = bound == Some(written)
                || bound.is_some_and(|bound| {
                    resolved(&root.join(bound)) == resolved(&request.directory.join(written))
                });
            (!same).then(|| format!("`{}`", written.display()))
        });
    match differs {
        None => Ok(()),
        Some(what) => {
            Err(Failure::usage(format!("the workspace is bound already, and not to {what}"))
                .hint(format!("edit {BINDING_FILE}, then run `claude-env sync`")))
        }
    }
}

/// Creates a binding from the request. Fails when no config repository is named.
fn new_binding(
    root: &Path,
    request: &Request,
    options: &InitOptions,
    env: &Env,
) -> Result<Binding, Failure> {
    let Some(written) = named(request, options, env) else {
        return Err(Failure::usage("which config repository?")
            .hint("name it: `claude-env init --source REPO`"));
    };
    if let Some(address) = Address::of_path(&written) {
        return Ok(Binding {
            repository: Some(address.shown().to_owned()),
            mirrors: Vec::new(),
            reference: options.reference.clone(),
            scope: request.scope.clone(),
            mode: options.mode,
            hooks: None,
        });
    }
    let absolute = request.directory.join(&written);
    // Kept relative when it was: then it also works for others who have the same two folders side by side.
    let repository = if written.is_absolute() {
        written.clone()
    } else {
        relative_to(&absolute, root).unwrap_or(absolute.clone())
    };
    let reference = match &options.reference {
        Some(reference) => Some(reference.clone()),
        None => current_branch(&absolute),
    };
    Ok(Binding {
        repository: Some(repository.to_string_lossy().into_owned()),
        mirrors: Vec::new(),
        reference,
        scope: request.scope.clone(),
        mode: options.mode,
        hooks: None,
    })
}

/// Returns the branch that is checked out in a config repository; `None` without git, or without a commit.
fn current_branch(path: &Path) -> Option<String> {
    let place = git::discover(path).ok()??;
    match git::head(&place)? {
        git::Head::Branch(name) => {
            // A branch without a commit is not there yet.
            let reference = format!("refs/heads/{name}");
            let verify = ["rev-parse", "--quiet", "--verify", &reference];
            let is_there =
                matches!(git::head_commit(&place), Ok(Some(_))) || git::run(path, &verify).is_ok();
            is_there.then_some(name)
        }
        git::Head::Detached => Some("HEAD".to_owned()),
    }
}

/// Returns the config repository that the command line or the environment names; `None` when neither does.
fn named(request: &Request, options: &InitOptions, env: &Env) -> Option<PathBuf> {
    let named = options.source.clone().or_else(|| request.config_repo.clone());
    named.or_else(|| env.config_repo.as_ref().map(PathBuf::from))
}

/// Opens the config repository of a binding; by the address with credentials, when one was given.
fn open(
    request: &Request,
    workspace: &Workspace,
    address: Option<Address>,
    env: &Env,
) -> Result<Opened, Failure> {
    let request = Request {
        fetching: request.fetching,
        listener: request.listener.clone(),
        ..Request::at(&workspace.root)
    };
    let located = match address {
        Some(address) => request.open_bound_at(workspace, address, env),
        None => request.open_binding(workspace, env),
    };
    located.and_then(Opened::of)
}

/// Returns a path relative to a folder; `None` when they have no folder in common.
fn relative_to(path: &Path, from: &Path) -> Option<PathBuf> {
    let (path, from) = (segments(&resolved(path))?, segments(from)?);
    let common = path.iter().zip(&from).take_while(|(a, b)| a == b).count();
    if common <= 1 {
        return None;
    }
    let up = std::iter::repeat_n(Component::ParentDir.as_os_str().to_owned(), from.len() - common);
    Some(up.chain(path[common..].iter().cloned()).collect())
}

/// Returns an absolute path without `..`. Removes `..` by name, unless a symbolic link gives the path another target.
fn resolved(path: &Path) -> PathBuf {
    let by_name: Option<PathBuf> = segments(path).map(|segments| segments.iter().collect());
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    match by_name {
        Some(by_name) if real(&by_name) == real(path) => by_name,
        _ => real(path).unwrap_or_else(|| path.to_owned()),
    }
}

/// Returns the segments of an absolute path, with `.` and `..` removed by name; `None` for more `..` than there are folders.
fn segments(path: &Path) -> Option<Vec<std::ffi::OsString>> {
    let mut segments = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                segments.pop()?;
            }
            other => segments.push(other.as_os_str().to_owned()),
        }
    }
    Some(segments)
}

/// Returns the text of a binding file.
fn binding_text(binding: &Binding) -> String {
    let mut document = toml_edit::DocumentMut::new();
    let table = |entries: Vec<(&str, Option<String>)>| {
        let mut table = toml_edit::Table::new();
        for (key, value) in entries {
            if let Some(value) = value {
                table.insert(key, toml_edit::value(value));
            }
        }
        toml_edit::Item::Table(table)
    };
    let Scope { team, project, user, environment } = &binding.scope;
    let name = |name: &Option<ScopeName>| name.as_ref().map(ToString::to_string);
    document.insert(
        "source",
        table(vec![("repository", binding.repository.clone()), ("ref", binding.reference.clone())]),
    );
    document.insert(
        "scope",
        table(vec![
            ("team", name(team)),
            ("project", name(project)),
            ("user", name(user)),
            ("environment", name(environment)),
        ]),
    );
    document.insert("render", table(vec![("mode", Some(binding.mode.word().to_owned()))]));
    format!(
        "# Binds this workspace to its configuration; `claude-env sync` renders it again.\n{document}"
    )
}
