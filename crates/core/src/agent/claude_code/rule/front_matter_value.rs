//! CE082: front matter values that Claude Code ignores.

use std::ops::Range;

use crate::agent::{FieldShape, form_of};
use crate::diagnostic::{Diagnostic, Severity, Sink, code, nearest};
use crate::layer::front_matter::Yaml;
use crate::rule::{Check, ContentContext, Rule};

pub(super) const RULE: Rule = Rule { code: code::FRONT_MATTER_VALUE, check: Check::Content(check) };

const MODELS: [&str; 8] =
    ["sonnet", "opus", "haiku", "fable", "opusplan", "inherit", "default", "best"];
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

/// The expected value.
struct Wrong {
    expected: String,
    range: Range<usize>,
    help: Option<String>,
    severity: Severity,
}

fn check(ctx: &ContentContext<'_>, sink: &mut Sink) {
    let Some(form) = form_of(ctx.file).filter(|_| ctx.file.pack.is_none()) else { return };
    let Some(block) = ctx.front_matter() else { return };
    for entry in &block.entries {
        let Some(field) = form.fields.iter().find(|field| field.name == entry.key) else {
            continue;
        };
        if let Some(wrong) = judge(field.shape, &entry.value, &entry.range) {
            let message = format!("`{}` is {}", entry.key, wrong.expected);
            let diagnostic =
                Diagnostic::new(code::FRONT_MATTER_VALUE, ctx.span(wrong.range), message)
                    .severity(wrong.severity);
            sink.push(match wrong.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic.note("Claude Code would silently ignore the value"),
            });
        }
    }
}

fn judge(shape: FieldShape, value: &Yaml<'_>, range: &Range<usize>) -> Option<Wrong> {
    let wrong = |expected: &str, help: Option<String>| {
        let severity = Severity::Warning;
        Some(Wrong { expected: expected.to_owned(), range: range.clone(), help, severity })
    };
    let found = |expected: &str| format!("{expected}, and this is {}", value.words());
    match (shape, value) {
        (FieldShape::Any, _) | (_, Yaml::Null | Yaml::Alias) => None,
        (
            FieldShape::NeededText | FieldShape::AgentName,
            Yaml::List(_) | Yaml::Table | Yaml::Number(_) | Yaml::Bool(_),
        ) => Some(Wrong {
            expected: found("text"),
            range: range.clone(),
            help: Some(match value {
                Yaml::Number(_) | Yaml::Bool(_) => "put it in quotes".to_owned(),
                _ => "write one text: Claude Code does not load the file otherwise".to_owned(),
            }),
            severity: Severity::Error,
        }),
        (FieldShape::Text | FieldShape::Model, Yaml::List(_) | Yaml::Table) => {
            wrong(&found("text"), None)
        }
        (FieldShape::AgentName, Yaml::Text(name))
            if name.starts_with('-') || name.contains(':') =>
        {
            let bad = if name.contains(':') { ":" } else { "-" };
            let place = if bad == ":" { "contains a `:`" } else { "begins with `-`" };
            Some(Wrong {
                expected: format!("a name that Claude Code rejects: it {place}"),
                range: range.clone(),
                help: Some(format!("call it `{}`", name.trim_start_matches('-').replace(':', "-"))),
                severity: Severity::Error,
            })
        }
        (FieldShape::Text | FieldShape::NeededText | FieldShape::AgentName, _) => None,
        (FieldShape::Texts, Yaml::Table | Yaml::Bool(_)) => {
            wrong(&found("a text with commas, or a list"), None)
        }
        (FieldShape::Texts, Yaml::List(items)) => {
            let (item, range) = items
                .iter()
                .find(|(item, _)| !matches!(item, Yaml::Text(_) | Yaml::Number(_) | Yaml::Alias))?;
            Some(Wrong {
                expected: format!("a list of texts, and this item is {}", item.words()),
                range: range.clone(),
                help: matches!(item, Yaml::Table).then(|| "put it in quotes".to_owned()),
                severity: Severity::Warning,
            })
        }
        (FieldShape::Texts, _) | (FieldShape::Bool, Yaml::Bool(_)) => None,
        (FieldShape::Bool, Yaml::Text(word)) => {
            let lower = word.to_ascii_lowercase();
            let meant = match lower.as_str() {
                "yes" | "on" | "true" | "1" => Some("true"),
                "no" | "off" | "false" | "0" => Some("false"),
                _ => None,
            };
            wrong(
                "`true` or `false`",
                meant.map(|meant| format!("write `{meant}`: older versions accept nothing else")),
            )
        }
        (FieldShape::Bool, _) => wrong("`true` or `false`", None),
        (FieldShape::OneOf(words), value) => {
            let text = match value {
                Yaml::Text(text) if words.contains(&text.as_ref()) => return None,
                Yaml::Text(text) => text.as_ref(),
                _ => "",
            };
            let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            let near =
                nearest(text, words.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            wrong(&format!("one of {}", list.join(", ")), near)
        }
        (FieldShape::Model, value) => {
            let name = match value {
                Yaml::Text(name) => name.as_ref(),
                _ => "",
            };
            let alias = name.strip_suffix("[1m]").unwrap_or(name);
            let id = alias.contains("claude-") || alias.contains(['/', ':']);
            if MODELS.contains(&alias) || id {
                return None;
            }
            let near = nearest(alias, MODELS).map(|near| format!("did you mean `{near}`?"));
            wrong(
                "an alias such as `sonnet`, `opus`, `haiku` or `inherit`, or the id of a model",
                near,
            )
        }
        (FieldShape::Effort, Yaml::Text(word)) if EFFORTS.contains(&word.as_ref()) => None,
        (FieldShape::Effort, Yaml::Number(number)) if number.parse::<i64>().is_ok() => None,
        (FieldShape::Effort, value) => {
            let near = match value {
                Yaml::Text(word) => nearest(word, EFFORTS),
                _ => None,
            };
            wrong(
                "`low`, `medium`, `high`, `xhigh`, `max`, or a whole number",
                near.map(|near| format!("did you mean `{near}`?")),
            )
        }
        (FieldShape::Count, Yaml::Number(number)) if number.parse::<u32>().is_ok_and(|n| n > 0) => {
            None
        }
        (FieldShape::Count, _) => wrong("a whole number above zero", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, lines: &str, expect: &str) {
        let input = format!("-- {path} --\n---\nname: a\ndescription: b\n{lines}\n---\n");
        crate::rule::testing::check_messages(&[RULE], &input, expect);
    }

    #[test]
    fn agents() {
        let agent = |lines: &str, expect: &str| check("base/agents/a.md", lines, expect);
        agent("model: opus\ncolor: cyan\neffort: 3\nmaxTurns: 4\nbackground: true", "");
        agent("model: claude-sonnet-5\ntools: [Read, Grep]\nskills: x", "");
        agent("model: eu.anthropic.claude-x\nmemory: project\nisolation: worktree", "");
        agent(
            "model: gpt-6",
            "base/agents/a.md:4 `model` is an alias such as `sonnet`, `opus`, `haiku` or `inherit`, or the id of a model",
        );
        agent(
            "color: gray",
            "base/agents/a.md:4 `color` is one of `red`, `blue`, `green`, `yellow`, `purple`, `orange`, `pink`, `cyan`",
        );
        for value in ["5", "true", "[a, b]", "2.5"] {
            let input =
                format!("-- base/agents/a.md --\n---\nname: a\ndescription: {value}\n---\n");
            let found = crate::rule::testing::findings(&[RULE], &input);
            assert!(found.len() == 1 && found[0].severity == Severity::Error, "{value}");
        }
        agent("background: yes", "base/agents/a.md:4 `background` is `true` or `false`");
        agent("maxTurns: 0", "base/agents/a.md:4 `maxTurns` is a whole number above zero");
        agent(
            "effort: ultra",
            "base/agents/a.md:4 `effort` is `low`, `medium`, `high`, `xhigh`, `max`, or a whole number",
        );
        agent(
            "tools:\n  - Read\n  - mode: x",
            "base/agents/a.md:6 `tools` is a list of texts, and this item is a table",
        );
        check(
            "base/agents/b.md",
            "name: team:b",
            "base/agents/b.md:4 `name` is a name that Claude Code rejects: it contains a `:`",
        );
    }

    #[test]
    fn the_others() {
        check("base/skills/a/SKILL.md", "context: fork\nshell: bash\nargument-hint: [x]", "");
        check(
            "base/skills/a/SKILL.md",
            "context: forked",
            "base/skills/a/SKILL.md:4 `context` is one of `inline`, `fork`",
        );
        check(
            "base/commands/a.md",
            "disable-model-invocation: 'true'",
            "base/commands/a.md:4 `disable-model-invocation` is `true` or `false`",
        );
        check(
            "base/rules/a.md",
            "paths:\n  a: b",
            "base/rules/a.md:5 `paths` is a text with commas, or a list, and this is a table",
        );
    }
}
