//! Which config repository, which workspace and which scope a command is about.

use std::path::{Path, PathBuf};

use super::Failure;
use crate::diagnostic::{Diagnostic, Finding, Sink, locate_all};
use crate::edge::config_source::ConfigSource;
use crate::edge::env::Env;
use crate::layer::{BINDING_FILE, Binding, MANIFEST_FILE, Scope, ScopeName, parse_toml};
use crate::model::{rule::shape_diagnostic, schema, shape::Shape};
use crate::source::{KeyPath, Sources};

/// What the global options of the command line say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// `--config-repo`.
    pub(crate) config_repo: Option<PathBuf>,
    /// `--rev`.
    pub(crate) revision: Option<String>,
    /// `--team`, `--project`, `--user`, `--environment`.
    pub(crate) scope: Scope,
}

/// A workspace: a folder with a binding.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) binding: Binding,
}

/// What a command works on.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) source: ConfigSource,
    /// The config repository as the binding or the command line names it.
    pub(crate) repository: String,
    pub(crate) scope: Scope,
    pub(crate) workspace: Option<Workspace>,
}

impl Request {
    /// Finds the config repository and the scope: from the options, else from the workspace around the folder, else the
    /// config repository around it.
    pub(crate) fn locate(&self, env: &Env) -> Result<Located, Failure> {
        let start = env.current_dir.clone();
        if !start.is_dir() {
            return Err(Failure::usage(format!("there is no folder `{}`", start.display())));
        }
        let workspace = match find_upwards(&start, BINDING_FILE) {
            Some(root) => Some(read_workspace(&root)?),
            None => None,
        };
        let named = (self.config_repo.clone())
            .or_else(|| match workspace {
                Some(_) => None,
                None => env.config_repo.as_ref().map(PathBuf::from),
            })
            .map(|path| if is_url(&path) { path } else { env.current_dir.join(path) });
        if let Some(path) = named {
            let scope = self.scope_over(workspace.as_ref());
            let source = self.open(&path, self.revision.as_deref())?;
            return Ok(Located {
                source,
                repository: path.display().to_string(),
                scope,
                workspace,
            });
        }
        if let Some(workspace) = workspace {
            return self.open_binding(&workspace);
        }
        let Some(root) =
            find_upwards(&start, MANIFEST_FILE).or_else(|| is_bare(&start).then(|| start.clone()))
        else {
            return Err(Failure::usage(format!(
                "`{}` is neither a workspace nor a config repository: no {BINDING_FILE} or {MANIFEST_FILE} here or above",
                start.display()
            ))
            .hint("bind a workspace with `claude-env init --source REPO`")
            .hint("scaffold a config repository with `claude-env new DIR`")
            .hint("or name one with `--config-repo DIR`"));
        };
        let source = self.open(&root, self.revision.as_deref())?;
        let repository = root.display().to_string();
        Ok(Located { source, repository, scope: self.scope.clone(), workspace: None })
    }

    /// The folder of the config repository, for commands that write into it.
    pub(crate) fn config_folder(&self, env: &Env) -> Result<PathBuf, Failure> {
        let start = env.current_dir.clone();
        let found = match &self.config_repo {
            Some(path) => Some(env.current_dir.join(path)),
            None => find_upwards(&start, MANIFEST_FILE),
        };
        found.ok_or_else(|| {
            Failure::usage(format!("no config repository around `{}`", start.display()))
                .hint("go there, or name it with `--config-repo DIR`")
        })
    }

    /// Opens the config repository that a workspace is bound to.
    pub(crate) fn open_binding(&self, workspace: &Workspace) -> Result<Located, Failure> {
        let (path, repository) = bound_repository(workspace)?;
        let revision = self.revision.as_deref().or(workspace.binding.reference.as_deref());
        let source = self.open(&path, revision)?;
        let scope = self.scope_over(Some(workspace));
        Ok(Located { source, repository, scope, workspace: Some(workspace.clone()) })
    }

    /// The same for what is staged: the config repository around the folder, or the one that is named.
    pub(crate) fn locate_staged(&self, env: &Env) -> Result<Located, Failure> {
        let start = env.current_dir.clone();
        let root = match &self.config_repo {
            Some(path) => env.current_dir.join(path),
            None => find_upwards(&start, MANIFEST_FILE).unwrap_or(start),
        };
        let source = ConfigSource::staged(&root, env.git_index_file.as_deref())
            .map_err(super::load::source_failure)?;
        let repository = root.display().to_string();
        Ok(Located { source, repository, scope: self.scope.clone(), workspace: None })
    }

    fn open(&self, path: &Path, revision: Option<&str>) -> Result<ConfigSource, Failure> {
        if is_url(path) {
            return Err(Failure::usage(format!(
                "`{}` is an address; this version reads config repositories from a path",
                path.display()
            ))
            .hint("clone it, and give the clone's path"));
        }
        let opened = match revision {
            Some(revision) => ConfigSource::revision(path, revision),
            None if is_bare(path) => ConfigSource::revision(path, "HEAD"),
            None => ConfigSource::folder(path),
        };
        opened.map_err(super::load::source_failure)
    }

    /// The binding's scope with the command line's over it.
    fn scope_over(&self, workspace: Option<&Workspace>) -> Scope {
        let below = workspace.map(|workspace| workspace.binding.scope.clone()).unwrap_or_default();
        let pick = |above: &Option<ScopeName>, below: Option<ScopeName>| above.clone().or(below);
        Scope {
            team: pick(&self.scope.team, below.team),
            project: pick(&self.scope.project, below.project),
            user: pick(&self.scope.user, below.user),
            environment: pick(&self.scope.environment, below.environment),
        }
    }
}

/// Whether a repository is named by an address rather than a path.
pub(crate) fn is_url(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let scheme = ["https://", "http://", "ssh://", "git://", "file://"];
    let scp =
        text.split_once(':').is_some_and(|(host, _)| host.contains('@') && !host.contains('/'));
    scheme.iter().any(|scheme| text.starts_with(scheme)) || scp
}

/// The nearest folder, this one or one above, that holds the file.
fn find_upwards(start: &Path, file: &str) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(file).is_file()).map(Path::to_path_buf)
}

/// Whether a folder is a bare repository: its files are in its objects.
fn is_bare(folder: &Path) -> bool {
    !folder.join(MANIFEST_FILE).is_file()
        && folder.join("HEAD").is_file()
        && folder.join("objects").is_dir()
}

/// The path of the config repository that a binding names, and the name as written.
fn bound_repository(workspace: &Workspace) -> Result<(PathBuf, String), Failure> {
    let Some(written) = &workspace.binding.repository else {
        return Err(Failure::usage(format!("{BINDING_FILE} names no config repository"))
            .hint("add `[source]` with `repository = \"…\"`"));
    };
    let path = Path::new(written);
    let path = if is_url(path) { path.to_path_buf() } else { workspace.root.join(path) };
    Ok((path, written.clone()))
}

/// Reads and checks the binding of a workspace.
pub(crate) fn read_workspace(root: &Path) -> Result<Workspace, Failure> {
    let path = root.join(BINDING_FILE);
    let text = std::fs::read(&path)
        .map_err(|error| Failure::failed(format!("cannot read `{}`: {error}", path.display())))?;
    let Ok(text) = String::from_utf8(text) else {
        return Err(Failure::usage(format!("`{}` is not UTF-8", path.display())));
    };
    let sources = Sources::default();
    let id = sources.add(BINDING_FILE, "", text.as_str());
    let mut sink = Sink::default();
    let root_node = parse_toml(id, &text, &mut sink);
    let mut problems = Vec::new();
    Shape::Table(&schema::BINDING).check(&mut KeyPath::default(), &root_node, &mut problems);
    sink.extend(problems.iter().map(shape_diagnostic));
    if sink.has_errors() {
        let findings = located(sink.into_diagnostics(), &sources);
        let message = format!("`{}` cannot be used as it is", path.display());
        return Err(Failure { findings, ..Failure::usage(message) }
            .hint("mend it; or remove it, and bind the workspace again with `claude-env init`"));
    }
    Ok(Workspace { root: root.to_path_buf(), binding: Binding::read(&root_node) })
}

fn located(diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<Finding> {
    let errors: Vec<Diagnostic> = diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    locate_all(&errors, sources)
}
