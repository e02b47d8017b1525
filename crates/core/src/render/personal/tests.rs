use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::diagnostic::Sink;
use crate::layer::{
    ContentFile, ContentKind, Document, Layer, LayerKind, LayerName, Manifest, Scope, ScopeName,
    Stack, parse_toml,
};
use crate::merge::{Fold, Strategies, merge_content};
use crate::pack::Packs;
use crate::render::{EntryKind, Part};
use crate::rule::ScopeContext;
use crate::source::{RepoPath, Sources};

/// A layer: its TOML, then files as folder, name and text.
struct Layers<'a>(&'a str, &'a [(&'a str, &'a str, &'a str)]);

fn layer(kind: LayerKind, from: &Layers<'_>, sources: &Sources) -> Arc<Layer> {
    let name = match kind {
        LayerKind::Base => LayerName::unnamed(kind),
        _ => LayerName::named(kind, ScopeName::parse("ada").expect("a name")),
    };
    let source = sources.add(format!("{}/layer.toml", kind.word()), name.to_string(), from.0);
    let root = parse_toml(source, from.0, &mut Sink::default());
    let content = from.1.iter().map(|(folder, file, text)| ContentFile {
        kind: ContentKind::of_folder(folder).expect("a folder of layers"),
        origin: format!("{}/{folder}/{file}", kind.word()).into(),
        layer: name.clone(),
        pack: None,
        path: RepoPath::parse(file).expect("a path"),
        executable: false,
        bytes: Arc::from(text.as_bytes()),
    });
    let documents = vec![Document { source, overlay: None, root }];
    Arc::new(Layer {
        name: name.clone(),
        folder: String::new(),
        pack: None,
        documents,
        content: content.collect(),
    })
}

fn model(layers: Vec<Arc<Layer>>, sources: &Sources) -> Model {
    let mut sink = Sink::default();
    let stack = Stack { scope: Scope::default(), layers };
    let manifest = "[merge]\n\"permissions.allow\" = \"union\"\n";
    let id = sources.add("claude-env.toml", "", manifest);
    let manifest = Manifest::read(&parse_toml(id, manifest, &mut sink));
    let strategies = Strategies::new(&manifest, &mut sink);
    let merged = Fold::stack(&stack, &strategies, &mut sink);
    let files = merge_content(&stack, &mut sink);
    let context = ScopeContext {
        stack: &stack,
        packs: &Packs::default(),
        merged: &merged,
        files: &files,
        manifest: &manifest,
        sources,
    };
    Model::validate(&context, &mut sink).unwrap_or_else(|| panic!("{:?}", sink.into_diagnostics()))
}

/// Renders a user layer over a base layer: the local settings as nested JSON, the local instructions, and what is
/// unrepresentable.
fn personal(base: &Layers<'_>, user: &Layers<'_>) -> (Json, Option<String>, Vec<String>) {
    let sources = Sources::default();
    let base = layer(LayerKind::Base, base, &sources);
    let user = layer(LayerKind::User, user, &sources);
    let shared = model(vec![Arc::clone(&base)], &sources);
    let full = model(vec![base, user], &sources);
    let personal = render(&shared, &full);
    let mut settings = json!({});
    let mut instructions = None;
    for file in personal.rendering.files {
        match file.part {
            Part::Json(part) => {
                for entry in part.entries {
                    let mut place = &mut settings;
                    for key in entry.pointer.segments() {
                        place = &mut place[&**key];
                    }
                    match (entry.kind, place) {
                        (EntryKind::Item, Json::Array(items)) => items.push(entry.value),
                        (EntryKind::Item, place) => *place = json!([entry.value]),
                        (EntryKind::Value, place) => *place = entry.value,
                    }
                }
            }
            Part::Block { text } => instructions = Some(text),
            Part::Whole { .. } => panic!("a whole file"),
        }
    }
    let unrepresentable = personal.unrepresentable.iter().map(|unrepresentable| {
        let place = unrepresentable.place.map(|place| sources.address(place));
        let place = place.or(unrepresentable.file.clone()).unwrap_or_default();
        format!("{} {} {place}", unrepresentable.path, unrepresentable.entry)
    });
    (settings, instructions, unrepresentable.collect())
}

#[track_caller]
fn check(base: &str, user: &str, settings: Json, unrepresentable: &[&str]) {
    let found = personal(&Layers(base, &[]), &Layers(user, &[]));
    assert_eq!(
        (found.0, found.2),
        (settings, unrepresentable.iter().map(|&s| s.to_owned()).collect())
    );
    assert_eq!(found.1, None);
}

#[test]
fn what_is_the_same_is_not_said_again() {
    check("[settings]\nmodel = \"opus\"\n", "[settings]\nmodel = \"opus\"\n", json!({}), &[]);
    check("[settings]\nmodel = \"opus\"\n", "", json!({}), &[]);
}

#[test]
fn scalars_override_and_tables_merge() {
    check(
        "[environment]\nA = \"1\"\nB = \"1\"\n[settings]\nmodel = \"opus\"\n",
        "[environment]\nB = \"2\"\nC = \"3\"\n[settings]\nmodel = \"sonnet\"\ncleanupPeriodDays = 3\n",
        json!({"env": {"B": "2", "C": "3"}, "model": "sonnet", "cleanupPeriodDays": 3}),
        &[],
    );
}

#[test]
fn new_items_are_said_and_removed_ones_cannot_be() {
    let base = "[permissions]\nallow = [\"Bash(ls)\"]\ndeny = [\"Read(./a)\", \"Read(./b)\"]\n";
    check(
        base,
        "[permissions]\nallow = [\"Bash(pwd)\"]\ndeny = [\"Read(./b)\", \"Read(./c)\"]\n",
        json!({"permissions": {"allow": ["Bash(pwd)"], "deny": ["Read(./c)"]}}),
        &[".claude/settings.json permissions/deny  Read(./a) base/layer.toml:3:9"],
    );
    // An array that is one value of ours is united by the client all the same.
    check(
        "[settings]\ncompanyAnnouncements = [\"a\", \"b\"]\n",
        "[settings]\ncompanyAnnouncements = [\"b\", \"c\"]\n",
        json!({"companyAnnouncements": ["c"]}),
        &[".claude/settings.json companyAnnouncements  a base/layer.toml:2:24"],
    );
    check(
        "[settings]\nfallbackModel = [\"a\"]\n",
        "[settings]\nfallbackModel = [\"b\"]\n",
        json!({"fallbackModel": ["b"]}),
        &[],
    );
}

#[test]
fn what_the_client_would_bring_back_is_named() {
    check(
        "[environment]\nA = \"1\"\n[settings]\nmodel = \"opus\"\n",
        "unset = [\"environment.A\", \"settings.model\"]\n",
        json!({}),
        &[
            ".claude/settings.json model base/layer.toml:4:9",
            ".claude/settings.json env/A base/layer.toml:2:5",
        ],
    );
    check(
        "[permissions]\ndenyInsteadOfPrompting = true\nblockReadsOutsideWorkingDirectories = false\n",
        "[permissions]\ndenyInsteadOfPrompting = false\nblockReadsOutsideWorkingDirectories = true\n",
        json!({"permissions": {"blockReadsOutsideWorkingDirectories": true}}),
        &[".claude/settings.json permissions/denyInsteadOfPrompting user/layer.toml:2:26"],
    );
    check(
        "[settings]\nattribution = true\n",
        "unset = [\"settings.attribution\"]\n[settings]\nattribution = { commit = \"x\" }\n",
        json!({}),
        &[".claude/settings.json attribution/commit user/layer.toml:3:26"],
    );
}

#[test]
fn a_marketplace_is_said_whole() {
    let market = |reference: &str| {
        format!(
            "[settings.extraKnownMarketplaces.acme.source]\nsource = \"github\"\nrepo = \"acme/x\"\nref = \"{reference}\"\n"
        )
    };
    let source = json!({"source": "github", "repo": "acme/x", "ref": "next"});
    check(
        &market("main"),
        &market("next"),
        json!({"extraKnownMarketplaces": {"acme": {"source": source}}}),
        &[],
    );
}

#[test]
fn servers_and_files_cannot_be_said() {
    let base = Layers(
        "[mcp_servers.a]\ncommand = \"a\"\n[mcp_servers.b]\ncommand = \"b\"\n[mcp_servers.c]\ncommand = \"c\"\n",
        &[
            ("agents", "x.md", "---\nname: x\ndescription: X\n---\n"),
            ("rules", "r.md", "Be kind.\n"),
        ],
    );
    let user = Layers(
        "unset = [\"mcp_servers.c\", \"files.\\\"rules/r.md\\\"\"]\n[mcp_servers.b]\nargs = [\"-v\"]\n[mcp_servers.d]\ncommand = \"d\"\n",
        &[
            ("agents", "x.md", "---\nname: x\ndescription: Mine\n---\n"),
            ("commands", "y.md", "Do it.\n"),
        ],
    );
    let (settings, instructions, unrepresentable) = personal(&base, &user);
    assert_eq!((settings, instructions), (json!({}), None));
    assert_eq!(
        unrepresentable,
        [
            ".claude/agents/x.md  user/agents/x.md",
            ".claude/commands/y.md  user/commands/y.md",
            ".claude/rules/r.md  base/rules/r.md",
            ".mcp.json mcpServers/b user/layer.toml:2:14",
            ".mcp.json mcpServers/d user/layer.toml:4:14",
            ".mcp.json mcpServers/c base/layer.toml:5:14",
        ]
    );
}

#[test]
fn a_hook_whose_script_is_left_out_is_left_out_too() {
    let hooks = "[[hooks.Stop]]\nhooks = [{ type = \"command\", command = \".claude/hooks/mine.sh\" }]\n\
                 [[hooks.Stop]]\nhooks = [{ type = \"command\", command = \"beep\" }]\n";
    let user = Layers(hooks, &[("hooks", "mine.sh", "#!/bin/sh\n")]);
    let (settings, _, unrepresentable) = personal(&Layers("", &[]), &user);
    let beep = json!([{"hooks": [{"type": "command", "command": "beep"}]}]);
    assert_eq!(settings, json!({"hooks": {"Stop": beep}}));
    assert_eq!(unrepresentable.len(), 2, "{unrepresentable:?}");
    assert!(
        unrepresentable[1].starts_with(".claude/settings.json hooks/Stop"),
        "{unrepresentable:?}"
    );
}

#[test]
fn fragments_go_to_the_local_instructions() {
    let base = Layers("", &[("memory", "a.md", "Shared a.\n"), ("memory", "b.md", "Shared b.\n")]);
    let user = Layers("", &[("memory", "b.md", "My b.\n"), ("memory", "c.md", "My c.\n")]);
    let (_, instructions, unrepresentable) = personal(&base, &user);
    let text = instructions.expect("a block");
    assert!(text.ends_with("\nMy b.\n\nMy c.\n") && !text.contains("Shared"), "{text}");
    assert_eq!(unrepresentable, ["CLAUDE.md block base/memory/b.md"]);
}
