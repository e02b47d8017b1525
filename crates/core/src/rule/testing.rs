//! Runs one rule over TOML text.

use std::sync::Arc;

use super::{DocumentContext, ScopeContext};
use crate::diagnostic::Sink;
use crate::layer::{
    ContentFile, ContentKind, Document, Layer, LayerKind, LayerName, Manifest, Scope, ScopeName,
    Stack, parse_toml,
};
use crate::merge::{Fold, Strategies};
use crate::pack::Packs;
use crate::source::{RepoPath, Sources};

fn layer(kind: LayerKind, toml: &str, sources: &Sources) -> Layer {
    let name = match kind {
        LayerKind::Default | LayerKind::Base => LayerName::plain(kind),
        _ => LayerName::named(kind, ScopeName::parse("ada").expect("a name")),
    };
    let source = sources.add(format!("{}/layer.toml", kind.word()), name.to_string(), toml);
    let mut sink = Sink::default();
    let root = parse_toml(source, toml, &mut sink);
    assert_eq!(sink.into_diagnostics(), [], "the test's TOML parses");
    let document = Document { source, overlay: None, root };
    Layer { name, folder: kind.word().to_owned(), documents: vec![document], content: Vec::new() }
}

fn lines(sink: Sink, sources: &Sources) -> Vec<String> {
    let line = |diagnostic: &crate::diagnostic::Diagnostic| {
        let finding = diagnostic.locate(sources);
        let place = finding.at.place;
        let code = finding.code.id;
        format!("{}:{} {} {}", place.line, place.column, code, finding.severity.word())
    };
    sink.into_diagnostics().iter().map(line).collect()
}

/// What a document rule finds in a layer of this kind, as `line:column CODE severity`.
pub(crate) fn document(
    rule: fn(&DocumentContext<'_>, &mut Sink),
    kind: LayerKind,
    toml: &str,
) -> Vec<String> {
    let sources = Sources::default();
    let layer = layer(kind, toml, &sources);
    let mut sink = Sink::default();
    let document = &layer.documents[0];
    rule(&DocumentContext { layer: &layer, document, sources: &sources, problems: &[] }, &mut sink);
    lines(sink, &sources)
}

/// What a scope rule finds in these layers, base first, with these files of `hooks/`: name and executable bit.
pub(crate) fn scope(
    rule: fn(&ScopeContext<'_>, &mut Sink),
    layers: &[&str],
    hooks: &[(&str, bool)],
) -> Vec<String> {
    let sources = Sources::default();
    let kinds = [LayerKind::Base, LayerKind::Team, LayerKind::Project, LayerKind::User];
    let layers: Vec<Arc<Layer>> = (kinds.into_iter().zip(layers))
        .map(|(kind, toml)| Arc::new(layer(kind, toml, &sources)))
        .collect();
    let files: Vec<ContentFile> = (hooks.iter())
        .map(|&(name, executable)| ContentFile {
            kind: ContentKind::Hooks,
            origin: format!("base/hooks/{name}").into(),
            layer: LayerName::plain(LayerKind::Base),
            pack: None,
            path: RepoPath::parse(name).expect("a path"),
            executable,
            bytes: Arc::from(&b"#!/bin/sh\n"[..]),
        })
        .collect();
    let mut sink = Sink::default();
    let stack = Stack { scope: Scope::default(), layers };
    let strategies = Strategies::new(
        &Manifest::read(&parse_toml(
            sources.add("claude-env.toml", "", MANIFEST),
            MANIFEST,
            &mut sink,
        )),
        &mut sink,
    );
    let merged = Fold::stack(&stack, &strategies, &mut sink);
    assert_eq!(sink.into_diagnostics(), [], "the test's layers merge");
    let mut sink = Sink::default();
    let context = ScopeContext {
        stack: &stack,
        packs: &Packs::default(),
        merged: &merged,
        files: &files.iter().collect::<Vec<_>>(),
        manifest: &Manifest::default(),
        sources: &sources,
    };
    rule(&context, &mut sink);
    lines(sink, &sources)
}

/// Rule lists of all layers together, which is what makes them contradict each other.
const MANIFEST: &str = "[merge]\n\"permissions.allow\" = \"union\"\n\"permissions.ask\" = \"union\"\n\"permissions.deny\" = \"append\"\n";
