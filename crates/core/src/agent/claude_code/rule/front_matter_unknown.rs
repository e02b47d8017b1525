//! CE083: front matter keys that Claude Code does not read.

use crate::agent::form_of;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, ContentContext, Rule};

pub(super) const RULE: Rule =
    Rule { code: code::FRONT_MATTER_UNKNOWN, check: Check::Content(check) };

fn check(ctx: &ContentContext<'_>, sink: &mut Sink) {
    // Packs carry words of their own installers. They are not ours to remove.
    let Some(form) = form_of(ctx.file).filter(|_| ctx.file.pack.is_none()) else { return };
    let Some(block) = ctx.front_matter() else { return };
    let known = || form.fields.iter().map(|field| field.name);
    for entry in block.entries.iter().filter(|entry| !known().any(|name| name == entry.key)) {
        let span = ctx.span(entry.key_range.clone());
        sink.push_with(code::FRONT_MATTER_UNKNOWN, span, || {
            let message =
                format!("Claude Code does not read the key `{}` in {}", entry.key, form.words);
            let diagnostic = Diagnostic::new(code::FRONT_MATTER_UNKNOWN, span, message);
            // Keys of other kinds of files, and of other programs.
            let plain = entry.key.to_ascii_lowercase().replace(['-', '_'], "");
            match (form.instead)(&plain) {
                Some(help) => diagnostic.help(help),
                None => diagnostic.did_you_mean(&entry.key, known()),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, lines: &str, expect: &str) {
        let input = format!("-- {path} --\n---\nname: a\n{lines}\n---\n");
        let found = crate::rule::testing::findings(&[RULE], &input);
        let shown: Vec<String> = found
            .iter()
            .map(|f| {
                format!("{} {} ({})", f.at.place.line, f.message, f.help.as_deref().unwrap_or(""))
            })
            .collect();
        assert_eq!(shown.join("\n"), expect, "{input}");
    }

    #[test]
    fn keys_are_known() {
        check("base/agents/a.md", "tools: Read\nmcpServers: [x]", "");
        check(
            "base/agents/a.md",
            "allowed-tools: Read",
            "3 Claude Code does not read the key `allowed-tools` in an agent (an agent's tools are `tools`)",
        );
        check(
            "base/agents/a.md",
            "descripton: x\ncategory: y",
            "3 Claude Code does not read the key `descripton` in an agent (did you mean `description`?)\n\
             4 Claude Code does not read the key `category` in an agent ()",
        );
        check(
            "base/skills/a/SKILL.md",
            "tools: Read",
            "3 Claude Code does not read the key `tools` in a skill (write `allowed-tools`)",
        );
        check(
            "base/rules/a.md",
            "globs: '*.ts'",
            "3 Claude Code does not read the key `globs` in a rule (write `paths`)",
        );
        check("base/skills/a/notes.md", "tags: x", "");
    }
    #[test]
    fn packs_may_have_keys_of_their_own() {
        use crate::layer::{ContentFile, ContentKind, LayerKind, LayerName};
        use crate::source::{RepoPath, Sources};

        let mut file = ContentFile {
            kind: ContentKind::Agents,
            origin: "packs/superclaude/agents/a.md".into(),
            layer: LayerName::unnamed(LayerKind::Base),
            pack: None,
            path: RepoPath::parse("a.md").expect("a path"),
            executable: false,
            bytes: std::sync::Arc::from(&b"---\nname: a\ncategory: meta\n---\n"[..]),
        };
        let findings = |file: &ContentFile| {
            let mut sink = Sink::default();
            super::check(&ContentContext::new(file, &Sources::default()), &mut sink);
            sink.into_diagnostics().len()
        };
        assert_eq!(findings(&file), 1);
        file.pack = Some(std::sync::Arc::from("superclaude"));
        assert_eq!(findings(&file), 0);
    }
}
