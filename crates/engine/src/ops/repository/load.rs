//! Reads a config repository into checked values. Every operation starts here.
//!
//! A [`Repository`] reads each file once, however many scopes ask for it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::edge::config_source::{AccessedPath, ConfigSource, EntryKind};
use crate::edge::env::Env;
use crate::ops::repository::layer_cache::LayerCache;
use crate::ops::repository::locate::{Located, Request, SourceKey, Workspace, no_workspace};
pub use crate::ops::repository::read_layer::LoadedLayer;
use crate::ops::repository::read_layer::{default_layer, parse, read, read_layer};
use crate::ops::{Failure, workers};
use claude_env_core::diagnostic::{Diagnostic, Finding, Sink, code, locate_all};
use claude_env_core::layer::{
    ContentFile, DEFAULT_ENVIRONMENT, LAYER_FILE, LayerKind, LayerName, MANIFEST_FILE, Manifest,
    Scope, ScopeName, Stack,
};
use claude_env_core::merge::{Fold, Merged, Strategies, merge_content};
use claude_env_core::model::{Model, rule};
use claude_env_core::pack::{PACKS_FOLDER, Packs, names_packs};
use claude_env_core::rule::ScopeContext;
use claude_env_core::schema::{self, Problem, Shape};
use claude_env_core::source::{KeyPath, SourceId, Sources, Span};
use claude_env_core::workspace::DigestCache;

/// From this size of a `layer.toml` on, in bytes, parsing takes longer than starting a thread.
const LARGE_DOCUMENT: u64 = 128 * 1024;

/// From this many layers on, reading them on all cores is faster.
const MANY_LAYERS: usize = 32;

/// An opened config repository.
pub struct Repository {
    /// Where its files are read from.
    pub source: ConfigSource,
    /// The texts that were read.
    pub sources: Sources,
    /// The manifest, `claude-env.toml`, with the fleet below `workspaces/`.
    pub manifest: Manifest,
    /// The text of the manifest.
    pub manifest_source: SourceId,
    /// How values are merged, by key.
    pub strategies: Strategies,
    /// The findings in the manifest and in the files below `workspaces/`.
    pub diagnostics: Vec<Diagnostic>,
    default: Arc<LoadedLayer>,
    packs: OnceLock<Packs>,
    /// Held while the packs are read.
    reading_packs: Mutex<()>,
    layers: LayerCache,
    machine: Mutex<Option<MachineLayer>>,
}

/// The user layer of this machine, and the paths that were accessed for it.
#[derive(Clone, Default)]
struct MachineLayer {
    layer: Option<Arc<LoadedLayer>>,
    accessed_paths: Vec<AccessedPath>,
}

/// A located and opened config repository, and the scope that a command is about.
pub struct Opened {
    /// The config repository.
    pub repository: Arc<Repository>,
    /// The config repository as the binding or the command line names it.
    pub name: String,
    /// The scope that the command is about.
    pub scope: Scope,
    /// The workspace; `None` when the command is about a config repository.
    pub workspace: Option<Workspace>,
    /// How the config repository was found.
    pub source_key: SourceKey,
    /// Digests of files, for workspaces that share layers.
    pub digests: Digests,
}

/// A cache of digests that one thread keeps from workspace to workspace.
#[derive(Clone, Default)]
pub struct Digests(Arc<Mutex<DigestCache>>);

impl Digests {
    /// Locks the cache.
    pub fn lock(&self) -> MutexGuard<'_, DigestCache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    /// Opens the config repository that the options, the workspace or the directory name.
    ///
    /// Fails when there is none, or it cannot be read.
    pub fn new(request: &Request, env: &Env) -> Result<Self, Failure> {
        Self::of(request.locate(env)?)
    }

    /// Opens the files that are staged in git's index. Fails when they cannot be read.
    pub fn staged(request: &Request, env: &Env) -> Result<Self, Failure> {
        Self::of(request.locate_staged(env)?)
    }

    /// Opens a located config repository. Fails when its manifest cannot be read.
    pub fn of(located: Located) -> Result<Self, Failure> {
        let Located { source, repository: name, scope, workspace, source_key } = located;
        let repository = Arc::new(Repository::open(source)?);
        let digests = Digests::default();
        Ok(Self { repository, name, scope, workspace, source_key, digests })
    }

    /// Returns the workspace. Fails when the directory is not in one.
    pub fn bound(&self) -> Result<&Workspace, Failure> {
        self.workspace.as_ref().ok_or_else(no_workspace)
    }

    /// Returns the folder of this machine's user layer; `None` when the scope names a user layer of the repository.
    pub fn machine_folder(&self, env: &Env) -> Option<PathBuf> {
        env.user_layer().filter(|_| self.scope.user.is_none())
    }

    /// Reads this machine's user layer; `None` when there is none, or the scope names one of the repository.
    ///
    /// Fails when a file cannot be read.
    pub fn machine_layer(&self, env: &Env) -> Result<Option<Arc<LoadedLayer>>, Failure> {
        match self.machine_folder(env) {
            Some(folder) => self.repository.user_layer(&folder),
            None => Ok(None),
        }
    }

    /// Merges and checks the scope with the machine's user layer. Also returns the layers, which own most of the merged values.
    ///
    /// Fails when the configuration has errors.
    pub fn merged(&self, env: &Env) -> Result<(Merged, LoadedStack), Failure> {
        let user = self.machine_layer(env)?;
        let loaded = self.repository.stack(&self.scope, user)?;
        Ok((self.repository.merged(&loaded)?, loaded))
    }
}

/// The layers of a scope, with the diagnostics of reading them.
pub struct LoadedStack {
    /// The layers, lowest first.
    pub stack: Stack,
    loaded: Vec<Arc<LoadedLayer>>,
    /// The findings about the choice of layers.
    pub diagnostics: Vec<Diagnostic>,
}

impl Repository {
    /// Opens a repository: reads the manifest and the fleet. Fails when the manifest cannot be read.
    pub fn open(source: ConfigSource) -> Result<Self, Failure> {
        Self::open_for(source, &[])
    }

    /// Opens a repository of which these scopes will be loaded, beside those of the fleet.
    ///
    /// Fails when the manifest cannot be read.
    pub fn open_for(source: ConfigSource, scopes: &[Scope]) -> Result<Self, Failure> {
        let sources = Sources::default();
        let mut sink = Sink::default();
        let Some(bytes) = source.read(MANIFEST_FILE)? else {
            return Err(Failure::usage(format!(
                "`{}` is no config repository: it has no {MANIFEST_FILE}",
                source.display()
            ))
            .hint("scaffold one with `claude-env new DIR`"));
        };
        let (manifest_source, root) = parse(&sources, MANIFEST_FILE, "", bytes, &mut sink);
        rule::check_text(manifest_source, &sources, &mut sink);
        let mut manifest = Manifest::read(&root);
        let mut problems = Vec::new();
        if let Some(newer) = newer_format(&manifest) {
            sink.push(newer);
        } else {
            Shape::Table(&schema::MANIFEST).check(&mut KeyPath::default(), &root, &mut problems);
        }
        for entry in source.walk("workspaces")? {
            if !entry.path.ends_with(".toml") || !matches!(entry.kind, EntryKind::File { .. }) {
                continue;
            }
            let Some(bytes) = source.read(&entry.path)? else { continue };
            let (id, root) = parse(&sources, &entry.path, "", bytes, &mut sink);
            rule::check_text(id, &sources, &mut sink);
            let shape = Shape::Table(&schema::WORKSPACES_FILE);
            shape.check(&mut KeyPath::default(), &root, &mut problems);
            manifest.add_workspaces(&root);
        }
        sink.extend(problems.iter().map(Problem::diagnostic));
        let strategies = Strategies::new(&manifest, &mut sink);
        let default = default_layer(&sources);
        let layers = LayerCache::new(&manifest, scopes);
        Ok(Self {
            source,
            sources,
            manifest,
            manifest_source,
            strategies,
            diagnostics: sink.into_diagnostics(),
            default,
            packs: OnceLock::new(),
            reading_packs: Mutex::default(),
            layers,
            machine: Mutex::default(),
        })
    }

    /// Loads the layers of a scope. A missing layer is an error in the result.
    ///
    /// Fails when a file cannot be read.
    pub fn stack(
        &self,
        scope: &Scope,
        user: Option<Arc<LoadedLayer>>,
    ) -> Result<LoadedStack, Failure> {
        let _held_until_asked_for = self.large_layers(scope);
        let mut diagnostics = Vec::new();
        let mut loaded = vec![Arc::clone(&self.default)];
        loaded.extend(self.layer(&LayerName::unnamed(LayerKind::Base))?);
        let named = [
            (LayerKind::Team, &scope.team, code::UNKNOWN_TEAM),
            (LayerKind::Project, &scope.project, code::UNKNOWN_PROJECT),
            (LayerKind::User, &scope.user, code::UNKNOWN_USER),
        ];
        for (kind, name, code) in named {
            let Some(name) = name else { continue };
            match self.layer(&LayerName::named(kind, name.clone()))? {
                Some(layer) => loaded.push(layer),
                None => diagnostics.push(self.unknown_layer(kind, name, code)?),
            }
        }
        loaded.extend(user);
        let layers = loaded.iter().map(|loaded| Arc::clone(&loaded.layer)).collect();
        let mut stack = Stack { scope: scope.clone(), layers };
        if names_packs(&stack) {
            stack = self.packs()?.join(&stack, &self.strategies);
        }
        // The default environment may be named like any other, and needs no overlay.
        if let Some(environment) = &scope.environment
            && environment.as_str() != DEFAULT_ENVIRONMENT
            && !stack.layers.iter().any(|layer| layer.has_overlay(environment.as_str()))
        {
            diagnostics.push(self.unknown_environment(&stack, environment));
        }
        Ok(LoadedStack { stack, loaded, diagnostics })
    }

    /// Returns the findings about a merged scope; those about its layers are in [`LoadedStack::own_diagnostics`].
    pub fn check(&self, loaded: &LoadedStack) -> Vec<Diagnostic> {
        let mut sink = Sink::default();
        self.merge(loaded, &mut sink, rule::check_scope);
        sink.into_diagnostics()
    }

    /// Merges a scope, and calls `look` with the result.
    fn merge<T>(
        &self,
        loaded: &LoadedStack,
        sink: &mut Sink,
        look: impl FnOnce(&ScopeContext<'_>, &mut Sink) -> T,
    ) -> (Merged, T) {
        let merged = Fold::stack(&loaded.stack, &self.strategies, sink);
        let mut files = merge_content(&loaded.stack, sink);
        let none = Packs::default();
        let packs = self.packs.get().unwrap_or(&none);
        packs.drop_idle(&mut files, &merged.root);
        for pack in packs.used(&loaded.stack) {
            sink.extend(pack.findings(&self.sources).iter().cloned());
        }
        let context = ScopeContext {
            stack: &loaded.stack,
            packs,
            merged: &merged,
            files: &files,
            manifest: &self.manifest,
            sources: &self.sources,
        };
        let seen = look(&context, sink);
        (merged, seen)
    }

    /// Returns the content files that apply to a merged scope.
    pub fn content<'l>(&self, loaded: &'l LoadedStack, merged: &Merged) -> Vec<&'l ContentFile> {
        let mut files = merge_content(&loaded.stack, &mut Sink::default());
        let none = Packs::default();
        self.packs.get().unwrap_or(&none).drop_idle(&mut files, &merged.root);
        files
    }

    /// Returns the layer with this name; reads it if it is not cached. `None` when it does not exist.
    ///
    /// Fails when a file cannot be read.
    pub fn layer(&self, name: &LayerName) -> Result<Option<Arc<LoadedLayer>>, Failure> {
        match name.folder() {
            None => Ok(Some(Arc::clone(&self.default))),
            Some(folder) => self
                .layers
                .get(name, || read_layer(&self.source, &self.sources, name, folder.as_str())),
        }
    }

    /// Reads the large layers of a scope in parallel, if there are several. The result keeps them in the cache.
    fn large_layers(&self, scope: &Scope) -> Vec<Option<Arc<LoadedLayer>>> {
        let large = |name: &LayerName| {
            let document = name.folder().map(|folder| format!("{folder}/{LAYER_FILE}"));
            let size = document.and_then(|path| self.source.size(&path));
            size.is_some_and(|size| size >= LARGE_DOCUMENT)
        };
        let unread: Vec<_> = scope.layers().filter(|name| !self.layers.holds(name)).collect();
        let layers: Vec<LayerName> = match unread.len() {
            0 | 1 => Vec::new(),
            _ => unread.into_iter().filter(large).collect(),
        };
        if !layers.is_empty() {
            workers::reserve_memory();
        }
        // A failure is reported when the layer is requested.
        workers::map(&layers, 2, |name| self.layer(name).ok().flatten())
    }

    /// Returns the vendored packs; reads them on the first call. Fails when a file cannot be read.
    pub fn packs(&self) -> Result<&Packs, Failure> {
        if let Some(packs) = self.packs.get() {
            return Ok(packs);
        }
        let _reading = self.reading_packs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(packs) = self.packs.get() {
            return Ok(packs);
        }
        let mut files = Vec::new();
        for entry in self.source.walk(PACKS_FOLDER)? {
            if matches!(entry.kind, EntryKind::File { .. }) {
                let bytes = read(&self.source, &entry)?;
                files.push((entry.path, Arc::from(bytes)));
            }
        }
        let packs = Packs::read(files, &self.sources);
        Ok(self.packs.get_or_init(|| packs))
    }

    /// Returns the user layer of this machine, from a folder outside of the config repository; `None` when there is none.
    ///
    /// Fails when a file cannot be read.
    pub fn user_layer(&self, folder: &Path) -> Result<Option<Arc<LoadedLayer>>, Failure> {
        let mut known = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(machine) = &*known {
            return Ok(machine.layer.clone());
        }
        let mut machine = MachineLayer::default();
        if folder.is_dir() {
            let source = ConfigSource::folder(folder)?;
            let name = LayerName::unnamed(LayerKind::User);
            machine.layer = read_layer(&source, &self.sources, &name, "")?.map(Arc::new);
            machine.accessed_paths = source.accessed_paths().unwrap_or_default();
        } else {
            machine.accessed_paths.push(AccessedPath { path: folder.to_owned(), traversed: false });
        }
        Ok(known.insert(machine).layer.clone())
    }

    /// Returns every path outside of git objects that was accessed so far.
    pub fn accessed_paths(&self) -> Vec<AccessedPath> {
        let machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        let machine = machine.iter().flat_map(|machine| machine.accessed_paths.iter().cloned());
        machine.chain(self.source.accessed_paths().unwrap_or_default()).collect()
    }

    /// Reads a user layer from an opened source; `None` when it has no files. Fails when a file cannot be read.
    pub fn user_layer_of(
        &self,
        source: &ConfigSource,
    ) -> Result<Option<Arc<LoadedLayer>>, Failure> {
        let name = LayerName::unnamed(LayerKind::User);
        Ok(read_layer(source, &self.sources, &name, "")?.map(Arc::new))
    }

    /// Returns every layer of the repository, lowest kind first. Fails when a file cannot be read.
    pub fn all_layers(&self) -> Result<Vec<Arc<LoadedLayer>>, Failure> {
        let mut names = vec![LayerName::unnamed(LayerKind::Base)];
        for kind in [LayerKind::Team, LayerKind::Project, LayerKind::User] {
            // A folder with an invalid name is a finding about its path.
            let known = self.names(kind)?;
            let known = known.iter().filter_map(|name| ScopeName::parse(name).ok());
            names.extend(known.map(|name| LayerName::named(kind, name)));
        }
        let layers = workers::map(&names, MANY_LAYERS, |name| self.layer(name));
        layers.into_iter().filter_map(Result::transpose).collect()
    }

    /// Returns the names of the layers of a kind, sorted. Fails when the folder cannot be read.
    pub fn names(&self, kind: LayerKind) -> Result<Vec<String>, Failure> {
        let folder = match kind {
            LayerKind::Team => "teams",
            LayerKind::Project => "projects",
            LayerKind::User => "users",
            LayerKind::Default | LayerKind::Base => return Ok(Vec::new()),
        };
        let entries = self.source.list(folder)?;
        let folders = entries.into_iter().filter(|entry| matches!(entry.kind, EntryKind::Folder));
        Ok(folders.filter_map(|entry| Some(entry.path.rsplit('/').next()?.to_owned())).collect())
    }

    fn unknown_layer(
        &self,
        kind: LayerKind,
        name: &ScopeName,
        code: &'static claude_env_core::diagnostic::Code,
    ) -> Result<Diagnostic, Failure> {
        let known = self.names(kind)?;
        let word = kind.word();
        let message = format!(
            "there is no {word} `{name}`: `{word}s/{name}` has no {LAYER_FILE} and no content"
        );
        let span = Span::new(self.manifest_source, 0..0);
        Ok(Diagnostic::new(code, span, message)
            .help(format!("create `{word}s/{name}/{LAYER_FILE}`, or correct the name"))
            .did_you_mean(name.as_str(), known.iter().map(String::as_str)))
    }

    fn unknown_environment(&self, stack: &Stack, name: &ScopeName) -> Diagnostic {
        let known: Vec<&str> = stack.layers.iter().flat_map(|layer| layer.overlays()).collect();
        let message = format!("no layer of this scope has an overlay `layer.{name}.toml`");
        Diagnostic::new(code::UNKNOWN_ENVIRONMENT, Span::new(self.manifest_source, 0..0), message)
            .help(format!("create one beside a {LAYER_FILE}, or correct the name"))
            .did_you_mean(name.as_str(), known)
    }

    /// Returns the merged configuration of a scope. Fails with all errors of the scope, if there are any.
    pub fn merged(&self, loaded: &LoadedStack) -> Result<Merged, Failure> {
        let mut sink = Sink::default();
        let (merged, ()) = self.merge(loaded, &mut sink, rule::check_scope);
        let errors = self.errors(loaded, &sink.into_diagnostics());
        if errors.is_empty() { Ok(merged) } else { Err(self.unusable(&errors)) }
    }

    /// Returns the merged configuration and the model of a scope. Fails with all errors of the scope, if there are any.
    pub fn usable(&self, loaded: &LoadedStack) -> Result<(Merged, Model), Failure> {
        let mut sink = Sink::default();
        let (merged, model) = self.merge(loaded, &mut sink, Model::validate);
        let errors = self.errors(loaded, &sink.into_diagnostics());
        match model.filter(|_| errors.is_empty()) {
            Some(model) => Ok((merged, model)),
            None => Err(self.unusable(&errors)),
        }
    }

    fn unusable(&self, errors: &[Diagnostic]) -> Failure {
        Failure::findings("the configuration has errors", self.findings(errors))
            .hint("`claude-env check` lists every finding of the repository")
    }

    /// Returns the errors of a scope, of its layers and of the repository.
    fn errors(&self, loaded: &LoadedStack, scope: &[Diagnostic]) -> Vec<Diagnostic> {
        let all = scope.iter().chain(loaded.own_diagnostics()).chain(&self.diagnostics);
        all.filter(|diagnostic| diagnostic.is_error()).cloned().collect()
    }

    /// Resolves diagnostics to sorted findings without repetitions.
    pub fn findings(&self, diagnostics: &[Diagnostic]) -> Vec<Finding> {
        locate_all(diagnostics, &self.sources)
    }
}

impl LoadedStack {
    /// Returns the findings in the layers, and about their choice.
    pub fn own_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        let layers = self.loaded.iter().flat_map(|layer| &layer.diagnostics);
        self.diagnostics.iter().chain(layers)
    }
}

fn newer_format(manifest: &Manifest) -> Option<Diagnostic> {
    let (version, span) = manifest.version?;
    (version > claude_env_core::layer::FORMAT_VERSION).then(|| {
        let message = format!(
            "the config repository has format {version}; this claude-env {} reads format {}",
            env!("CARGO_PKG_VERSION"),
            claude_env_core::layer::FORMAT_VERSION
        );
        Diagnostic::new(code::FORMAT_VERSION, span, message).help("upgrade claude-env")
    })
}
