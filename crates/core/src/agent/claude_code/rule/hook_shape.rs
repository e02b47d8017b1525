//! CE061: hooks that Claude Code rejects. Version 2.1.197 discards the whole settings file because of one.

use std::sync::Arc;

use crate::agent::claude_code::hooks::{self, Event};
use crate::agent::claude_code::settings::{HANDLER_TYPES, HANDLERS};
use crate::diagnostic::{Diagnostic, Severity, Sink, code, nearest};
use crate::rule::{Check, DocumentContext, Rule};
use crate::schema::{Misfit, Problem, TableShape};
use crate::source::{KeyPath, Node};

const DISCARDED: &str =
    "Claude Code 2.1.197 discards the whole settings file because of it, deny rules included";

const DISCARDED_ALL: &str = "below `PreToolUse` and `PermissionRequest` every version discards the whole settings file \
     because of it, deny rules included; 2.1.197 does so everywhere";

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::HOOK_SHAPE, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    let root = &context.document.root;
    for (event, node) in hooks::events(root) {
        if node.as_array().is_none() {
            sink.push(no_array(event, node));
        }
    }
    for (event, matcher) in hooks::matchers(root) {
        check_matcher(event, matcher, sink);
    }
}

fn found(node: &Node, message: String) -> Diagnostic {
    Diagnostic::new(code::HOOK_SHAPE, node.span, message).note(DISCARDED)
}

fn no_array(event: &Event, node: &Node) -> Diagnostic {
    let name = event.name;
    let message = format!("`hooks.{name}` is {}, not an array of matchers", node.kind());
    let diagnostic = found(node, message)
        .label("an array is needed")
        .note("Claude Code ignores all hooks of the event");
    match node.as_table() {
        Some(_) => diagnostic.help(format!("write `[[hooks.{name}]]`, with two brackets")),
        None => diagnostic.help(format!(
            "write `[[hooks.{name}]]`, and below it `hooks = [{{ type = \"command\", command = \"…\" }}]`"
        )),
    }
}

fn check_matcher(event: &Event, matcher: &Arc<Node>, sink: &mut Sink) {
    let name = event.name;
    let Some(table) = matcher.as_table() else {
        sink.push(
            found(matcher, format!("a matcher of `{name}` is {}", matcher.kind()))
                .label("a table is needed")
                .help("write `{ matcher = \"…\", hooks = [{ type = \"command\", command = \"…\" }] }`"),
        );
        return;
    };
    if let Some(value) = table.get("matcher")
        && value.as_str().is_none()
    {
        sink.push(
            found(value, format!("`matcher` is {}, not a string", value.kind()))
                .label("a string is needed")
                .help("join names with `|`, such as `matcher = \"Edit|Write\"`"),
        );
    }
    match table.get("hooks") {
        Some(hooks) => match hooks.as_array() {
            Some(handlers) => {
                for handler in handlers {
                    check_handler(handler, sink);
                }
            }
            None => sink.push(
                found(hooks, format!("`hooks` is {}, not an array of handlers", hooks.kind()))
                    .label("an array is needed")
                    .help("put the handler in brackets: `hooks = [{ type = \"command\", … }]`"),
            ),
        },
        None => {
            let flat =
                ["type", "command", "prompt", "url"].iter().any(|key| table.contains_key(*key));
            let diagnostic = found(matcher, format!("a matcher of `{name}` has no `hooks`"));
            sink.push(if flat {
                diagnostic
                    .label("a handler where a matcher belongs")
                    .help("put the handler one level deeper: `hooks = [{ type = \"command\", command = \"…\" }]`")
            } else {
                let near = nearest("hooks", table.keys().map(AsRef::as_ref).filter(|key| *key != "matcher"));
                diagnostic.label("`hooks` is missing").help(match near {
                    Some(key) => format!("did you mean `hooks` instead of `{key}`?"),
                    None => "add `hooks = [{ type = \"command\", command = \"…\" }]`".to_owned(),
                })
            });
        }
    }
}

fn check_handler(handler: &Arc<Node>, sink: &mut Sink) {
    let Some(table) = handler.as_table() else {
        let diagnostic = found(handler, format!("a hook is {}, not a table", handler.kind()));
        sink.push(diagnostic.label("a table is needed").help(match handler.as_str() {
            Some(command) => format!("write `{{ type = \"command\", command = '{command}' }}`"),
            None => "write `{ type = \"command\", command = \"…\" }`".to_owned(),
        }));
        return;
    };
    let Some(kind) = table.get("type") else {
        let guess = if table.contains_key("prompt") {
            "prompt"
        } else if table.contains_key("url") {
            "http"
        } else if table.contains_key("server") || table.contains_key("tool") {
            "mcp_tool"
        } else {
            "command"
        };
        sink.push(
            found(handler, "a hook has no `type`".to_owned())
                .label("`type` is missing")
                .help(format!("add `type = \"{guess}\"`")),
        );
        return;
    };
    let shape = (HANDLER_TYPES.iter().zip(HANDLERS))
        .find(|(name, _)| kind.as_str() == Some(**name))
        .map(|(_, shape)| shape);
    let Some(shape) = shape else {
        let written =
            kind.as_str().map_or_else(|| kind.kind().to_string(), |text| format!("`{text}`"));
        sink.push(
            found(kind, format!("there is no hook of the type {written}"))
                .label("not a type of hook")
                .help("types are `command`, `prompt`, `agent`, `http` and `mcp_tool`")
                .did_you_mean(kind.as_str().unwrap_or_default(), HANDLER_TYPES.iter().copied()),
        );
        return;
    };
    let mut problems = Vec::new();
    shape.check(&mut KeyPath::default(), handler, &mut problems);
    sink.extend(problems.iter().filter_map(|problem| describe(handler, problem)));
    if kind.as_str() == Some("http")
        && let Some(url) = table.get("url")
    {
        sink.extend(check_url(url));
    }
}

/// Returns what is wrong with the URL of an `http` hook; `None` for a valid one. Clients parse it when they read the file,
/// before any variable is expanded.
fn check_url(node: &Node) -> Option<Diagnostic> {
    let url = node.as_str()?;
    let at = |message: &str| Diagnostic::new(code::HOOK_SHAPE, node.span, message);
    let scheme = url.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    let rest = url.split_once("://").map(|(_, rest)| rest);
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    if scheme.is_none() {
        let diagnostic =
            at("the URL of a hook has no scheme").label("not a URL").note(DISCARDED_ALL);
        return Some(if url.contains("${") || url.trim().is_empty() {
            diagnostic.help("write a whole URL, such as `https://hooks.acme.example/pre`")
        } else {
            diagnostic.help(format!("write `https://{}`", url.trim_start_matches('/')))
        });
    }
    if host.is_some_and(|host| {
        host.rsplit('@').next().is_none_or(|host| host.is_empty() || host.starts_with(':'))
            || host.contains([' ', '<', '>', '^', '|', '{', '}', '$'])
    }) {
        return Some(
            at("the URL of a hook has no valid host")
                .label("not a URL")
                .note(DISCARDED_ALL)
                .help("write a whole URL, such as `https://hooks.acme.example/pre`"),
        );
    }
    let is_http = matches!(scheme.map(str::to_ascii_lowercase).as_deref(), Some("http" | "https"));
    (!is_http || host.is_none()).then(|| {
        at("the URL of a hook begins with neither `http://` nor `https://`")
            .severity(Severity::Warning)
            .label("the request fails, and the hook does nothing")
            .help(format!("write `https://{}`", rest.unwrap_or(url)))
    })
}

fn describe(handler: &Node, problem: &Problem) -> Option<Diagnostic> {
    let path = &problem.path;
    let new =
        |message: String| Diagnostic::new(code::HOOK_SHAPE, problem.span, message).note(DISCARDED);
    match &problem.misfit {
        // Clients keep and ignore unknown keys: a rule of its own tells.
        Misfit::UnknownKey { .. } => None,
        Misfit::MissingKey { table, field } => {
            let name = field.name;
            let near = near_key(handler, table, name);
            Some(
                new(format!("a hook of the type `{}` has no `{name}`", type_of(table)))
                    .label(format!("`{name}` is missing"))
                    .help(match near {
                        Some(key) => format!("did you mean `{name}` instead of `{key}`?"),
                        None => format!("add `{name}`"),
                    }),
            )
        }
        Misfit::WrongType { expected, found } => {
            let diagnostic = new(format!("`{path}` of a hook is {found}, not {expected}"))
                .label(format!("{expected} is needed"));
            Some(match path.segments().first().map(AsRef::as_ref) {
                Some("timeout") => {
                    diagnostic.help("write a number of seconds, such as `timeout = 10`")
                }
                Some("command") => diagnostic
                    .help("write one string; arguments may stand in an array `args` of their own"),
                _ => diagnostic,
            })
        }
        Misfit::InvalidValue { expected, known } => {
            let written = handler.at(path).and_then(Node::as_str).unwrap_or_default();
            Some(
                new(format!("`{path}` of a hook must be {expected}"))
                    .label(format!("not {expected}"))
                    .did_you_mean(written, known.iter().copied()),
            )
        }
    }
}

/// Returns the type of the handler with this shape.
fn type_of(table: &TableShape) -> &str {
    table.name.trim_end_matches(" hook")
}

/// Returns an unknown key of the handler that may be a misspelt `name`.
fn near_key<'a>(handler: &'a Node, table: &TableShape, name: &str) -> Option<&'a str> {
    let keys = handler.as_table()?.keys().map(AsRef::as_ref);
    let unknown: Vec<&str> = keys.filter(|key| table.field(key).is_none()).collect();
    let other_word = |key: &&str| match name {
        "command" => matches!(*key, "cmd" | "script" | "run"),
        "url" => matches!(*key, "uri" | "endpoint"),
        _ => false,
    };
    unknown.iter().copied().find(other_word).or_else(|| nearest(name, unknown))
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    fn check(toml: &str, expect: &[&str]) {
        assert_eq!(document(super::check, LayerKind::Base, toml), expect, "{toml}");
    }

    fn handler(handler: &str, expect: &[&str]) {
        check(&format!("[[hooks.PreToolUse]]\nhooks = [\n{handler},\n]\n"), expect);
    }

    #[test]
    fn every_level_must_be_there() {
        check("[hooks.Stop]\nhooks = []\n", &["1:1 CE061 error"]);
        check("hooks.Stop = \"x\"\n", &["1:14 CE061 error"]);
        check(
            "[hooks]\nStop = [\n  { type = \"command\", command = \"x\" },\n]\n",
            &["3:3 CE061 error"],
        );
        check("[[hooks.Stop]]\nmatcher = 5\nhooks = []\n", &["2:11 CE061 error"]);
        check(
            "[[hooks.Stop]]\nhooks = { type = \"command\", command = \"x\" }\n",
            &["2:9 CE061 error"],
        );
        check("hooks.Stop = [\"x\"]\n", &["1:15 CE061 error"]);
        check("[[hooks.Stop]]\nhooks = [\"x\"]\n", &["2:10 CE061 error"]);
        check("[[hooks.Sotp]]\nhooks = 5\n", &[]);
    }

    #[test]
    fn the_url_of_a_hook_is_whole() {
        let url = |url: &str, expect: &[&str]| {
            handler(&format!("{{ type = \"http\", url = \"{url}\" }}"), expect);
        };
        for bad in [
            "hooks.acme.example/pre",
            "/pre",
            "",
            "//a.example",
            "${HOOK_URL}",
            "https://",
            "https:///x",
            "https://a b/x",
            "https://${HOST}/x",
            "https://:80/",
        ] {
            url(bad, &["3:24 CE061 error"]);
        }
        for odd in ["ftp://a.example/x", "localhost:8080/x", "file:///x"] {
            let found = document(
                super::check,
                LayerKind::Base,
                &format!("[[hooks.Stop]]\nhooks = [\n{{ type = \"http\", url = \"{odd}\" }},\n]\n"),
            );
            assert!(found.len() == 1, "{odd} {found:?}");
        }
    }

    #[test]
    fn handlers_have_the_fields_of_their_type() {
        handler("{ type = \"command\", command = \"x\", timeout = 10 }", &[]);
        handler("{ type = \"command\", command = \"x\", timeout = 0.5, once = true }", &[]);
        handler("{ type = \"prompt\", prompt = \"x\", model = \"haiku\" }", &[]);
        handler("{ type = \"http\", url = \"https://a.example\", headers = { A = \"b\" } }", &[]);
        handler("{ type = \"mcp_tool\", server = \"docs\", tool = \"get\", input = {} }", &[]);
        handler("{ type = \"http\", url = \"http://localhost:8080/x?y=${Z}\" }", &[]);
        handler("{ command = \"x\" }", &["3:1 CE061 error"]);
        handler("{ type = \"shell\", command = \"x\" }", &["3:10 CE061 error"]);
        handler("{ type = \"command\", cmd = \"x\" }", &["3:1 CE061 error"]);
        handler("{ type = \"mcp_tool\", server = \"docs\" }", &["3:1 CE061 error"]);
        handler("{ type = \"command\", command = [\"x\"] }", &["3:31 CE061 error"]);
        handler("{ type = \"command\", command = \"x\", timeout = \"10\" }", &["3:46 CE061 error"]);
        handler("{ type = \"command\", command = \"x\", timeout = 0 }", &["3:46 CE061 error"]);
        handler("{ type = \"command\", command = \"x\", shell = \"zsh\" }", &["3:44 CE061 error"]);
        handler("{ type = \"command\", command = \"x\", unknown = 1 }", &[]);
    }
}
