//! Settings that do not match the known shapes; shared by CE070, CE071 and CE072.

use serde_json::{Map, Value as Json};

use crate::agent::claude_code::settings::{BadValue, Reach, Setting, setting};
use crate::diagnostic::Diagnostic;
use crate::rule::DocumentContext;
use crate::schema::{Misfit, Problem};
use crate::source::{KeyPath, Kind, Node, Sources, Span};

/// Parts of settings whose invalid values are ignored, although the file is discarded for other parts of the same setting.
const DROPPED_PARTS: &[&str] = &[
    "settings.sandbox.bwrapPath",
    "settings.sandbox.socatPath",
    "settings.statusLine.refreshInterval",
    "settings.worktree.bgIsolation",
];

/// Calls `visit` for each problem of `[settings]` and `[permissions]`, with what Claude Code does with the value.
pub(super) fn each(context: &DocumentContext<'_>, visit: &mut dyn FnMut(BadValue, &Problem)) {
    each_of(&context.document.root, visit);
}

/// Does the same for the tables of a layer.
fn each_of(root: &Node, visit: &mut dyn FnMut(BadValue, &Problem)) {
    let settings = root.get("settings").and_then(|settings| settings.as_table());
    for (name, node) in settings.into_iter().flatten() {
        let Some(known) = setting(name) else { continue };
        let read = !matches!(
            known.reach,
            Reach::Table(_) | Reach::GlobalConfig | Reach::Desktop | Reach::Gone
        );
        if read && !known.shape.fits(node) {
            problems(known, KeyPath::from_iter(["settings", name]), node, visit);
        }
    }
    if let Some(node) = root.get("permissions")
        && node.as_table().is_some()
        && let Some(known) = setting("permissions")
        && !known.shape.fits(node)
    {
        problems(known, KeyPath::from_iter(["permissions"]), node, visit);
    }
}

fn problems(
    known: &Setting,
    mut path: KeyPath,
    node: &Node,
    visit: &mut dyn FnMut(BadValue, &Problem),
) {
    let mut problems = Vec::new();
    known.shape.check(&mut path, node, &mut problems);
    for problem in &problems {
        // A rule that is no text is removed from its list, and the others stay.
        let list = ["allow", "ask", "deny"];
        let of_list = matches!(
            problem.path.segments(), [first, key, _] if first.as_ref() == "permissions" && list.contains(&key.as_ref())
        );
        let dropped = of_list || DROPPED_PARTS.contains(&problem.path.to_string().as_str());
        visit(if dropped { BadValue::Dropped } else { known.bad }, problem);
    }
}

/// Returns the first value for which Claude Code discards a settings file, as a message; `None` if it keeps the file.
pub fn discarded(file: &Json) -> Option<String> {
    let Json::Object(map) = file else { return Some("is no table".to_owned()) };
    // What a layer says in a table of its own; the rest is in `[settings]`.
    let (tables, settings): (Map<String, Json>, Map<String, Json>) = (map.iter())
        .map(|(key, value)| (key.clone(), value.clone()))
        .partition(|(key, _)| key == "permissions");
    let place = Span::new(Sources::default().add("", "", ""), 0..0);
    let mut root = tables;
    root.insert("settings".to_owned(), Json::Object(settings));
    let root = Node::from_json(&Json::Object(root), place)?;
    let mut found = None;
    each_of(&root, &mut |bad, problem| {
        if bad == BadValue::File && found.is_none() {
            let path = problem.path.to_string();
            found = Some(path.strip_prefix("settings.").unwrap_or(&path).to_owned());
        }
    });
    found.map(|path| format!("has a value at `{path}` for which Claude Code discards the file"))
}

/// Returns the message for a problem, with a fix where one is certain; `None` for unknown keys.
pub(super) fn describe(
    context: &DocumentContext<'_>,
    problem: &Problem,
    new: impl FnOnce(String) -> Diagnostic,
) -> Option<Diagnostic> {
    let path = &problem.path;
    let node = context.document.root.at(path);
    Some(match &problem.misfit {
        Misfit::UnknownKey { .. } => return None,
        Misfit::MissingKey { field, .. } => {
            let name = field.name;
            new(format!("`{path}` has no `{name}`"))
                .label(format!("`{name}` is missing"))
                .help(format!("add `{name}`, {}", field.shape.words()))
        }
        Misfit::WrongType { expected, found } => {
            let diagnostic = new(format!("`{path}` is {found}, not {expected}"))
                .label(format!("{expected} is needed"));
            match correction(path, node, expected, *found) {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            }
        }
        Misfit::InvalidValue { expected, known } => {
            let written = node.and_then(Node::as_str);
            let diagnostic = new(match written {
                Some(text) => format!("`{path}` cannot be `{text}`"),
                None => format!("`{path}` must be {expected}"),
            })
            .label(format!("must be {expected}"));
            match (written, path.segments().last().map(AsRef::as_ref)) {
                (Some("manual"), Some("defaultMode")) => {
                    diagnostic.help("write `default`: 2.1.197 does not know its newer name")
                }
                (Some(text), _) => diagnostic.did_you_mean(text, known.iter().copied()),
                _ => diagnostic,
            }
        }
    })
}

fn correction(path: &KeyPath, node: Option<&Node>, expected: &str, found: Kind) -> Option<String> {
    let text = node.and_then(Node::as_str);
    let last = path.segments().last().map_or("", AsRef::as_ref);
    match (found, text) {
        (Kind::Str, Some(text)) if expected.starts_with("an array") => {
            Some(format!("put it in brackets: `{last} = [\"{text}\"]`"))
        }
        (Kind::Str, Some(text))
            if text.parse::<f64>().is_ok() || matches!(text, "true" | "false") =>
        {
            Some(format!("write `{text}`, without quotes"))
        }
        (Kind::Str, Some(text)) if matches!(last, "statusLine" | "fileSuggestion") => {
            Some(format!("write `{last} = {{ type = \"command\", command = \"{text}\" }}`"))
        }
        (Kind::Str, Some(_)) if path.segments().iter().any(|s| s.ends_with("Marketplaces")) => {
            Some(
                "a marketplace has two levels: `source = { source = \"github\", repo = \"…\" }`"
                    .to_owned(),
            )
        }
        (Kind::Str, Some(text)) if path.segments().iter().any(|s| s.ends_with("McpServers")) => {
            Some(format!("write `{{ serverName = \"{text}\" }}`"))
        }
        (Kind::Array, _) if last == "enabledPlugins" => Some(
            "write a table, such as `enabledPlugins = { \"formatter@acme\" = true }`".to_owned(),
        ),
        (Kind::Bool, _) if expected == "`disable`" => Some("write `\"disable\"`".to_owned()),
        (Kind::Bool, _) if last == "attribution" => {
            Some("write `attribution = { commit = \"\", pr = \"\" }` to say nothing".to_owned())
        }
        (Kind::Int | Kind::Float | Kind::Bool, _) if expected == "a string" => {
            Some("put the value in quotes".to_owned())
        }
        _ => None,
    }
}
