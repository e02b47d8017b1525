//! CE081: required front matter keys that are missing.

use crate::agent::content::is_for_people;
use crate::agent::{Form, form_of};
use crate::diagnostic::{Diagnostic, Severity, Sink, code, nearest};
use crate::layer::front_matter::{FrontMatter, Yaml};
use crate::rule::{Check, ContentContext, Rule};

pub(super) const RULE: Rule =
    Rule { code: code::FRONT_MATTER_MISSING, check: Check::Content(check) };

fn check(ctx: &ContentContext<'_>, sink: &mut Sink) {
    let Some(form) = form_of(ctx.file) else { return };
    let (Some(needs), Some(text)) = (&form.needs, ctx.text) else { return };
    let severity = needs.severity;
    if severity != Severity::Error && ctx.file.pack.is_some() {
        return;
    }
    let Some(block) = ctx.front_matter() else {
        // Claude Code passes such a file over, which is what its author wants.
        if is_for_people(ctx.file.path.file_name()) {
            return;
        }
        let first_line = text.lines().next().map_or(0, str::len);
        let message = format!("{} needs front matter, and this file has none", form.words);
        sink.push(
            Diagnostic::new(code::FRONT_MATTER_MISSING, ctx.span(0..first_line), message)
                .severity(severity)
                .note(needs.consequence)
                .help("start the file with `---`, the keys, and `---`"),
        );
        return;
    };
    if block.is_lost() {
        return;
    }
    for key in needs.keys {
        let entry = block.get(key);
        let is_there = entry.is_some_and(|entry| match &entry.value {
            Yaml::Text(text) => !text.trim().is_empty(),
            Yaml::Null => false,
            _ => true,
        });
        if is_there {
            continue;
        }
        let (range, message) = match entry {
            Some(entry) => (entry.key_range.clone(), format!("the `{key}` is empty")),
            None => (block.opening.clone(), format!("{} needs a `{key}`", form.words)),
        };
        let diagnostic = Diagnostic::new(code::FRONT_MATTER_MISSING, ctx.span(range), message)
            .severity(severity)
            .note(needs.consequence);
        sink.push(match near(block, form, key) {
            Some(found) => diagnostic.help(format!("write `{key}` instead of `{found}`")),
            None => diagnostic,
        });
    }
}

/// Returns a key of the block that may be a misspelling of the missing one.
fn near<'b>(block: &'b FrontMatter<'_>, form: &Form, key: &str) -> Option<&'b str> {
    let unknown = block.entries.iter().map(|entry| entry.key.as_ref());
    nearest(key, unknown.filter(|key| form.fields.iter().all(|field| field.name != *key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expect: &str) {
        let input = format!("-- {path} --\n{text}");
        crate::rule::testing::check_messages(&[RULE], &input, expect);
    }

    #[test]
    fn agents_have_name_and_description() {
        let agent = |text: &str, expect: &str| check("base/agents/a.md", text, expect);
        agent("---\nname: a\ndescription: b\n---\n", "");
        agent(
            "# Reviewer\n",
            "base/agents/a.md:1 an agent needs front matter, and this file has none",
        );
        agent("---\nname: a\n---\n", "base/agents/a.md:1 an agent needs a `description`");
        agent("---\nname:\ndescription: b\n---\n", "base/agents/a.md:2 the `name` is empty");
        agent("---\nname: a\n", "");
    }

    #[test]
    fn notes_for_people_need_none() {
        for name in ["README.md", "readme.md", "CONTRIBUTING.md", "_template.md", "team/README.md"]
        {
            check(&format!("base/agents/{name}"), "# Our agents\n", "");
        }
        check(
            "base/agents/README.md",
            "---\nname: readme\n---\n",
            "base/agents/README.md:1 an agent needs a `description`",
        );
        check(
            "base/agents/notes.md",
            "# Notes\n",
            "base/agents/notes.md:1 an agent needs front matter, and this file has none",
        );
    }

    #[test]
    fn skills_have_a_description_and_others_need_nothing() {
        check(
            "base/skills/a/SKILL.md",
            "---\nname: a\n---\n",
            "base/skills/a/SKILL.md:1 a skill needs a `description`",
        );
        check("base/commands/a.md", "Do it.\n", "");
        check("base/skills/a/notes.md", "Notes\n", "");
    }
}
