//! CE085: skills that are not folders of `skills/` with a `SKILL.md`.

use indexmap::IndexMap;

use crate::agent::claude_code::SKILL_FILE;
use crate::agent::content::is_for_people;
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::layer::{ContentFile, ContentKind};
use crate::rule::{Check, Rule, ScopeContext};

pub(super) const RULE: Rule = Rule { code: code::SKILL_LAYOUT, check: Check::Scope(check) };

/// Names of folders that hold what several skills use.
const SHARED: &[&str] = &[
    "shared",
    "common",
    "lib",
    "assets",
    "docs",
    "examples",
    "references",
    "resources",
    "scripts",
    "templates",
];

fn check(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    let mut skills: IndexMap<&str, Vec<(&str, &ContentFile)>> = IndexMap::new();
    for file in ctx.files.iter().filter(|file| file.kind == ContentKind::Skills) {
        match file.path.as_str().split_once('/') {
            Some((skill, inner)) => skills.entry(skill).or_default().push((inner, file)),
            None => sink.extend(loose(ctx, file)),
        }
    }
    for (skill, files) in &skills {
        if !is_for_people(skill) && !files.iter().any(|(inner, _)| *inner == SKILL_FILE) {
            lacking(ctx, skill, files, sink);
        }
    }
}

/// Returns the finding about a file directly in `skills/`; `None` for files other than Markdown, which do no harm. Only with
/// front matter is it meant to be a skill, which is then lost.
fn loose(ctx: &ScopeContext<'_>, file: &ContentFile) -> Option<Diagnostic> {
    let name = file.path.file_name();
    let stem = name.strip_suffix(".md").filter(|_| !is_for_people(name))?;
    let folder = if stem.eq_ignore_ascii_case("skill") { "<name>" } else { stem };
    let meant = file.bytes.starts_with(b"---");
    let message =
        format!("`skills/{name}` is not a skill: a skill is a folder with a `{SKILL_FILE}`");
    Some(
        Diagnostic::new(code::SKILL_LAYOUT, ctx.file_span(file), message)
            .severity(if meant { Severity::Error } else { Severity::Warning })
            .help(format!("move it to `skills/{folder}/{SKILL_FILE}`")),
    )
}

/// Reports what is wrong with a folder without a skill file.
fn lacking(ctx: &ScopeContext<'_>, skill: &str, files: &[(&str, &ContentFile)], sink: &mut Sink) {
    let at = |file: &ContentFile, message: String| {
        Diagnostic::new(code::SKILL_LAYOUT, ctx.file_span(file), message)
    };
    let spelt = files.iter().find(|(inner, _)| inner.eq_ignore_ascii_case(SKILL_FILE));
    if let Some((inner, file)) = spelt {
        sink.push(
            at(file, format!("`skills/{skill}/{inner}` must be called `{SKILL_FILE}`"))
                .note("on Linux Claude Code does not find it")
                .help(format!("rename it to `{SKILL_FILE}`")),
        );
        return;
    }
    let mut found = false;
    for (inner, file) in files {
        let Some(name) = inner.strip_suffix(SKILL_FILE).and_then(|name| name.strip_suffix('/'))
        else {
            continue;
        };
        found = true;
        let message = format!(
            "the skill `{name}` is a folder too deep: Claude Code looks one level below `skills/`"
        );
        let folder = name.rsplit('/').next().unwrap_or(name);
        sink.push(at(file, message).help(format!("move it to `skills/{folder}/`")));
    }
    if found || SHARED.contains(&skill) {
        return;
    }
    let message = format!("the skill `{skill}` has no `{SKILL_FILE}`");
    sink.extend(files.first().map(|(_, file)| {
        at(file, message)
            .severity(Severity::Warning)
            .note("Claude Code passes the folder over")
            .help(format!(
                "add `{SKILL_FILE}`; for files that skills share, call the folder `_{skill}`"
            ))
    }));
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
        check(
            "base/skills/dev/a/SKILL.md base/skills/dev/b/SKILL.md base/skills/x/y/z/SKILL.md",
            "base/skills/dev/a/SKILL.md:1 CE085\nbase/skills/dev/b/SKILL.md:1 CE085\n\
             base/skills/x/y/z/SKILL.md:1 CE085",
        );
    }

    #[test]
    fn folders_that_skills_share_are_fine() {
        for path in
            ["_shared/a.md", "shared/a.md", "_lib/x/run.py", "templates/SKILL.txt", ".cache/a.md"]
        {
            check(&format!("base/skills/a/SKILL.md base/skills/{path}"), "");
        }
        check("base/skills/README.md base/skills/CONTRIBUTING.md base/skills/_index.md", "");
    }
}
