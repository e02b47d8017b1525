use super::superclaude::{tests::tiny_wheel, vendor};
use super::*;
use crate::layer::{LayerKind, Manifest, Scope, ScopeName, parse_toml};
use crate::merge::merge_content;
use crate::pack::wheel::Files;

fn tiny_files() -> Files {
    vendor(&tiny_wheel(), None).expect("a pack").folder()
}

fn tiny_packs(sources: &Sources) -> Packs {
    let files = tiny_files().into_iter();
    Packs::read(files.map(|(path, bytes)| (format!("packs/superclaude/{path}"), bytes)), sources)
}

fn layer(sources: &Sources, name: LayerName, text: &str) -> Arc<Layer> {
    let path = format!("{}/layer.toml", name.folder().expect("a folder"));
    let source = sources.add(path, name.to_string(), text);
    let root = parse_toml(source, text, &mut Sink::default());
    let document = Document { source, overlay: None, root };
    Arc::new(Layer {
        name,
        folder: String::new(),
        pack: None,
        documents: vec![document],
        content: Vec::new(),
    })
}

/// What two layers render of the pack: `(layer, path)` of each file, the servers, the imports.
fn check(base: &str, team: &str, files: &[(&str, &str)], servers: &str, imports_expected: &str) {
    let sources = Sources::default();
    let packs = tiny_packs(&sources);
    let payments = ScopeName::parse("payments").expect("a name");
    let layers = vec![
        layer(&sources, LayerName::unnamed(LayerKind::Base), base),
        layer(&sources, LayerName::named(LayerKind::Team, payments), team),
    ];
    let mut sink = Sink::default();
    let strategies = Strategies::new(&Manifest::default(), &mut sink);
    let stack = packs.join(&Stack { scope: Scope::default(), layers }, &strategies);
    let root = Fold::stack(&stack, &strategies, &mut sink).root;
    let mut content = merge_content(&stack, &mut sink);
    packs.drop_idle(&mut content, &root);
    let found: Vec<(String, String)> = (content.iter())
        .map(|f| (f.layer.to_string(), format!("{}/{}", f.kind.folder(), f.path)))
        .collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(found, files, "{base} {team}");
    let found: Vec<&str> = (root.get("mcp_servers").and_then(|node| node.as_table()))
        .into_iter()
        .flat_map(|table| table.keys().map(AsRef::as_ref))
        .collect();
    assert_eq!(found.join(" "), servers, "{base} {team}");
    assert_eq!(crate::agent::imports(&content).join(" "), imports_expected, "{base} {team}");
    assert_eq!(sink.into_diagnostics(), [], "{base} {team}");
}

const NAMED: &str = "packs = [\"superclaude\"]\n";
const REST: [(&str, &str); 4] = [
    ("base", "agents/tester.md"),
    ("base", "commands/sc/pm.md"),
    ("base", "skills/check/SKILL.md"),
    ("base", "skills/check/check.ts"),
];

fn of(layer: &'static str, documents: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    let rest = REST.iter().map(|(_, path)| (layer, *path));
    rest.chain(documents.iter().map(|path| (layer, *path))).collect()
}

#[test]
fn a_pack_renders_for_the_layer_that_names_it() {
    let documents = [
        "superclaude/FLAGS.md",
        "superclaude/RULES.md",
        "superclaude/MODE_A.md",
        "superclaude/MCP_Sequential.md",
    ];
    let imports = "@.claude/superclaude/FLAGS.md @.claude/superclaude/RULES.md \
                   @.claude/superclaude/MODE_A.md @.claude/superclaude/MCP_Sequential.md";
    check("", "", &[], "", "");
    check(NAMED, "", &of("base", &documents), "sequential", imports);
    check("", NAMED, &of("team payments", &documents), "sequential", imports);
    check(NAMED, NAMED, &of("base", &documents), "sequential", imports);
    check(NAMED, "unset = [\"packs\"]\n", &[], "", "");
    check(NAMED, "unset = [\"packs.superclaude\"]\n", &[], "", "");
    check("packs = [\"other\"]\n", "", &[], "", "");
}

#[test]
fn exclude_and_unset_leave_parts_out() {
    let imports = "@.claude/superclaude/FLAGS.md";
    let only_flags = of("base", &["superclaude/FLAGS.md"]);
    let exclude = "exclude = [\"superclaude/modes\", \"*/core/R*\", \"superclaude/mcp/*\"]\n";
    check(&format!("{NAMED}{exclude}"), "", &only_flags, "", imports);
    check(NAMED, exclude, &only_flags, "", imports);
    let unset = "unset = [\"mcp_servers.sequential\", \"files.\\\"superclaude/RULES.md\\\"\", \
                 \"files.\\\"superclaude/MODE_A.md\\\"\"]\n";
    check(&format!("{NAMED}{unset}"), "", &only_flags, "", imports);
    check(NAMED, unset, &only_flags, "", imports);
    check(NAMED, "exclude = [\"superclaude\"]", &[], "", "");
}

#[test]
fn a_servers_document_comes_with_the_server() {
    let exclude = "exclude = [\"superclaude/core\", \"superclaude/modes\"]\n";
    let check = |servers: &str, expect: &[&'static str], names: &str, imports: &str| {
        check(NAMED, &format!("{exclude}{servers}"), &of("base", expect), names, imports);
    };
    let both = ["superclaude/MCP_Magic.md", "superclaude/MCP_Sequential.md"];
    let lines = "@.claude/superclaude/MCP_Magic.md @.claude/superclaude/MCP_Sequential.md";
    check("[mcp_servers.magic]\nkind = \"magic\"\n", &both, "sequential magic", lines);
    check("[mcp_servers.ui]\nkind = \"magic\"\n", &both, "sequential ui", lines);
    let both = ["superclaude/MCP_Morphllm.md", "superclaude/MCP_Sequential.md"];
    let lines = "@.claude/superclaude/MCP_Morphllm.md @.claude/superclaude/MCP_Sequential.md";
    let morph = "[mcp_servers.morphllm-fast-apply]\ncommand = \"morph\"\n";
    check(morph, &both, "sequential morphllm-fast-apply", lines);
}

#[test]
fn what_a_pack_sets_has_its_place_in_pack_toml() {
    let sources = Sources::default();
    let packs = tiny_packs(&sources);
    let stack = Stack {
        scope: Scope::default(),
        layers: vec![layer(&sources, LayerName::unnamed(LayerKind::Base), NAMED)],
    };
    let stack = packs.join(&stack, &Strategies::new(&Manifest::default(), &mut Sink::default()));
    assert_eq!(
        packs.used(&stack).map(|pack| pack.toml.pin()).collect::<Vec<_>>(),
        ["superclaude@9.9.9"]
    );
    let kind =
        stack.layers[0].documents[0].root.get("mcp_servers").and_then(|s| s.get("sequential"));
    let kind = kind.and_then(|server| server.get("kind")).expect("a kind");
    let source = sources.get(kind.span.source);
    assert_eq!(
        (source.path.as_str(), source.layer.as_str()),
        ("packs/superclaude/pack.toml", "pack superclaude")
    );
    assert_eq!(source.text.get(kind.span.range()), Some("\"sequential\""));
}

#[test]
fn a_fresh_pack_is_verified_and_every_change_is_seen() {
    let check = |change: &dyn Fn(&mut Files), expect: &[&str]| {
        let sources = Sources::default();
        let mut files = tiny_files();
        change(&mut files);
        let pack = Pack::read("superclaude", files, &sources);
        let found: Vec<String> = (pack.findings(&sources).iter())
            .map(|found| format!("{} {}", found.code.id, sources.address(found.span)))
            .collect();
        assert_eq!(found, expect);
    };
    check(&|_| {}, &[]);
    check(
        &|files| {
            files.insert("agents/tester.md".to_owned(), Arc::from(*b"changed"));
            files.insert("agents/mine.md".to_owned(), Arc::from(*b"mine"));
            files.remove("LICENSE");
        },
        &[
            "CE101 packs/superclaude/LICENSE:1:1",
            "CE101 packs/superclaude/agents/mine.md:1:1",
            "CE101 packs/superclaude/agents/tester.md:1:1",
        ],
    );
    check(
        &|files| {
            files.remove(PACK_FILE);
        },
        &["CE101 packs/superclaude/pack.toml:1:1"],
    );
}

#[test]
fn a_file_that_is_not_listed_is_no_content() {
    let sources = Sources::default();
    let mut files = tiny_files();
    files.insert("agents/mine.md".to_owned(), Arc::from(*b"mine"));
    let pack = Pack::read("superclaude", files, &sources);
    let content = pack.content(&LayerName::unnamed(LayerKind::Base), &Excludes::default());
    assert!(content.iter().all(|file| file.path.as_str() != "mine.md"));
}

#[test]
fn a_report_counts_what_is_there() {
    let sources = Sources::default();
    let packs = tiny_packs(&sources);
    let layers = [layer(&sources, LayerName::unnamed(LayerKind::Base), NAMED)];
    let report = reports(&packs, &layers, &sources).remove(0);
    assert_eq!((report.commands, report.agents, report.skills, report.documents), (1, 1, 1, 3));
    assert_eq!(report.servers, ["sequential"]);
    assert_eq!(report.other_servers, ["magic", "morphllm-fast-apply"]);
    assert_eq!(report.used_by, [LayerName::unnamed(LayerKind::Base)]);
    assert!(report.verified);
}
