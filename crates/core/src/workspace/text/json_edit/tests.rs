use proptest::prelude::*;
use serde_json::json;

use super::super::json_index::{DocumentIndex, Lookup};
use super::*;

fn path(pointer: &str) -> Pointer {
    Pointer::parse(pointer).expect("a pointer")
}

fn check(text: &str, edit: impl FnOnce(&mut Document<'_>), expect: &str) {
    let mut document = Document::parse(text).expect("a JSON text");
    edit(&mut document);
    assert_eq!(document.to_text(), expect);
}

#[test]
fn additions_look_like_their_neighbours() {
    let server = json!({"command": "npx", "args": ["-y"]});
    check(
        "{\n    \"mcpServers\": {\n        \"mine\": {}\n    },\n    \"x\": 1\n}",
        |d| d.set(&path("/mcpServers/ours"), &server),
        "{\n    \"mcpServers\": {\n        \"mine\": {},\n        \"ours\": {\n            \"command\": \"npx\",\n            \
         \"args\": [\n                \"-y\"\n            ]\n        }\n    },\n    \"x\": 1\n}",
    );
    check(
        "{\"mcpServers\":{\"mine\":{}}}",
        |d| d.set(&path("/mcpServers/ours"), &server),
        "{\"mcpServers\":{\"mine\":{},\"ours\":{\"command\":\"npx\",\"args\":[\"-y\"]}}}",
    );
    check(
        "{\r\n\t\"allow\": [\"A\", \"B\"]\r\n}\r\n",
        |d| d.add_item(&path("/allow"), &json!("C")),
        "{\r\n\t\"allow\": [\"A\", \"B\", \"C\"]\r\n}\r\n",
    );
    check(
        "{\r\n\t\"a\": 1\r\n}\r\n",
        |d| d.add_item(&path("/permissions/deny"), &json!("C")),
        "{\r\n\t\"a\": 1,\r\n\t\"permissions\": {\r\n\t\t\"deny\": [\r\n\t\t\t\"C\"\r\n\t\t]\r\n\t}\r\n}\r\n",
    );
    check("{}", |d| d.set(&path("/a"), &json!(1)), "{\n  \"a\": 1\n}");
    check("// mine", |d| d.set(&path("/a"), &json!(1)), "// mine\n{\n  \"a\": 1\n}\n");
}

#[test]
fn what_looks_blank_at_the_end_of_a_comment_is_a_part_of_it() {
    for blank in ["\u{c}", "\u{3000}", " ", "\t\u{a0}"] {
        check(
            &format!("{{// a{blank}\n\n}}\n"),
            |d| d.set(&path("/a"), &json!(1)),
            &format!("{{// a{blank}\n  \"a\": 1\n\n}}\n"),
        );
        check(
            &format!("{{\n  // a{blank}\r\n  \"a\": 1\n}}\n"),
            |d| d.remove(&path("/a")),
            &format!("{{\n  // a{blank}\n}}\n"),
        );
        check(
            &format!("[\n  1, /*{blank}*/ // a{blank}\n]\n"),
            |d| d.add_item(&path(""), &json!(2)),
            &format!("[\n  1, /*{blank}*/ // a{blank}\n  2,\n]\n"),
        );
    }
}

#[test]
fn comments_stay() {
    let text = "{\n  // about a\n  \"a\": 1, // a\n  /* b */ \"b\": 2 // b\n  // end\n}\n";
    check(
        text,
        |d| d.set(&path("/c"), &json!(3)),
        "{\n  // about a\n  \"a\": 1, // a\n  /* b */ \"b\": 2, // b\n  // end\n  \"c\": 3\n}\n",
    );
    check(
        text,
        |d| d.remove(&path("/a")),
        "{\n  // about a\n  // a\n  /* b */ \"b\": 2 // b\n  // end\n}\n",
    );
    check(
        text,
        |d| d.remove(&path("/b")),
        "{\n  // about a\n  \"a\": 1 // a\n  /* b */ // b\n  // end\n}\n",
    );
}

#[test]
fn values_change_in_place() {
    check(
        "{ \"b\" : [1], // x\n \"a\": true }",
        |d| d.set(&path("/b"), &json!("new")),
        "{ \"b\" : \"new\", // x\n \"a\": true }",
    );
    check(
        "{\n  \"env\": {\"A\": \"1\", \"B\": \"2\"}\n}\n",
        |d| d.set(&path("/env/A"), &json!({"x": [1, 2]})),
        "{\n  \"env\": {\"A\": {\"x\": [1, 2]}, \"B\": \"2\"}\n}\n",
    );
}

#[test]
fn what_becomes_empty_goes_too() {
    let gone = |pointer: &'static str, keep: &'static str| {
        move |d: &mut Document<'_>| {
            d.remove(&path(pointer));
            d.prune(&path(pointer), |place| *place == path(keep));
        }
    };
    check("{\"a\":{\"b\":{\"c\":1}},\"d\":2}", gone("/a/b/c", "/x"), "{\"d\":2}");
    check("{\"a\":{\"b\":{\"c\":1}},\"d\":2}", gone("/a/b/c", "/a"), "{\"a\":{},\"d\":2}");
    check("{\"a\":{\"b\":1,\"e\":2}}", gone("/a/b", "/x"), "{\"a\":{\"e\":2}}");
    check("{\"a\":{/* why */\"b\":1}}", gone("/a/b", "/x"), "{\"a\":{/* why */}}");
}

#[test]
fn the_skeleton_is_what_is_left() {
    let skeleton = json!({"mcpServers": {}});
    let check = |text: &str, expect: bool| {
        let document = Document::parse(text).expect("a JSON text");
        assert_eq!(document.is_skeleton(&skeleton), expect, "{text}");
    };
    check("{\"mcpServers\":{}}", true);
    check("{ }\n", true);
    check("{\"mcpServers\":{\"a\":{}}}", false);
    check("{\"mcpServers\":{ /* mine */ }}", false);
    check("// mine\n{}", false);
    check("{\"other\":{}}", false);
}

#[test]
fn lookups_name_what_is_in_the_way() {
    let text = "{\n\"a\": {\n\"b\": 1,\n\"c\": 2,\n\"c\": 3}}";
    let document = Document::parse(text).expect("a JSON text");
    let found = |pointer: &str| {
        format!(
            "{:?}",
            DocumentIndex::new(&document).find(&path(pointer)).map(|l| match l {
                Lookup::Found(value) => value.to_json().to_string(),
                Lookup::Missing => "missing".to_owned(),
                Lookup::Blocked { depth, line } => format!("blocked {depth} {line}"),
            })
        )
    };
    assert_eq!(found("/a/b"), "Ok(\"1\")");
    assert_eq!(found("/a/x"), "Ok(\"missing\")");
    assert_eq!(found("/a/b/x"), "Ok(\"blocked 2 3\")");
    assert_eq!(found("/a/c"), "Err(JsonError { line: 5, message: \"duplicate key `c`\" })");
}

/// A random value; numbers are unique enough to be found in a text.
fn any_json(leaves: u32) -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (1000..9999).prop_map(Json::from),
        "[a-z\"\\\\/ü]{0,4}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, leaves, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            any_object(inner),
        ]
    })
}

fn any_object(inner: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    prop::collection::vec(("[a-d]", inner), 0..4)
        .prop_map(|pairs| Json::Object(pairs.into_iter().collect()))
}

/// A random text for a value: anything that may stand between tokens stands there.
fn any_text() -> impl Strategy<Value = (Json, String)> {
    let trivia = prop::sample::select(vec![
        "",
        "",
        "",
        " ",
        "\n",
        "\n  ",
        "\n\t",
        "\r\n    ",
        " // c\n",
        "/* c */",
        "\n  // c\n  ",
    ]);
    let noise =
        prop_oneof![Just(vec![""]), Just(vec!["\n  "]), prop::collection::vec(trivia, 1..40),];
    (any_object(any_json(12)), noise, any::<bool>()).prop_map(|(value, noise, trailing)| {
        let mut out = String::new();
        write_text(&value, &mut noise.iter().copied().cycle(), trailing, &mut out);
        (value, out)
    })
}

fn write_text(
    value: &Json,
    noise: &mut dyn Iterator<Item = &str>,
    trailing: bool,
    out: &mut String,
) {
    let (open, close, pairs): (_, _, Vec<(Option<&String>, &Json)>) = match value {
        Json::Array(items) => ('[', ']', items.iter().map(|item| (None, item)).collect()),
        Json::Object(map) => ('{', '}', map.iter().map(|(key, item)| (Some(key), item)).collect()),
        leaf => return out.push_str(&leaf.to_string()),
    };
    out.push(open);
    for (index, (key, item)) in pairs.iter().enumerate() {
        out.extend(noise.next());
        if let Some(key) = key {
            out.push_str(&Json::from(key.as_str()).to_string());
            out.extend(noise.next());
            out.push(':');
            out.extend(noise.next());
        }
        write_text(item, noise, trailing, out);
        out.extend(noise.next());
        if index + 1 < pairs.len() || trailing {
            out.push(',');
        }
    }
    out.extend(noise.next());
    out.push(close);
}

/// The same edits on data.
fn model<'v>(value: &'v mut Json, path: &Pointer) -> &'v mut Json {
    path.segments().iter().fold(value, |value, key| {
        if !value.is_object() {
            *value = json!({});
        }
        value.as_object_mut().expect("an object").entry(&**key).or_insert(Json::Null)
    })
}

fn any_path() -> impl Strategy<Value = Pointer> {
    prop::collection::vec("[a-e]", 1..4).prop_map(|keys| keys.into_iter().collect())
}

#[derive(Clone, Debug)]
enum Edit {
    Set(Pointer, Json),
    Add(Pointer, Json),
    Remove(Pointer),
    RemoveItems(Pointer, usize),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any_path(), any_json(6)).prop_map(|(path, value)| Edit::Set(path, value)),
        (any_path(), any_json(6)).prop_map(|(path, value)| Edit::Add(path, value)),
        any_path().prop_map(Edit::Remove),
        (any_path(), 0..3_usize).prop_map(|(path, index)| Edit::RemoveItems(path, index)),
    ]
}

fn apply(edit: &Edit, document: &mut Document<'_>, value: &mut Json) {
    match edit {
        Edit::Set(path, new) => {
            document.set(path, new);
            *model(value, path) = new.clone();
        }
        Edit::Add(path, new) => {
            document.add_item(path, new);
            match model(value, path) {
                Json::Array(items) => items.push(new.clone()),
                other => *other = json!([new]),
            }
        }
        Edit::Remove(path) => {
            document.remove(path);
            let (last, parents) = path.segments().split_last().expect("not empty");
            let parents = path.prefix(parents.len()).to_string();
            if let Some(Json::Object(map)) = value.pointer_mut(&parents) {
                map.shift_remove(&**last);
            }
        }
        Edit::RemoveItems(path, index) => {
            let Some(Json::Array(items)) = value.pointer_mut(&path.to_string()) else {
                return document.remove_items(path, &HashSet::new());
            };
            let digest = items.get(*index).map(Digest::of_json);
            items.retain(|item| Some(Digest::of_json(item)) != digest);
            document.remove_items(path, &digest.into_iter().collect());
        }
    }
}

proptest! {
    #[test]
    fn edits_do_to_the_text_what_they_do_to_the_value(
        (value, text) in any_text(),
        edits in prop::collection::vec(any_edit(), 1..6),
    ) {
        let mut value = value;
        let mut document = Document::parse(&text).expect("a JSON text");
        prop_assert_eq!(document.to_text(), text.as_str());
        prop_assert_eq!(document.to_json(), value.clone());
        for edit in &edits {
            apply(edit, &mut document, &mut value);
            let edited = document.to_text();
            let read = Document::parse(&edited);
            prop_assert!(read.is_ok(), "{read:?}\n{edited}");
            prop_assert_eq!(read.map(|d| d.to_json()), Ok(value.clone()), "{}", edited);
        }
    }

    #[test]
    fn a_removal_keeps_the_comments_around_it((_, text) in any_text(), place in any_path()) {
        let mut document = Document::parse(&text).expect("a JSON text");
        let is_leaf = match DocumentIndex::new(&document).find(&place) {
            Ok(Lookup::Found(value)) => !value.to_json().is_object() && value.items().is_none(),
            _ => false,
        };
        if is_leaf {
            document.remove(&place);
            let comments = |text: &str| text.matches(" c").count();
            // Those around the colon are part of what is removed.
            prop_assert!(comments(&document.to_text()) + 2 >= comments(&text));
        }
    }

    #[test]
    fn what_was_added_can_be_taken_out_to_the_byte(
        (value, text) in any_text(),
        place in any_path(),
        new in any_json(6),
        item in any::<bool>(),
    ) {
        let length = place.segments().len();
        let on_the_way = |count: usize| value.pointer(&place.prefix(count).to_string());
        // Only where nothing foreign is replaced, and nothing empty is pruned that a person left.
        let foreign = |value: &Json| value.as_object().is_some_and(|map| !map.is_empty());
        if !(0..length).all(|count| on_the_way(count).is_none_or(foreign)) {
            return Ok(());
        }
        let target = on_the_way(length);
        let mut document = Document::parse(&text).expect("a JSON text");
        if item {
            let items = target.map(|target| target.as_array().cloned().unwrap_or_default());
            if !items.as_ref().is_none_or(|items| !items.is_empty() && !items.contains(&new)) {
                return Ok(());
            }
            document.add_item(&place, &new);
            document.remove_items(&place, &HashSet::from([Digest::of_json(&new)]));
        } else {
            if target.is_some() {
                return Ok(());
            }
            document.set(&place, &new);
            document.remove(&place);
        }
        document.prune(&place, |_| false);
        prop_assert_eq!(document.to_text(), text);
    }

    #[test]
    fn a_changed_value_changes_nothing_else((_, text) in any_text(), place in any_path()) {
        let mut document = Document::parse(&text).expect("a JSON text");
        let old = match DocumentIndex::new(&document).find(&place) {
            Ok(Lookup::Found(value)) => value.to_json(),
            _ => return Ok(()),
        };
        let Some(number) = old.as_u64() else { return Ok(()) };
        if text.matches(&number.to_string()).count() != 1 {
            return Ok(());
        }
        document.set(&place, &json!("new"));
        prop_assert_eq!(document.to_text(), text.replace(&number.to_string(), "\"new\""));
    }

    #[test]
    fn any_bytes_are_read_or_refused(text in "[\\[\\]{}\",:/*\\\\ \n0-9a-z\\-.ü\u{feff}]{0,40}") {
        if let Ok(document) = Document::parse(&text) {
            prop_assert_eq!(document.to_text(), text);
        }
    }

    #[test]
    fn what_is_read_is_what_another_reader_reads((value, text) in any_text()) {
        let read = jsonc_parser::cst::CstRootNode::parse(&text, &Default::default());
        prop_assert_eq!(read.ok().and_then(|root| root.to_serde_value()), Some(value));
    }
}
