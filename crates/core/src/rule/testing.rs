//! Runs rules in tests, on a repository that is written as one text: `-- path --` lines, each followed by a file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{
    Check, ContentContext, DocumentContext, PathKind, RepositoryContext, RepositoryPath, Rule,
    ScopeContext,
};
use crate::diagnostic::{Finding, Sink, code, sort_and_dedup};
use crate::layer::{
    ContentFile, ContentKind, DEFAULT_LAYER, Document, Layer, LayerKind, LayerName, Manifest,
    Scope, ScopeName, Stack, parse_toml,
};
use crate::merge::{Fold, Strategies, merge_content};
use crate::pack::Packs;
use crate::source::{KeyPath, Node, RepoPath, SourceId, Sources};

/// Runs rules on a repository and compares what they find: `file:line CODE`, separated by newlines.
pub(crate) fn check(rules: &[Rule], input: &str, expect: &str) {
    let found = shown(&findings(rules, input), |finding| finding.code.id.to_owned());
    assert_eq!(found, expect, "{input}");
}

/// The same with messages in the place of codes.
pub(crate) fn check_messages(rules: &[Rule], input: &str, expect: &str) {
    let found = shown(&findings(rules, input), |finding| finding.message.clone());
    assert_eq!(found, expect, "{input}");
}

fn shown(findings: &[Finding], what: impl Fn(&Finding) -> String) -> String {
    let line = |finding: &Finding| {
        format!("{}:{} {}", finding.at.file, finding.at.place.line, what(finding))
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Returns what a document rule finds in a layer of this kind, as `line:column CODE severity`.
pub(crate) fn document(
    check: fn(&DocumentContext<'_>, &mut Sink),
    kind: LayerKind,
    toml: &str,
) -> Vec<String> {
    let input = format!("-- {}/layer.toml --\n{toml}", folder_of(kind));
    lines(Check::Document(check), &input)
}

/// Returns what a scope rule finds in these layers, base first, and these files of `base/hooks/`, each with whether it is
/// executable. Permission lists of all layers are joined, which is what makes them contradict each other.
pub(crate) fn scope(
    check: fn(&ScopeContext<'_>, &mut Sink),
    layers: &[&str],
    hooks: &[(&str, bool)],
) -> Vec<String> {
    let kinds = [LayerKind::Base, LayerKind::Team, LayerKind::Project, LayerKind::User];
    let mut input = "-- claude-env.toml --\n[merge]\n\"permissions.allow\" = \"union\"\n\
                     \"permissions.ask\" = \"union\"\n\"permissions.deny\" = \"append\"\n\
                     [workspaces.all]\nteam = \"ada\"\nproject = \"ada\"\nuser = \"ada\"\n"
        .to_owned();
    for (kind, toml) in kinds.into_iter().zip(layers) {
        input.push_str(&format!("-- {}/layer.toml --\n{toml}\n", folder_of(kind)));
    }
    for (name, executable) in hooks {
        let executable = if *executable { "executable " } else { "" };
        input.push_str(&format!("-- {executable}base/hooks/{name} --\n#!/bin/sh\n"));
    }
    lines(Check::Scope(check), &input)
}

fn folder_of(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Default | LayerKind::Base => "base",
        LayerKind::Team => "teams/ada",
        LayerKind::Project => "projects/ada",
        LayerKind::User => "users/ada",
    }
}

fn lines(check: Check, input: &str) -> Vec<String> {
    let line = |finding: &Finding| {
        let place = finding.at.place;
        format!("{}:{} {} {}", place.line, place.column, finding.code.id, finding.severity.word())
    };
    // The code of the entry is for logs.
    findings(&[Rule { code: code::TOML_SYNTAX, check }], input).iter().map(line).collect()
}

/// A repository in memory.
#[derive(Default)]
struct Repository {
    files: BTreeMap<String, Vec<u8>>,
    executable: BTreeSet<String>,
    paths: Vec<RepositoryPath>,
}

impl Repository {
    fn read(input: &str) -> Self {
        let mut repository = Self::default();
        let mut current: Option<(String, String, bool)> = None;
        for line in input.split_inclusive('\n') {
            let head =
                line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
            match head {
                Some(head) => {
                    repository.finish(current.take());
                    current = repository.begin(head);
                }
                None => {
                    if let Some((_, text, _)) = &mut current {
                        text.push_str(line);
                    }
                }
            }
        }
        repository.finish(current);
        repository.paths.sort_by(|a, b| a.path.cmp(&b.path));
        repository
    }

    fn begin(&mut self, head: &str) -> Option<(String, String, bool)> {
        let path = |path: &str, kind| RepositoryPath { path: path.to_owned(), kind };
        if let Some((link, target)) =
            head.strip_prefix("symlink ").and_then(|rest| rest.split_once(" -> "))
        {
            self.paths.push(path(link, PathKind::Symlink(target.to_owned())));
            return None;
        }
        if let Some(fifo) = head.strip_prefix("fifo ") {
            self.paths.push(path(fifo, PathKind::Other));
            return None;
        }
        let (name, hex) = match (head.strip_prefix("executable "), head.strip_prefix("hex ")) {
            (Some(name), _) => {
                self.executable.insert(name.to_owned());
                (name, false)
            }
            (None, Some(name)) => (name, true),
            (None, None) => (head, false),
        };
        self.paths.push(path(name, PathKind::File));
        Some((name.to_owned(), String::new(), hex))
    }

    fn finish(&mut self, file: Option<(String, String, bool)>) {
        let Some((path, text, hex)) = file else { return };
        let digit = |c: char| u8::try_from(c.to_digit(16).expect("hex")).expect("a digit");
        let bytes = if hex {
            let digits: Vec<u8> = text.split_whitespace().flat_map(str::chars).map(digit).collect();
            digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect()
        } else {
            text.into_bytes()
        };
        self.files.insert(path, bytes);
    }

    fn layers(&self, sources: &Sources) -> Vec<Arc<Layer>> {
        let mut layers: BTreeMap<LayerName, Layer> = BTreeMap::new();
        // As in a real stack, so that there is something to merge.
        let name = LayerName::unnamed(LayerKind::Default);
        let source = sources.add("default", "default", DEFAULT_LAYER);
        let root = parse_toml(source, DEFAULT_LAYER, &mut Sink::default());
        let documents = vec![Document { source, overlay: None, root }];
        let default = Layer {
            name: name.clone(),
            folder: String::new(),
            pack: None,
            documents,
            content: Vec::new(),
        };
        layers.insert(name, default);
        for (path, bytes) in &self.files {
            let Some((name, folder, rest)) = layer_of(path) else { continue };
            let layer = layers.entry(name.clone()).or_insert_with(|| Layer {
                name: name.clone(),
                folder: folder.to_owned(),
                pack: None,
                documents: Vec::new(),
                content: Vec::new(),
            });
            if let Some(overlay) = document_of(rest) {
                let text = String::from_utf8(bytes.clone()).expect("TOML is text");
                let source = sources.add(path, name.to_string(), text.as_str());
                let root = parse(source, &text);
                layer.documents.push(Document { source, overlay, root });
                layer.documents.sort_by_key(|document| document.overlay.clone());
            } else if let Some((kind, inner)) = rest
                .split_once('/')
                .and_then(|(folder, inner)| Some((ContentKind::of_folder(folder)?, inner)))
            {
                // Such a name is a finding about the path, and the file is not read.
                let Ok(path_inside) = RepoPath::parse(inner) else { continue };
                layer.content.push(ContentFile {
                    kind,
                    origin: Arc::from(path.as_str()),
                    layer: name,
                    pack: None,
                    path: path_inside,
                    executable: self.executable.contains(path),
                    bytes: Arc::from(bytes.as_slice()),
                });
            }
        }
        layers.into_values().map(Arc::new).collect()
    }
}

/// Parses TOML that a test brings, which has to parse.
fn parse(source: SourceId, text: &str) -> Arc<Node> {
    let mut sink = Sink::default();
    let root = parse_toml(source, text, &mut sink);
    assert_eq!(sink.into_diagnostics(), [], "the test's TOML parses: {text}");
    root
}

fn layer_of(path: &str) -> Option<(LayerName, &str, &str)> {
    if let Some(rest) = path.strip_prefix("base/") {
        return Some((LayerName::unnamed(LayerKind::Base), "base", rest));
    }
    let (top, rest) = path.split_once('/')?;
    let kind = match top {
        "teams" => LayerKind::Team,
        "projects" => LayerKind::Project,
        "users" => LayerKind::User,
        _ => return None,
    };
    let (name, rest) = rest.split_once('/')?;
    let folder = &path[..path.len() - rest.len() - 1];
    Some((LayerName::named(kind, ScopeName::parse(name).ok()?), folder, rest))
}

fn document_of(file: &str) -> Option<Option<ScopeName>> {
    if file == "layer.toml" {
        return Some(None);
    }
    let environment = file.strip_prefix("layer.")?.strip_suffix(".toml")?;
    ScopeName::parse(environment).ok().map(Some)
}

fn stacks(layers: &[Arc<Layer>], manifest: &Manifest) -> Vec<Stack> {
    let mut scopes = vec![Scope::default()];
    for layer in layers {
        let mut scope = Scope::default();
        match layer.name.kind {
            LayerKind::Team => scope.team.clone_from(&layer.name.name),
            LayerKind::Project => scope.project.clone_from(&layer.name.name),
            LayerKind::User => scope.user.clone_from(&layer.name.name),
            _ => continue,
        }
        scopes.push(scope);
    }
    scopes.extend(manifest.workspaces.iter().map(|workspace| workspace.scope.clone()));
    let overlays = layers.iter().flat_map(|layer| &layer.documents);
    for overlay in overlays.filter_map(|document| document.overlay.clone()) {
        scopes.push(Scope { environment: Some(overlay), ..Scope::default() });
    }
    let applies = |layer: &Layer, scope: &Scope| match layer.name.kind {
        LayerKind::Default | LayerKind::Base => true,
        LayerKind::Team => layer.name.name == scope.team,
        LayerKind::Project => layer.name.name == scope.project,
        LayerKind::User => layer.name.name == scope.user,
    };
    let stack = |scope: Scope| {
        let layers = layers.iter().filter(|layer| applies(layer, &scope)).map(|layer| {
            let mut layer = Layer::clone(layer);
            layer.documents.retain(|document| {
                document.overlay.as_ref().is_none_or(|name| name.as_str() == scope.environment())
            });
            Arc::new(layer)
        });
        Stack { layers: layers.collect(), scope }
    };
    scopes.into_iter().map(stack).collect()
}

/// Everything that the rules find in a repository, sorted.
pub(crate) fn findings(rules: &[Rule], input: &str) -> Vec<Finding> {
    let repository = Repository::read(input);
    let sources = Sources::default();
    let layers = repository.layers(&sources);
    let manifest_text = repository
        .files
        .get("claude-env.toml")
        .map_or("version = 1\n", |bytes| std::str::from_utf8(bytes).expect("TOML is text"));
    let manifest_source = sources.add("claude-env.toml", "", manifest_text);
    let manifest = Manifest::read(&parse(manifest_source, manifest_text));
    let stacks = stacks(&layers, &manifest);
    let strategies = Strategies::new(&manifest, &mut Sink::default());

    let mut sink = Sink::default();
    for rule in rules {
        match rule.check {
            Check::Document(check) => {
                for layer in &layers {
                    for document in &layer.documents {
                        let mut problems = Vec::new();
                        let shape = crate::schema::Shape::Table(&crate::schema::LAYER);
                        shape.check(&mut KeyPath::default(), &document.root, &mut problems);
                        let problems = problems.as_slice();
                        let sources = &sources;
                        check(&DocumentContext { layer, document, sources, problems }, &mut sink);
                    }
                }
            }
            Check::Content(check) => {
                for file in layers.iter().flat_map(|layer| &layer.content) {
                    check(&ContentContext::new(file, &sources), &mut sink);
                }
            }
            Check::Scope(check) => {
                for stack in &stacks {
                    let mut ignored = Sink::default();
                    let merged = Fold::stack(stack, &strategies, &mut ignored);
                    let files = merge_content(stack, &mut ignored);
                    let context = ScopeContext {
                        stack,
                        packs: &Packs::default(),
                        merged: &merged,
                        files: &files,
                        manifest: &manifest,
                        sources: &sources,
                    };
                    check(&context, &mut sink);
                }
            }
            Check::Repository(check) => {
                let context = RepositoryContext {
                    manifest: &manifest,
                    packs: &Packs::default(),
                    paths: &repository.paths,
                    teams: &[],
                    projects: &[],
                    users: &[],
                    overlays: &[],
                    today: "2026-11-22",
                    sources: &sources,
                };
                check(&context, &mut sink);
            }
        }
    }
    let diagnostics = sink.into_diagnostics();
    let mut findings: Vec<Finding> =
        diagnostics.iter().map(|diagnostic| diagnostic.locate(&sources)).collect();
    sort_and_dedup(&mut findings);
    findings
}
