//! The laws of merging, checked on random layers against a small model of them.

use proptest::prelude::*;
use serde_json::{Map, Value as Json};

use super::{Fold, Strategies};
use crate::diagnostic::{Diagnostic, Sink};
use crate::layer::{Document, Manifest, parse_toml};
use crate::source::{KeyPath, Sources};

/// Folds layers given as TOML, lowest first; the manifest comes first.
fn fold(manifest: &str, layers: &[String]) -> (Json, Vec<Diagnostic>, Sources) {
    let sources = Sources::default();
    let mut sink = Sink::default();
    let id = sources.add("claude-env.toml", "", manifest);
    let manifest = Manifest::read(&parse_toml(id, manifest, &mut sink));
    let strategies = Strategies::new(&manifest, &mut sink);
    let mut fold = Fold::default();
    for (index, text) in layers.iter().enumerate() {
        let id = sources.add(format!("{index}.toml"), format!("layer {index}"), text.as_str());
        let root = parse_toml(id, text, &mut sink);
        fold.push(&Document { source: id, overlay: None, root }, &strategies, &mut sink);
    }
    (fold.finish().root.to_json(), sink.into_diagnostics(), sources)
}

#[track_caller]
fn check(manifest: &str, layers: &[&str], key: &str, expect: &str) {
    let layers: Vec<String> = layers.iter().map(|layer| (*layer).to_owned()).collect();
    let (merged, diagnostics, _) = fold(manifest, &layers);
    assert_eq!(diagnostics, [], "{layers:?}");
    let pointer = format!("/{}", key.replace('.', "/"));
    let found = merged.pointer(&pointer).map_or("nothing".to_owned(), Json::to_string);
    assert_eq!(found, expect, "{key} of {merged}");
}

#[test]
fn each_path_has_its_strategy() {
    let lists = ["permissions.allow = [\"a\", \"b\"]", "permissions.allow = [\"b\", \"c\"]"];
    check("", &lists, "permissions.allow", r#"["b","c"]"#);
    check(
        "merge.\"permissions.allow\" = \"union\"",
        &lists,
        "permissions.allow",
        r#"["a","b","c"]"#,
    );
    check(
        "merge.\"permissions.*\" = \"append\"",
        &lists,
        "permissions.allow",
        r#"["a","b","b","c"]"#,
    );
    check(
        "policy.append_only = [\"permissions.allow\"]",
        &lists,
        "permissions.allow",
        r#"["a","b","c"]"#,
    );
    check("", &["packs = [\"a\"]", "packs = [\"b\", \"a\"]"], "packs", r#"["a","b"]"#);
    check(
        "",
        &["hooks.Stop = [{ matcher = \"a\" }]", "hooks.Stop = [{ matcher = \"b\" }]"],
        "hooks.Stop",
        r#"[{"matcher":"a"},{"matcher":"b"}]"#,
    );
    check(
        "",
        &["environment.A = \"1\"", "environment.B = \"2\""],
        "environment",
        r#"{"A":"1","B":"2"}"#,
    );
    check("", &["settings.x = 1", "settings.x = 2"], "settings.x", "2");
}

#[test]
fn devcontainer_properties_merge_as_the_specification_says() {
    let check = |low: &str, high: &str, key: &str, expect: &str| {
        let layers = [format!("[devcontainer]\n{low}"), format!("[devcontainer]\n{high}")];
        let layers: Vec<&str> = layers.iter().map(String::as_str).collect();
        check("", &layers, &format!("devcontainer.{key}"), expect);
    };
    check("init = true", "init = false", "init", "true");
    check("privileged = false", "privileged = true", "privileged", "true");
    check("capAdd = [\"A\"]", "capAdd = [\"B\", \"A\"]", "capAdd", r#"["A","B"]"#);
    check("runArgs = [\"-a\"]", "runArgs = [\"-b\"]", "runArgs", r#"["-b"]"#);
    check(
        "hostRequirements.memory = \"8gb\"",
        "hostRequirements.memory = \"512mb\"",
        "hostRequirements.memory",
        r#""8gb""#,
    );
    check("hostRequirements.cpus = 2", "hostRequirements.cpus = 4", "hostRequirements.cpus", "4");
    check(
        "mounts = [\"source=a,target=/x\", \"source=b,target=/y\"]",
        "mounts = [{ source = \"c\", target = \"/x\" }]",
        "mounts",
        r#"[{"source":"c","target":"/x"},"source=b,target=/y"]"#,
    );
    check(
        "postCreateCommand = \"a\"",
        "postCreateCommand = [\"b\"]",
        "postCreateCommand",
        r#"["b"]"#,
    );
}

#[test]
fn unset_removes_what_lies_below_and_nothing_else() {
    let low = "[mcp_servers.a]\nurl = \"x\"\n[mcp_servers.b]\nurl = \"y\"";
    check("", &[low, "unset = [\"mcp_servers.a\"]"], "mcp_servers", r#"{"b":{"url":"y"}}"#);
    check(
        "",
        &[low, "unset = [\"mcp_servers.a\"]\n[mcp_servers.a]\ntype = \"sse\""],
        "mcp_servers.a",
        r#"{"type":"sse"}"#,
    );
    let (_, diagnostics, sources) =
        fold("", &[low.to_owned(), "unset = [\"mcp_servers.c\"]".to_owned()]);
    let finding = diagnostics[0].locate(&sources);
    assert_eq!((finding.code.id, finding.at.place.column), ("CE023", 10));
}

#[test]
fn a_clash_of_types_shows_both_places() {
    let layers = ["settings.x = { a = 1 }".to_owned(), "settings.x = [1]".to_owned()];
    let (_, diagnostics, sources) = fold("", &layers);
    let finding = diagnostics[0].locate(&sources);
    assert_eq!(finding.code.id, "CE020");
    assert_eq!((finding.at.file.as_str(), finding.others[0].file.as_str()), ("1.toml", "0.toml"));
}

/// A table of a layer: few keys, so that layers meet.
fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        (0..4i64).prop_map(Json::from),
        "[ab]{1,2}".prop_map(Json::from),
        prop::collection::vec((0..4i64).prop_map(Json::from), 0..4).prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::btree_map("[abc]", inner, 0..3)
            .prop_map(|table| Json::Object(table.into_iter().collect()))
    })
}

fn layer() -> impl Strategy<Value = Json> {
    let path = prop::collection::vec("[abc]", 1..3)
        .prop_map(|path| format!("settings.{}", path.join(".")));
    (prop::collection::btree_map("[abc]", value(), 0..4), prop::collection::vec(path, 0..3))
        .prop_map(|(settings, unset)| {
            let settings: Map<String, Json> = settings.into_iter().collect();
            serde_json::json!({ "settings": settings, "unset": unset })
        })
}

fn toml(layer: &Json) -> String {
    fn write(value: &Json) -> String {
        match value {
            Json::Object(table) => {
                let entries: Vec<String> =
                    table.iter().map(|(k, v)| format!("{k} = {}", write(v))).collect();
                format!("{{ {} }}", entries.join(", "))
            }
            Json::Array(items) => {
                format!("[{}]", items.iter().map(write).collect::<Vec<_>>().join(", "))
            }
            other => other.to_string(),
        }
    }
    format!("unset = {}\nsettings = {}\n", write(&layer["unset"]), write(&layer["settings"]))
}

/// The model: unset, then tables merge and everything else is replaced.
fn model(layers: &[Json]) -> Json {
    fn over(low: &mut Json, high: &Json) {
        match (low, high) {
            (Json::Object(low), Json::Object(high)) => {
                for (key, value) in high {
                    over(low.entry(key.clone()).or_insert(Json::Null), value);
                }
            }
            (low, high) => *low = high.clone(),
        }
    }
    let mut merged = serde_json::json!({});
    for layer in layers {
        for path in layer["unset"].as_array().into_iter().flatten() {
            let path = path.as_str().unwrap_or_default();
            if let Some((parent, key)) = path.rsplit_once('.') {
                let pointer = format!("/{}", parent.replace('.', "/"));
                if let Some(Json::Object(table)) = merged.pointer_mut(&pointer) {
                    table.remove(key);
                }
            }
        }
        over(&mut merged, &serde_json::json!({ "settings": layer["settings"] }));
    }
    merged
}

/// JSON with sorted keys, for comparing.
fn sorted(value: &Json) -> Json {
    match value {
        Json::Object(table) => {
            let mut entries: Vec<(String, Json)> =
                table.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(entries.into_iter().collect())
        }
        Json::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_is_the_model(layers in prop::collection::vec(layer(), 1..5)) {
        let texts: Vec<String> = layers.iter().map(toml).collect();
        let (merged, _, _) = fold("", &texts);
        prop_assert_eq!(sorted(&merged), sorted(&model(&layers)), "{:?}", texts);
    }

    #[test]
    fn a_removal_never_reaches_the_output(layers in prop::collection::vec(layer(), 1..5)) {
        let texts: Vec<String> = layers.iter().map(toml).collect();
        let (merged, _, _) = fold("", &texts);
        prop_assert!(merged.get("unset").is_none());
    }

    #[test]
    fn folding_a_layer_twice_changes_nothing(mut layers in prop::collection::vec(layer(), 1..4)) {
        // Without removals: a removal of the second time would take what the first one set.
        for layer in &mut layers {
            layer["unset"] = Json::Array(Vec::new());
        }
        let mut texts: Vec<String> = layers.iter().map(toml).collect();
        let (once, _, _) = fold("", &texts);
        texts.extend(texts.last().cloned());
        let (twice, _, _) = fold("", &texts);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn every_value_is_written_where_its_origin_says(layers in prop::collection::vec(layer(), 1..5)) {
        let texts: Vec<String> = layers.iter().map(toml).collect();
        let sources = Sources::default();
        let mut sink = Sink::default();
        let strategies = Strategies::new(&Manifest::default(), &mut sink);
        let mut fold = Fold::default();
        for text in &texts {
            let id = sources.add("layer.toml", "", text.as_str());
            let root = parse_toml(id, text, &mut sink);
            fold.push(&Document { source: id, overlay: None, root }, &strategies, &mut sink);
        }
        let merged = fold.finish();
        let mut wrong = Vec::new();
        merged.root.walk(&mut KeyPath::default(), &mut |path, node| {
            if node.as_table().is_none() && node.as_array().is_none() {
                let text = sources.get(node.span.source).text.clone();
                if node.to_json() != serde_json::from_str::<Json>(&text[node.span.range()]).unwrap_or_default() {
                    wrong.push(path.to_string());
                }
            }
        });
        prop_assert!(wrong.is_empty(), "{:?} in {:?}", wrong, texts);
    }
}
