//! CE085: skills that are not folders of `skills/` with a `SKILL.md`.

use indexmap::IndexMap;

use crate::agent::claude_code::SKILL_FILE;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::{ContentFile, ContentKind};
use crate::rule::{Check, Rule, ScopeContext};

pub(super) const RULE: Rule = Rule { code: code::SKILL_LAYOUT, check: Check::Scope(check) };

fn check(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    let mut skills: IndexMap<&str, Vec<(&str, &ContentFile)>> = IndexMap::new();
    for file in ctx.files.iter().filter(|file| file.kind == ContentKind::Skills) {
        match file.path.as_str().split_once('/') {
            Some((skill, inner)) => skills.entry(skill).or_default().push((inner, file)),
            None => sink.extend(loose(ctx, file)),
        }
    }
    for (skill, files) in &skills {
        if !files.iter().any(|(inner, _)| *inner == SKILL_FILE) {
            sink.extend(lacking(ctx, skill, files));
        }
    }
}

/// Returns the finding about a file directly in `skills/`; `None` for files other than Markdown, which do no harm.
fn loose(ctx: &ScopeContext<'_>, file: &ContentFile) -> Option<Diagnostic> {
    let name = file.path.file_name();
    let stem = name.strip_suffix(".md").filter(|stem| !stem.starts_with("README"))?;
    let folder = if stem.eq_ignore_ascii_case("skill") { "<name>" } else { stem };
    let message =
        format!("`skills/{name}` is not a skill: a skill is a folder with a `{SKILL_FILE}`");
    Some(
        Diagnostic::new(code::SKILL_LAYOUT, ctx.file_span(file), message)
            .help(format!("move it to `skills/{folder}/{SKILL_FILE}`")),
    )
}

fn lacking(
    ctx: &ScopeContext<'_>,
    skill: &str,
    files: &[(&str, &ContentFile)],
) -> Option<Diagnostic> {
    let at = |file: &ContentFile, message: String| {
        Diagnostic::new(code::SKILL_LAYOUT, ctx.file_span(file), message)
    };
    let spelt = files.iter().find(|(inner, _)| inner.eq_ignore_ascii_case(SKILL_FILE));
    if let Some((inner, file)) = spelt {
        return Some(
            at(file, format!("`skills/{skill}/{inner}` must be called `{SKILL_FILE}`"))
                .note("on Linux Claude Code does not find it"),
        );
    }
    let nested = files.iter().find(|(inner, _)| {
        inner.strip_suffix(SKILL_FILE).is_some_and(|folder| folder.ends_with('/'))
    });
    if let Some((inner, file)) = nested {
        let name = inner.trim_end_matches(SKILL_FILE).trim_end_matches('/');
        let message = format!(
            "the skill `{name}` is a folder too deep: Claude Code looks one level below `skills/`"
        );
        let folder = name.rsplit('/').next().unwrap_or(name);
        return Some(at(file, message).help(format!("move it to `skills/{folder}/`")));
    }
    let message = format!("the skill `{skill}` has no `{SKILL_FILE}`");
    files.first().map(|(_, file)| at(file, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &str, expect: &str) {
        let input: String = paths.split(' ').map(|path| format!("-- {path} --\nx\n")).collect();
        crate::rule::testing::check(&[RULE], &input, expect);
    }

    #[test]
    fn skills_are_folders_with_a_skill_file() {
        check("base/skills/a/SKILL.md base/skills/a/lib/x/SKILL.md base/skills/README.md", "");
        check("base/skills/a/SKILL.md teams/t/skills/a/extra.md", "");
        check("base/skills/a.md", "base/skills/a.md:1 CE085");
        check("base/skills/a/skill.md", "base/skills/a/skill.md:1 CE085");
        check("base/skills/a/run.py", "base/skills/a/run.py:1 CE085");
        check("base/skills/group/a/SKILL.md", "base/skills/group/a/SKILL.md:1 CE085");
    }
}
