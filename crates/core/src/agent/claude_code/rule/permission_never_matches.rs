//! CE051: permission rules that load, but never match, or match something else.

use std::ops::Range;

use super::part::part;
use crate::agent::claude_code::permission::{List, PermissionRule, entries, operator, star};
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::rule::{Check, DocumentContext, Rule};

/// A finding before it has a place.
struct Doubt {
    /// Bytes of the rule.
    range: Range<usize>,
    what: String,
    label: &'static str,
    note: &'static str,
    help: String,
    severity: Severity,
}

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::PERMISSION_NEVER_MATCHES, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    for (list, node, text) in entries(&context.document.root) {
        let Ok(rule) = PermissionRule::parse(text, list) else { continue };
        let Some(doubt) = doubt(&rule, list) else { continue };
        let message = format!("the permission rule `{text}` {}", doubt.what);
        let span = part(context.sources, node, doubt.range);
        sink.push(
            Diagnostic::new(code::PERMISSION_NEVER_MATCHES, span, message)
                .severity(doubt.severity)
                .label(doubt.label)
                .note(doubt.note)
                .help(doubt.help),
        );
    }
}

fn doubt(rule: &PermissionRule<'_>, list: List) -> Option<Doubt> {
    if rule.tool.starts_with("mcp__") {
        return mcp(rule);
    }
    let content = rule.condition()?;
    let at = rule.tool.len() + 1;
    let of_content = |range: Range<usize>| at + range.start..at + range.end;
    match rule.tool {
        "Write" | "MultiEdit" | "NotebookEdit" => Some(other_tool(rule.tool, content, "Edit")),
        "Glob" | "Grep" => Some(other_tool(rule.tool, content, "Read")),
        "Read" | "Edit" => {
            let path = content.strip_prefix('/').filter(|rest| !rest.starts_with('/'))?;
            Some(Doubt {
                range: of_content(0..1),
                what: "starts with a single `/`, which is not the root of the file system"
                    .to_owned(),
                label: "the folder of the settings file's project",
                note: "`//` is the root of the file system, `~/` the home folder, `./` where Claude Code was started",
                help: if is_absolute(path) {
                    format!("write `{}(//{path})`", rule.tool)
                } else {
                    format!("write `{0}(./{path})` for the project, or `{0}(//{path})`", rule.tool)
                },
                severity: Severity::Warning,
            })
        }
        "WebFetch" => web_fetch(content, of_content(0..content.len())),
        "Bash" => {
            let mut doubt = bash(content, list)?;
            doubt.range = of_content(doubt.range);
            Some(doubt)
        }
        _ => None,
    }
}

fn other_tool(tool: &str, content: &str, instead: &str) -> Doubt {
    Doubt {
        range: 0..tool.len(),
        what: "never matches".to_owned(),
        label: "not consulted for paths",
        note: if instead == "Edit" {
            "rules with a path have an effect for `Edit` and `Read` only; `Edit` covers all tools that write files"
        } else {
            "rules with a path have an effect for `Edit` and `Read` only; `Read` covers all tools that read files"
        },
        help: format!("write `{instead}({content})`"),
        severity: Severity::Warning,
    }
}

/// Returns true if a path after a leading `/` looks like an absolute path.
fn is_absolute(path: &str) -> bool {
    const TOP: &[&str] = &[
        "Applications",
        "Library",
        "Users",
        "Volumes",
        "bin",
        "boot",
        "dev",
        "etc",
        "home",
        "lib",
        "media",
        "mnt",
        "opt",
        "private",
        "proc",
        "root",
        "run",
        "sbin",
        "srv",
        "sys",
        "tmp",
        "usr",
        "var",
        "workspaces",
    ];
    let first = path.split('/').next().unwrap_or(path);
    TOP.binary_search(&first).is_ok()
}

fn mcp(rule: &PermissionRule<'_>) -> Option<Doubt> {
    let Some((server, _)) = rule.mcp() else {
        return Some(Doubt {
            range: 0..rule.tool.len(),
            what: "names no MCP server, so it never matches".to_owned(),
            label: "no server",
            note: "a rule for MCP tools is `mcp__server`, `mcp__server__tool` or `mcp__server__*`",
            help: "add the server's name".to_owned(),
            severity: Severity::Warning,
        });
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*');
    if server.chars().all(plain) {
        return None;
    }
    let name: String = server.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let start = "mcp__".len();
    let rest = rule.tool.get(start + server.len()..).unwrap_or_default();
    Some(Doubt {
        range: start..start + server.len(),
        what: format!("names the server `{server}`, which is part of no tool name"),
        label: "has other characters than letters, digits, `_` and `-`",
        note: "in the names of tools Claude Code replaces all other characters of a server's name by `_`",
        help: format!("write `mcp__{name}{rest}`"),
        severity: Severity::Warning,
    })
}

fn web_fetch(content: &str, range: Range<usize>) -> Option<Doubt> {
    let host = content.strip_prefix("domain:")?;
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '*');
    if !host.is_empty() && host.chars().all(fine) {
        return None;
    }
    let name = host.trim().split(['/', ':', '?', ' ', ',']).next().unwrap_or_default();
    Some(Doubt {
        range,
        what: "names something that is not a host, so it never matches".to_owned(),
        label: "not a host",
        note: "`domain:` takes one host, or `*.` and a host; without port, path or blanks",
        help: match name {
            "" => "write `WebFetch` for every page, or name a host".to_owned(),
            name => format!("write `WebFetch(domain:{name})`"),
        },
        severity: Severity::Warning,
    })
}

fn bash(content: &str, list: List) -> Option<Doubt> {
    let prefix = content.strip_suffix(":*");
    if let Some(prefix) = prefix
        && let Some(at) = star(prefix)
    {
        return Some(Doubt {
            range: at..at + 1,
            what: "mixes `*` with `:*` at the end, and hardly ever matches".to_owned(),
            label: "a literal `*` here",
            note: "before a `:*` at the end, everything is taken literally",
            help: format!("write `Bash({prefix} *)`, or an exact prefix"),
            severity: Severity::Warning,
        });
    }
    if list != List::Allow {
        return None;
    }
    let wild = star(content);
    if let Some(range) = operator(content) {
        let exact = prefix.is_none() && wild.is_none();
        return Some(Doubt {
            what: if exact {
                "allows this one line, and none of its commands alone".to_owned()
            } else {
                "never matches, because it joins commands".to_owned()
            },
            label: "joins two commands",
            note: "Claude Code asks for each command of a line, and each needs a rule that allows it",
            help: format!(
                "write a rule for each command, such as `Bash({})`",
                content.get(..range.start).unwrap_or_default().trim()
            ),
            range,
            severity: if exact { Severity::Note } else { Severity::Warning },
        });
    }
    match prefix {
        Some(_) => None,
        None => wide(content, wild?),
    }
}

/// Returns a `*` that matches more than it seems to: in the value of a variable, or before the rest of the command.
fn wide(content: &str, wild: usize) -> Option<Doubt> {
    let is_variable = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| {
            let mut chars = name.chars();
            chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
                && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    let mut words = content.split_whitespace().skip_while(|word| is_variable(word));
    let command = words.next()?;
    let start = command.as_ptr() as usize - content.as_ptr() as usize;
    if wild < start {
        return Some(Doubt {
            range: wild..wild + 1,
            what: format!("also allows commands other than `{command}`"),
            label: "any text, blanks included",
            note: "a `*` in the value of a variable also matches a whole command before this one",
            help: "give the variable an exact value".to_owned(),
            severity: Severity::Warning,
        });
    }
    if star(command).is_some() {
        return None;
    }
    let redirects = |word: &&str| {
        !word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['<', '>', '&'])
    };
    let after = words
        .take_while(redirects)
        .skip_while(|word| star(word).is_none())
        .find(|word| star(word).is_none() && !word.starts_with('-'))?;
    Some(Doubt {
        range: wild..wild + 1,
        what: format!("allows any option before `{after}`"),
        label: "any text, options included",
        note: "options in this place can make many programs run other programs",
        help: "replace the `*` with an exact value, or use `*` at the end only".to_owned(),
        severity: Severity::Warning,
    })
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    fn check(list: &str, rule: &str, expect: &str) {
        let toml = format!("[permissions]\n{list} = [\n'{rule}',\n]\n");
        let found = document(super::check, LayerKind::Base, &toml);
        assert_eq!(found.join("; "), expect, "{list} {rule}");
    }

    #[test]
    fn paths_count_for_read_and_edit_only() {
        check("deny", "Write(./dist/**)", "3:2 CE051 warning");
        check("deny", "NotebookEdit(./a.ipynb)", "3:2 CE051 warning");
        check("allow", "Glob(src/**)", "3:2 CE051 warning");
        check("allow", "Grep(src/**)", "3:2 CE051 warning");
        check("deny", "Write", "");
        check("deny", "Write(*)", "");
        check("deny", "Edit(./dist/**)", "");
    }

    #[test]
    fn a_single_slash_is_not_the_root() {
        check("deny", "Read(/etc/passwd)", "3:7 CE051 warning");
        check("allow", "Edit(/src/**)", "3:7 CE051 warning");
        check("deny", "Read(//etc/passwd)", "");
        check("deny", "Read(~/.ssh/**)", "");
    }

    #[test]
    fn commands_are_matched_one_by_one() {
        check("allow", "Bash(cd app && npm test:*)", "3:14 CE051 warning");
        check("allow", "Bash(npm run * | tee log)", "3:17 CE051 warning");
        check("allow", "Bash(npm ci && npm test)", "3:14 CE051 note");
        check("deny", "Bash(cd x && rm *)", "");
        check("allow", "Bash(grep \"a|b\" *)", "");
    }

    #[test]
    fn stars_allow_more_than_they_look_like() {
        check("deny", "Bash(npm * test:*)", "3:11 CE051 warning");
        check("allow", "Bash(git * main)", "3:11 CE051 warning");
        check("allow", "Bash(FOO=* npm test)", "3:11 CE051 warning");
        check("deny", "Bash(git * main)", "");
        check("allow", "Bash(git log *)", "");
        check("allow", "Bash(git log * --oneline)", "");
        check("allow", "Bash(* --version)", "");
        check("allow", "Bash(npm run *)", "");
    }

    #[test]
    fn hosts_and_servers_are_names() {
        check("allow", "WebFetch(domain:a.example/docs)", "3:11 CE051 warning");
        check("allow", "WebFetch(domain:)", "3:11 CE051 warning");
        check("allow", "WebFetch(domain:*.a.example)", "");
        check("allow", "mcp__my.server__get", "3:7 CE051 warning");
        check("deny", "mcp__", "3:2 CE051 warning");
        check("deny", "mcp__*", "");
    }
}
