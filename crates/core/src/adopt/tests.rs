//! Edits of a layer's text: what else stands there stays.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::layer_text::LayerText;
use crate::diagnostic::Sink;
use crate::layer::parse_toml;
use crate::source::Sources;

#[track_caller]
fn check(text: &str, edit: impl FnOnce(&mut LayerText), expect: &str) {
    let mut layer = LayerText::parse(text).expect("a layer");
    edit(&mut layer);
    assert_eq!(layer.to_text(), expect);
}

fn set<'v>(path: &'v [&'v str], value: Json) -> impl FnOnce(&mut LayerText) + 'v {
    move |layer| layer.set(path, &value).expect("set")
}

fn remove<'v>(path: &'v [&'v str]) -> impl FnOnce(&mut LayerText) + 'v {
    move |layer| assert!(layer.remove(path))
}

fn add<'v>(path: &'v [&'v str], item: Json) -> impl FnOnce(&mut LayerText) + 'v {
    move |layer| layer.add_item(path, &item).expect("added")
}

fn take<'v>(path: &'v [&'v str], item: Json) -> impl FnOnce(&mut LayerText) + 'v {
    move |layer| assert!(layer.remove_item(path, &item))
}

#[test]
fn a_value_keeps_what_is_around_it() {
    let env = ["environment", "A"];
    check(
        "[environment]\nA = '1'  # why\nB = \"2\"\n",
        set(&env, json!("x")),
        "[environment]\nA = \"x\"  # why\nB = \"2\"\n",
    );
    check("environment.A = \"1\"\n", set(&env, json!("x")), "environment.A = \"x\"\n");
    check(
        "environment = { A = \"1\", B = \"2\" } # c\n",
        set(&env, json!("x")),
        "environment = { A = \"x\", B = \"2\" } # c\n",
    );
    check(
        "\u{feff}# c\r\n[environment]\r\nA = \"1\"\r\n",
        set(&env, json!("x")),
        "\u{feff}# c\r\n[environment]\r\nA = \"x\"\r\n",
    );
    check(
        "[settings]\nstatusLine = { type = \"command\", command = \"a\" } # c\n",
        set(&["settings", "statusLine", "command"], json!("b")),
        "[settings]\nstatusLine = { type = \"command\", command = \"b\" } # c\n",
    );
    // The same value is no edit.
    check("[environment]\nA   =   '1'\n", set(&env, json!("1")), "[environment]\nA   =   '1'\n");
}

#[test]
fn a_new_value_goes_where_its_neighbours_are() {
    let env = ["environment", "N"];
    check("", set(&env, json!("x")), "[environment]\nN = \"x\"\n");
    check(
        "# Nothing yet.\n",
        set(&env, json!("x")),
        "# Nothing yet.\n\n[environment]\nN = \"x\"\n",
    );
    check("# Nothing yet.\n", |_| {}, "# Nothing yet.\n");
    check(
        "# c\n[environment]\nA = \"1\"\n\n# d\n[settings]\n",
        set(&env, json!("x")),
        "# c\n[environment]\nA = \"1\"\nN = \"x\"\n\n# d\n[settings]\n",
    );
    check(
        "environment = { A = \"1\" }\n",
        set(&env, json!("x")),
        "environment = { A = \"1\", N = \"x\" }\n",
    );
    check(
        "environment.A = \"1\"\n",
        set(&env, json!("x")),
        "environment.A = \"1\"\nenvironment.N = \"x\"\n",
    );
    check(
        "[settings]\n",
        set(&["settings", "a", "b"], json!(true)),
        "[settings]\na = { b = true }\n",
    );
    check(
        "[environment]\nA = \"1\"\n",
        set(&["mcp_servers", "x"], json!({"command": "c", "env": {"K": "v"}, "args": ["-a"]})),
        "[environment]\nA = \"1\"\n\n[mcp_servers.x]\ncommand = \"c\"\nenv = { K = \"v\" }\nargs = [\"-a\"]\n",
    );
    check(
        "[mcp_servers.x]\ncommand = \"c\"\n\n[settings]\nb = 1\n",
        set(&["mcp_servers", "x", "env", "K"], json!("v")),
        "[mcp_servers.x]\ncommand = \"c\"\nenv = { K = \"v\" }\n\n[settings]\nb = 1\n",
    );
    check(
        "[mcp_servers.x.env]\nA = \"1\"\n",
        set(&["mcp_servers", "x", "env", "K"], json!("v")),
        "[mcp_servers.x.env]\nA = \"1\"\nK = \"v\"\n",
    );
}

#[test]
fn what_cannot_be_said_is_an_error() {
    let mut layer = LayerText::parse("[settings]\na = 1\n").expect("a layer");
    for (path, value, why) in [
        (&["settings", "n"][..], json!(null), "null"),
        (&["settings", "n"], json!({"x": [null]}), "null"),
        (&["settings", "n"], json!(u64::MAX), "number"),
        (&["settings", "a", "b"], json!(1), "not a table"),
    ] {
        let error = layer.set(path, &value).expect_err("an error");
        assert!(error.contains(why), "{error}");
    }
    assert_eq!(layer.to_text(), "[settings]\na = 1\n");
    assert!(layer.add_item(&["settings", "a"], &json!("x")).is_err());
    assert!(LayerText::parse("a = 1\r\nb = 2\n").is_err());
    assert!(LayerText::parse("a = ").is_err());
}

#[test]
fn a_removed_value_takes_its_own_comment_along() {
    let env = ["environment", "A"];
    check(
        "[environment]\nA = \"1\" # of A\n# of B\nB = \"2\"\n",
        remove(&env),
        "[environment]\n# of B\nB = \"2\"\n",
    );
    check(
        "[environment]\n# of A\nA = \"1\"\nB = \"2\"\n",
        remove(&env),
        "[environment]\nB = \"2\"\n",
    );
    check(
        "[environment]\n# all of them\n\n# of A\nA = \"1\"\nB = \"2\"\n",
        remove(&env),
        "[environment]\n# all of them\n\nB = \"2\"\n",
    );
    check(
        "[environment]\nB = \"2\"\n\n# apart\n\nA = \"1\"\n\n# of settings\n[settings]\n",
        remove(&env),
        "[environment]\nB = \"2\"\n\n# apart\n\n# of settings\n[settings]\n",
    );
    check(
        "[environment]\nB = \"2\"\n\n# apart\n\nA = \"1\"\n",
        remove(&env),
        "[environment]\nB = \"2\"\n\n# apart\n\n",
    );
    check(
        "environment = { A = \"1\", B = \"2\" }\n",
        remove(&env),
        "environment = { B = \"2\" }\n",
    );
    check(
        "environment = { B = \"1\", A = \"2\" }\n",
        remove(&env),
        "environment = { B = \"1\" }\n",
    );
    check(
        "# top\n\n# of x\n[mcp_servers.x]\ncommand = \"c\"\n\n[mcp_servers.x.env]\nA = \"1\"\n\n# of y\n[mcp_servers.y]\n",
        remove(&["mcp_servers", "x"]),
        "# top\n\n# of y\n[mcp_servers.y]\n",
    );
    check(
        "[settings]\nstatusLine = { command = \"a\" }\n",
        remove(&["settings", "statusLine", "command"]),
        "[settings]\n",
    );
}

#[test]
fn items_are_added_in_the_way_of_the_list() {
    let allow = ["permissions", "allow"];
    check(
        "[permissions]\nallow = [\"a\"] # c\n",
        add(&allow, json!("n")),
        "[permissions]\nallow = [\"a\", \"n\"] # c\n",
    );
    check(
        "[permissions]\nallow = [ \"a\" ]\n",
        add(&allow, json!("n")),
        "[permissions]\nallow = [ \"a\", \"n\" ]\n",
    );
    check(
        "[permissions]\nallow = []\n",
        add(&allow, json!("n")),
        "[permissions]\nallow = [\"n\"]\n",
    );
    check("[permissions]\n", add(&allow, json!("n")), "[permissions]\nallow = [\"n\"]\n");
    check("", add(&allow, json!("n")), "[permissions]\nallow = [\"n\"]\n");
    check(
        "[permissions]\nallow = [ # all\n  \"a\", # of a\n  \"b\", # of b\n]\n",
        add(&allow, json!("n")),
        "[permissions]\nallow = [ # all\n  \"a\", # of a\n  \"b\", # of b\n  \"n\",\n]\n",
    );
    check(
        "[permissions]\nallow = [\n  \"a\",\n  \"b\" # of b\n]\n",
        add(&allow, json!("n")),
        "[permissions]\nallow = [\n  \"a\",\n  \"b\", # of b\n  \"n\"\n]\n",
    );
    let hooks = ["hooks", "Stop"];
    let hook = json!({"hooks": [{"type": "command", "command": "x"}]});
    let text = "[[hooks.Stop]]\nhooks = [{ type = \"command\", command = \"x\" }]\n";
    check("", add(&hooks, hook.clone()), text);
    check(
        "[[hooks.Stop]]\nmatcher = \"a\"\n\n# c\n[settings]\na = 1\n",
        add(&hooks, hook.clone()),
        &format!("[[hooks.Stop]]\nmatcher = \"a\"\n\n{text}\n# c\n[settings]\na = 1\n"),
    );
    check(
        "[hooks]\nStop = [{ matcher = \"a\" }]\n",
        add(&hooks, json!({"matcher": "b"})),
        "[hooks]\nStop = [{ matcher = \"a\" }, { matcher = \"b\" }]\n",
    );
}

#[test]
fn items_are_removed_with_what_is_about_them() {
    let allow = ["permissions", "allow"];
    let list = "[permissions]\nallow = [ # all\n  \"a\", # of a\n  # of b\n  \"b\", # of b too\n  \"c\",\n]\n";
    check(
        list,
        take(&allow, json!("a")),
        "[permissions]\nallow = [ # all\n  # of b\n  \"b\", # of b too\n  \"c\",\n]\n",
    );
    check(
        list,
        take(&allow, json!("b")),
        "[permissions]\nallow = [ # all\n  \"a\", # of a\n  \"c\",\n]\n",
    );
    check(
        list,
        take(&allow, json!("c")),
        "[permissions]\nallow = [ # all\n  \"a\", # of a\n  # of b\n  \"b\", # of b too\n]\n",
    );
    check(
        "[permissions]\nallow = [\"a\", \"b\"]\n",
        take(&allow, json!("a")),
        "[permissions]\nallow = [\"b\"]\n",
    );
    check(
        "[permissions]\nallow = [\"a\", \"b\"]\n",
        take(&allow, json!("b")),
        "[permissions]\nallow = [\"a\"]\n",
    );
    check(
        "[permissions]\nallow = [\"a\"]\n",
        take(&allow, json!("a")),
        "[permissions]\nallow = []\n",
    );
    check(
        "[permissions]\nallow = [\n  \"a\",\n]\n",
        take(&allow, json!("a")),
        "[permissions]\nallow = []\n",
    );
    check(
        "[permissions]\nallow = [\n  \"a\",\n  \"b\" # of b\n]\n",
        take(&allow, json!("b")),
        "[permissions]\nallow = [\n  \"a\"\n]\n",
    );
    let hooks =
        "# of a\n[[hooks.Stop]]\nmatcher = \"a\"\n\n# of b\n[[hooks.Stop]]\nmatcher = \"b\"\n";
    check(
        hooks,
        take(&["hooks", "Stop"], json!({"matcher": "a"})),
        "\n# of b\n[[hooks.Stop]]\nmatcher = \"b\"\n",
    );
}

#[test]
fn an_item_is_changed_in_its_place() {
    let replace = |path: &'static [&'static str], old: Json, new: Json| {
        move |layer: &mut LayerText| assert_eq!(layer.replace_item(path, &old, &new), Ok(true))
    };
    check(
        "[permissions]\ndeny = [\n  \"a\", # of a\n  'b', # of b\n]\n",
        replace(&["permissions", "deny"], json!("b"), json!("c")),
        "[permissions]\ndeny = [\n  \"a\", # of a\n  \"c\", # of b\n]\n",
    );
    check(
        "[[hooks.Stop]]\nmatcher = \"a\" # m\nhooks = [{ type = \"command\", command = 'x', timeout = 5 }] # h\n",
        replace(
            &["hooks", "Stop"],
            json!({"matcher": "a", "hooks": [{"type": "command", "command": "x", "timeout": 5}]}),
            json!({"matcher": "a", "hooks": [{"type": "command", "command": "x", "timeout": 9}]}),
        ),
        "[[hooks.Stop]]\nmatcher = \"a\" # m\nhooks = [{ type = \"command\", command = 'x', timeout = 9 }] # h\n",
    );
}

#[test]
fn an_unset_stands_at_the_top() {
    let unset = |layer: &mut LayerText| layer.unset("mcp_servers.x").expect("unset");
    check("", unset, "unset = [\"mcp_servers.x\"]\n");
    check(
        "description = \"d\"\n\n[settings]\n",
        unset,
        "description = \"d\"\nunset = [\"mcp_servers.x\"]\n\n[settings]\n",
    );
    check(
        "# about the file\n\n# of settings\n[settings]\n",
        unset,
        "# about the file\n\nunset = [\"mcp_servers.x\"]\n\n# of settings\n[settings]\n",
    );
    check(
        "unset = [\n  \"a.b\", # c\n]\n",
        unset,
        "unset = [\n  \"a.b\", # c\n  \"mcp_servers.x\",\n]\n",
    );
    check("unset = [\"mcp_servers.x\"]\n", unset, "unset = [\"mcp_servers.x\"]\n");
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "\\PC{0,8}|[\\x00-\\x7f]{0,6}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(("[a-z]{1,3}|\\PC{1,4}", inner), 0..4)
                .prop_map(|pairs| pairs.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn parsed(text: &str) -> Json {
    let id = Sources::default().add("layer.toml", "", text);
    let mut sink = Sink::default();
    let root = parse_toml(id, text, &mut sink);
    assert!(!sink.has_errors(), "{text}");
    root.to_json()
}

proptest! {
    #[test]
    fn a_value_that_was_set_is_read_again(
        first in any_json(), second in any_json(), name in "[a-z]{1,3}|\\PC{1,4}"
    ) {
        let base = "# top\n\n[environment]\nA = \"1\" # a\n\n# end\n[settings]\nother = 1\n";
        let path = ["settings", name.as_str()];
        prop_assume!(name != "other");
        let mut layer = LayerText::parse(base).expect("a layer");
        layer.set(&path, &first).expect("set");
        // In the form in which a person left it, then once more.
        let mut layer = LayerText::parse(&layer.to_text()).expect("a layer");
        layer.set(&path, &second).expect("set");
        let text = layer.to_text();
        let mut expect = json!({"environment": {"A": "1"}, "settings": {"other": 1}});
        expect["settings"][&name] = second;
        prop_assert_eq!(parsed(&text), expect);
        prop_assert!(text.contains("# top") && text.contains("# a") && text.contains("# end"));
        prop_assert!(layer.remove(&path));
        prop_assert_eq!(layer.to_text(), base);
    }

    #[test]
    fn a_list_takes_and_gives_items(
        items in prop::collection::vec("[a-d]", 0..5), added in "[e-g]", multiline in any::<bool>(), comma in any::<bool>()
    ) {
        let quoted: Vec<String> = items.iter().map(|item| format!("\"{item}\"")).collect();
        let list = match (multiline, comma && !items.is_empty()) {
            (false, _) => format!("[{}]", quoted.join(", ")),
            (true, true) => format!("[\n  {}, # last\n]", quoted.join(", # c\n  ")),
            (true, false) => format!("[\n  {} # last\n]", quoted.join(",\n  ")),
        };
        let text = format!("[permissions]\nallow = {list}\n");
        let path = ["permissions", "allow"];
        let mut layer = LayerText::parse(&text).expect("a layer");
        layer.add_item(&path, &json!(added)).expect("added");
        let mut expect: Vec<String> = items.clone();
        expect.push(added.clone());
        prop_assert_eq!(&parsed(&layer.to_text())["permissions"]["allow"], &json!(expect));
        for item in &items {
            let mut layer = LayerText::parse(&layer.to_text()).expect("a layer");
            prop_assert!(layer.remove_item(&path, &json!(item)));
            let mut left = expect.clone();
            left.remove(left.iter().position(|one| one == item).expect("there"));
            prop_assert_eq!(&parsed(&layer.to_text())["permissions"]["allow"], &json!(left));
        }
    }
}
