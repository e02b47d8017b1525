//! Finds the config repository, the workspace and the scope that a command is about.

use std::path::{Path, PathBuf};

use crate::edge::config_source::ConfigSource;
use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::edge::git;
use crate::edge::mirror::{Address, Mirror};
use crate::ops::Failure;
use crate::ops::notice::Listener;
use crate::ops::repository::remote::{Fetching, Remote, RequestedRevision};
use claude_env_core::diagnostic::{Diagnostic, Finding, Sink, locate_all};
use claude_env_core::layer::{BINDING_FILE, Binding, MANIFEST_FILE, Scope, ScopeName, parse_toml};
use claude_env_core::schema::{self, Problem, Shape};
use claude_env_core::source::{KeyPath, Sources};
use claude_env_core::workspace::{LOCK_FILE, Lock, MAX_FILE_SIZE};

/// What an operation is about: the global options of the command line, or a request to a server.
#[derive(Clone, Debug)]
pub struct Request {
    /// The directory that the request is about, absolute and with `..` and links resolved: that of `-C`, else the working
    /// directory. Relative paths are relative to it.
    pub directory: PathBuf,
    /// `--config-repo`.
    pub config_repo: Option<PathBuf>,
    /// `--rev`.
    pub revision: Option<String>,
    /// `--team`, `--project`, `--user`, `--environment`.
    pub scope: Scope,
    /// Whether a mirror is fetched; not so with `--offline`.
    pub fetching: Fetching,
    /// `--frozen`: the commit of the workspace's lock is read.
    pub frozen: bool,
    /// The receiver of notices.
    pub listener: Listener,
}

/// A workspace: a folder with a binding.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder that holds the binding.
    pub root: PathBuf,
    /// The binding, `.claude-env.toml`.
    pub binding: Binding,
}

/// The config repository, the scope and the workspace that a command is about.
#[derive(Debug)]
pub struct Located {
    /// Where the files of the config repository are read from.
    pub source: ConfigSource,
    /// The config repository as the binding or the command line names it.
    pub repository: String,
    /// The scope that the command is about.
    pub scope: Scope,
    /// The workspace; `None` when the command is about a config repository.
    pub workspace: Option<Workspace>,
    /// How the config repository was found.
    pub source_key: SourceKey,
}

/// How a config repository was found and read: while this is unchanged, a fingerprint can tell whether its content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKey {
    /// By the binding: the files of a folder.
    Folder,
    /// By the binding: a branch, tag or commit of a git repository.
    Name {
        /// The git repository.
        repository: PathBuf,
        /// The branch, tag or commit.
        name: String,
        /// The folder that holds the mirror and the time of its last fetch; `None` for a local repository.
        mirror: Option<PathBuf>,
    },
    /// By the binding: the HEAD of a bare repository.
    Bare(PathBuf),
    /// By options of this run.
    Options,
}

/// Returns the directory that a command is about: that of `-C`, else the working directory.
///
/// It is resolved here, once: in `WORKSPACE/../other`, the directories above are not those that the path names, and whoever
/// looks for a binding there would find that of `WORKSPACE`. Fails when there is no such directory.
pub fn directory_of(option: Option<&Path>, env: &Env) -> Result<PathBuf, Failure> {
    // The system gives the working directory resolved.
    let Some(option) = option else { return Ok(env.current_dir.clone()) };
    let named = env.current_dir.join(option);
    match std::fs::canonicalize(&named) {
        Ok(real) if real.is_dir() => Ok(real),
        _ => Err(Failure::usage(format!("there is no folder `{}`", named.display()))
            .hint("create it first, or correct `-C`")),
    }
}

impl Request {
    /// Creates a request about a directory, without any option. The directory has to be absolute and resolved.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            config_repo: None,
            revision: None,
            scope: Scope::default(),
            fetching: Fetching::default(),
            frozen: false,
            listener: Listener::default(),
        }
    }

    /// Finds the config repository and the scope: by the options, else by the workspace around the directory, else the config
    /// repository around it.
    ///
    /// Fails when there is none, or it cannot be opened.
    pub fn locate(&self, env: &Env) -> Result<Located, Failure> {
        let start = &self.directory;
        let workspace = match find_upwards(start, BINDING_FILE) {
            Some(root) => Some(read_workspace(&root)?),
            None => None,
        };
        let named = (self.config_repo.clone())
            .or_else(|| match workspace {
                Some(_) => None,
                None => env.config_repo.as_ref().map(PathBuf::from),
            })
            .map(|path| RepositoryAddress::of(&path, start));
        if let Some(address) = named {
            let scope = self.scope_over(workspace.as_ref());
            let source = self.open(&address, workspace.as_ref(), None, env)?;
            let (repository, source_key) = (address.name(), SourceKey::Options);
            return Ok(Located { source, repository, scope, workspace, source_key });
        }
        if let Some(workspace) = workspace {
            return self.open_binding(&workspace, env);
        }
        let Some(root) =
            find_upwards(start, MANIFEST_FILE).or_else(|| is_bare(start).then(|| start.clone()))
        else {
            return Err(Failure::usage(format!(
                "`{}` is neither a workspace nor a config repository: no {BINDING_FILE} or {MANIFEST_FILE} in this directory or its parents",
                start.display()
            ))
            .hint("bind a workspace with `claude-env init --source REPO`")
            .hint("scaffold a config repository with `claude-env new DIR`")
            .hint("or name one with `--config-repo DIR`"));
        };
        let address = RepositoryAddress::Folder(root);
        let source = self.open(&address, None, None, env)?;
        let repository = address.name();
        let (scope, source_key) = (self.scope.clone(), SourceKey::Options);
        Ok(Located { source, repository, scope, workspace: None, source_key })
    }

    /// Reads the binding of the workspace around the directory. Fails when there is none, or it has errors.
    pub fn workspace(&self) -> Result<Workspace, Failure> {
        match find_upwards(&self.directory, BINDING_FILE) {
            Some(root) => read_workspace(&root),
            None => Err(no_workspace()),
        }
    }

    /// Returns the root of the workspace around the directory, without reading its binding. Fails when there is none.
    pub fn workspace_root(&self) -> Result<PathBuf, Failure> {
        find_upwards(&self.directory, BINDING_FILE)
            .ok_or_else(|| not_a_workspace().hint("go to a workspace, or name it with `-C DIR`"))
    }

    /// Returns the folder of the config repository, for commands that write into it. Fails when there is none.
    pub fn config_folder(&self) -> Result<PathBuf, Failure> {
        let start = &self.directory;
        let found = match &self.config_repo {
            Some(path) => Some(self.folder_of(path)?),
            None => find_upwards(start, MANIFEST_FILE),
        };
        found.ok_or_else(|| {
            Failure::usage(format!("no config repository around `{}`", start.display()))
                .hint("go there, or name it with `--config-repo DIR`")
        })
    }

    /// Returns the working folder of the config repository of the workspace around the directory.
    ///
    /// Fails when the repository has an address or is bare, so that there are no files to edit.
    pub fn working_folder(&self) -> Result<PathBuf, Failure> {
        let folder = match &self.config_repo {
            Some(path) => self.folder_of(path)?,
            None => {
                let workspace = self.workspace()?;
                let written = workspace.binding.repository.unwrap_or_default();
                match RepositoryAddress::of(Path::new(&written), &workspace.root) {
                    RepositoryAddress::Folder(folder) => folder,
                    RepositoryAddress::Remote(remote) => {
                        let name = remote.name();
                        let message = format!(
                            "the config repository is {name}, which has no files to edit here"
                        );
                        return Err(Failure::usage(message)
                            .hint("clone it, and name the clone: `--config-repo DIR`"));
                    }
                }
            }
        };
        if is_bare(&folder) {
            let message =
                format!("`{}` is a bare repository, which has no files to edit", folder.display());
            return Err(
                Failure::usage(message).hint("clone it, and name the clone: `--config-repo DIR`")
            );
        }
        Ok(folder)
    }

    /// Returns the name and the mirror of the config repository that a workspace is bound to; `None` for a folder.
    ///
    /// Fails when there is no place for mirrors.
    pub fn mirror(
        &self,
        workspace: &Workspace,
        env: &Env,
    ) -> Result<Option<(String, Mirror)>, Failure> {
        let written = workspace.binding.repository.as_deref().unwrap_or_default();
        let address = match &self.config_repo {
            Some(path) => RepositoryAddress::of(path, &self.directory),
            None => RepositoryAddress::of(Path::new(written), &workspace.root),
        };
        match address {
            RepositoryAddress::Folder(_) => Ok(None),
            RepositoryAddress::Remote(remote) => {
                Ok(Some((remote.name().to_owned(), remote.mirror(env)?)))
            }
        }
    }

    /// Opens the config repository that a workspace is bound to. Fails when it cannot be read.
    pub fn open_binding(&self, workspace: &Workspace, env: &Env) -> Result<Located, Failure> {
        self.open_bound(&BoundSource::of(workspace)?, workspace, env)
    }

    /// Opens the config repository of a workspace by an address with credentials, which the binding must not have.
    ///
    /// Fails when it cannot be read.
    pub fn open_bound_at(
        &self,
        workspace: &Workspace,
        address: Address,
        env: &Env,
    ) -> Result<Located, Failure> {
        let address = RepositoryAddress::Remote(Remote::new(address));
        let repository = address.name();
        self.open_bound(&BoundSource::new(address, repository, workspace)?, workspace, env)
    }

    /// Opens a bound config repository. Fails when it cannot be read.
    pub fn open_bound(
        &self,
        bound: &BoundSource,
        workspace: &Workspace,
        env: &Env,
    ) -> Result<Located, Failure> {
        let followed = workspace.binding.reference.as_deref();
        let source = self.open(&bound.address, Some(workspace), followed, env)?;
        let scope = self.scope_over(Some(workspace));
        let source_key = self.source_key(bound, workspace, env);
        let repository = bound.repository.clone();
        Ok(Located { source, repository, scope, workspace: Some(workspace.clone()), source_key })
    }

    /// Opens the staged files of the config repository around the directory, or of the one that is named.
    ///
    /// Fails when the index cannot be read.
    pub fn locate_staged(&self, env: &Env) -> Result<Located, Failure> {
        let start = &self.directory;
        let root = match &self.config_repo {
            Some(path) => self.folder_of(path)?,
            None => find_upwards(start, MANIFEST_FILE).unwrap_or_else(|| start.clone()),
        };
        let source = ConfigSource::staged(&root, env.git_index_file.as_deref())?;
        let repository = root.display().to_string();
        let (scope, source_key) = (self.scope.clone(), SourceKey::Options);
        Ok(Located { source, repository, scope, workspace: None, source_key })
    }

    /// Opens a config repository at the commit of the lock (`--frozen`), else at `--rev`, else at the `ref` of the binding.
    fn open(
        &self,
        address: &RepositoryAddress,
        workspace: Option<&Workspace>,
        followed: Option<&str>,
        env: &Env,
    ) -> Result<ConfigSource, Failure> {
        let pinned = match workspace {
            Some(workspace) if self.frozen => Some(locked_commit(&workspace.root)?),
            _ => None,
        };
        let revision = self.revision.as_deref().or(followed);
        let folder = match address {
            RepositoryAddress::Folder(folder) => folder,
            RepositoryAddress::Remote(remote) => {
                let wanted = match (&pinned, revision) {
                    (Some(commit), _) => RequestedRevision::Pinned(commit),
                    (None, Some(revision)) => RequestedRevision::Revision(revision),
                    (None, None) => RequestedRevision::Head,
                };
                return remote.open(wanted, self.fetching, &self.listener, env);
            }
        };
        let opened = match pinned.as_deref().or(revision) {
            Some(revision) => ConfigSource::revision(folder, revision),
            None if is_bare(folder) => ConfigSource::revision(folder, "HEAD"),
            None => ConfigSource::folder(folder),
        };
        opened.map_err(|error| match pinned {
            Some(_) => Failure::from(error)
                .hint("the lock demands this commit: fetch it there, or sync without `--frozen`"),
            None => error.into(),
        })
    }

    /// Returns how the config repository of a binding is read.
    pub fn source_key(&self, bound: &BoundSource, workspace: &Workspace, env: &Env) -> SourceKey {
        let followed = workspace.binding.reference.as_deref();
        if self.frozen || self.revision.is_some() || self.scope != Scope::default() {
            return SourceKey::Options;
        }
        let named = |repository: PathBuf, name: &str, mirror| SourceKey::Name {
            repository,
            name: name.to_owned(),
            mirror,
        };
        match (&bound.address, followed) {
            (RepositoryAddress::Remote(remote), _) => match remote.mirror(env) {
                Ok(mirror) => {
                    let folder = mirror.folder().to_owned();
                    named(mirror.repository(), followed.unwrap_or("HEAD"), Some(folder))
                }
                Err(_) => SourceKey::Options,
            },
            (RepositoryAddress::Folder(folder), Some(name)) => named(folder.clone(), name, None),
            (RepositoryAddress::Folder(folder), None) if is_bare(folder) => {
                SourceKey::Bare(folder.clone())
            }
            (RepositoryAddress::Folder(_), None) => SourceKey::Folder,
        }
    }

    /// Returns the folder that `--config-repo` names, for commands that need one.
    fn folder_of(&self, path: &Path) -> Result<PathBuf, Failure> {
        match Address::of_path(path) {
            None => Ok(self.directory.join(path)),
            Some(address) => {
                Err(Failure::usage(format!("{address} is an address; a folder is needed here"))
                    .hint("clone it, and name the clone"))
            }
        }
    }

    /// Returns the scope of the binding, overridden by that of the command line.
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

/// The config repository that a workspace is bound to.
#[derive(Debug)]
pub struct BoundSource {
    address: RepositoryAddress,
    /// The config repository as the binding names it.
    pub repository: String,
}

impl BoundSource {
    /// Reads the config repository from a binding, without opening it. Fails when the binding names none.
    pub fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let Some(written) = &workspace.binding.repository else {
            return Err(Failure::usage(format!("{BINDING_FILE} names no config repository"))
                .hint("add `[source]` with `repository = \"…\"`"));
        };
        let address = RepositoryAddress::of(Path::new(written), &workspace.root);
        let repository = match &address {
            RepositoryAddress::Folder(_) => written.clone(),
            RepositoryAddress::Remote(_) => address.name(),
        };
        Self::new(address, repository, workspace)
    }

    fn new(
        address: RepositoryAddress,
        repository: String,
        workspace: &Workspace,
    ) -> Result<Self, Failure> {
        let address = match address {
            RepositoryAddress::Remote(remote) => {
                RepositoryAddress::Remote(remote.with_mirrors_of(&workspace.binding)?)
            }
            folder @ RepositoryAddress::Folder(_) => folder,
        };
        Ok(Self { address, repository })
    }

    /// Returns the identity of the config repository on this machine, independent of how the binding names it.
    pub fn identity(&self) -> String {
        self.address.identity()
    }

    /// Returns a key for what is read: equal for bindings that read the same files of the same commit.
    pub fn key(&self, workspace: &Workspace) -> String {
        let reference = workspace.binding.reference.as_deref().unwrap_or_default();
        match &self.address {
            RepositoryAddress::Remote(_) => {
                let mirrors = workspace.binding.mirrors.join("\n");
                format!("{}\n{reference}\n{mirrors}", self.identity())
            }
            RepositoryAddress::Folder(folder) => format!("{}\n{reference}", real(folder).display()),
        }
    }
}

/// Returns the commit that was rendered last, by the lock of a workspace.
///
/// Fails when there is no lock, or one that names no commit.
fn locked_commit(workspace: &Path) -> Result<String, Failure> {
    let commit = match Root::new(workspace).read_own(LOCK_FILE)? {
        None => String::new(),
        Some(text) => Lock::parse(LOCK_FILE, &String::from_utf8_lossy(&text))?.header.revision,
    };
    // Anything but an id could be read as a branch, which moves.
    if git::is_object_id(&commit) {
        return Ok(commit);
    }
    Err(Failure::usage(format!("{LOCK_FILE} demands no commit"))
        .hint("sync once without `--frozen`, from a config repository in git at a `ref`, and commit the lock"))
}

/// Returns the identity on this machine of a config repository as named on the command line.
pub fn identity_of(written: &Path, from: &Path) -> String {
    RepositoryAddress::of(written, from).identity()
}

/// Returns a path with links resolved; the path itself when it does not exist.
fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Where a config repository is.
#[derive(Debug)]
enum RepositoryAddress {
    Folder(PathBuf),
    Remote(Remote),
}

impl RepositoryAddress {
    /// Parses what a person wrote: an address, or a path relative to a folder.
    fn of(written: &Path, from: &Path) -> Self {
        match Address::of_path(written) {
            Some(address) => Self::Remote(Remote::new(address)),
            None => Self::Folder(from.join(written)),
        }
    }

    /// Returns the identity: the same for all work trees of one repository.
    fn identity(&self) -> String {
        match self {
            Self::Remote(remote) => remote.key().to_string(),
            Self::Folder(folder) => match git::discover(folder) {
                Ok(Some(address)) => {
                    // Joined part by part: an empty prefix would leave a slash.
                    let mut path = real(&address.common_dir);
                    path.extend(address.prefix.iter());
                    path.display().to_string()
                }
                _ => real(folder).display().to_string(),
            },
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Remote(remote) => remote.name().to_owned(),
        }
    }
}

fn not_a_workspace() -> Failure {
    Failure::usage(format!("not a workspace: no {BINDING_FILE} in this directory or its parents"))
}

/// Returns the failure of a command that needs a workspace where there is none.
pub(in crate::ops) fn no_workspace() -> Failure {
    not_a_workspace()
        .hint("bind it with `claude-env init --source REPO`")
        .hint("or render into a folder with `claude-env render --output DIR`")
}

/// Returns the nearest folder with a file, starting with this one and going up; `None` when there is none.
pub fn find_upwards(start: &Path, file: &str) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(file).is_file()).map(Path::to_path_buf)
}

/// Returns true when a folder is a bare repository.
fn is_bare(folder: &Path) -> bool {
    !folder.join(MANIFEST_FILE).is_file()
        && folder.join("HEAD").is_file()
        && folder.join("objects").is_dir()
}

/// Reads and checks the binding of a workspace. Fails when it has errors.
pub fn read_workspace(root: &Path) -> Result<Workspace, Failure> {
    let path = root.join(BINDING_FILE);
    let text = crate::edge::regular_file::read(&path, MAX_FILE_SIZE)
        .map_err(|error| Failure::io(format!("cannot read `{}`: {error}", path.display())))?;
    let Ok(text) = String::from_utf8(text) else {
        return Err(Failure::usage(format!("`{}` is not UTF-8", path.display())));
    };
    let sources = Sources::default();
    let id = sources.add(BINDING_FILE, "", text.as_str());
    let mut sink = Sink::default();
    let root_node = parse_toml(id, &text, &mut sink);
    let mut problems = Vec::new();
    Shape::Table(&schema::BINDING).check(&mut KeyPath::default(), &root_node, &mut problems);
    sink.extend(problems.iter().map(Problem::diagnostic));
    if sink.has_errors() {
        let findings = located(sink.into_diagnostics(), &sources);
        let message = format!("`{}` has errors", path.display());
        return Err(Failure::findings(message, findings)
            .hint("fix it, or remove it and run `claude-env init` again"));
    }
    Ok(Workspace { root: root.to_path_buf(), binding: Binding::read(&root_node) })
}

fn located(diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<Finding> {
    let errors: Vec<Diagnostic> = diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    locate_all(&errors, sources)
}
