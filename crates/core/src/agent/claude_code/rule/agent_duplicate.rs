//! CE084: agents with the same `name`.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::front_matter::{self, Yaml};
use crate::layer::{ContentFile, ContentKind};
use crate::rule::{Check, Rule, ScopeContext};
use crate::source::Span;

pub(super) const RULE: Rule = Rule { code: code::AGENT_DUPLICATE, check: Check::Scope(check) };

fn check(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    let agents = ctx
        .files
        .iter()
        .filter(|file| file.kind == ContentKind::Agents && file.path.as_str().ends_with(".md"));
    let mut seen = HashMap::new();
    for file in agents {
        let Some((name, range)) = name_of(file) else { continue };
        let Some((first, first_range)) = seen.insert(name.clone(), (file, range.clone())) else {
            continue;
        };
        // The higher layer's file, or the later one, is where the name can change without surprise.
        let message = format!("two agents have the name `{name}`");
        sink.push(
            Diagnostic::new(code::AGENT_DUPLICATE, place(ctx, file, range), message)
                .other(place(ctx, first, first_range), "the other agent of this name")
                .note("Claude Code would silently ignore one of them")
                .help(format!(
                    "rename one, or give both files the path `agents/{}` so that the higher layer's replaces the other",
                    first.path
                )),
        );
    }
}

fn name_of(file: &ContentFile) -> Option<(String, std::ops::Range<usize>)> {
    let text = std::str::from_utf8(&file.bytes).ok()?;
    let block = front_matter::find(text).filter(|block| !block.is_lost())?;
    let entry = block.get("name")?;
    match &entry.value {
        Yaml::Text(name) => Some((name.trim().to_owned(), entry.range.clone())),
        _ => None,
    }
}

fn place(ctx: &ScopeContext<'_>, file: &ContentFile, range: std::ops::Range<usize>) -> Span {
    let text = std::str::from_utf8(&file.bytes).unwrap_or_default();
    Span::new(ctx.sources.add(&*file.origin, file.layer.to_string(), text), range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check(&[RULE], input, expect);
    }

    #[test]
    fn names_are_unique_in_a_scope() {
        let agent = |path: &str, name: &str| {
            format!("-- {path} --\n---\ndescription: x\nname: {name}\n---\n")
        };
        let base = agent("base/agents/a.md", "reviewer");
        check(&format!("{base}{}", agent("base/agents/b.md", "other")), "");
        check(&format!("{base}{}", agent("teams/t/agents/a.md", "reviewer")), "");
        check(
            &format!("{base}{}", agent("base/agents/b.md", "reviewer")),
            "base/agents/b.md:3 CE084",
        );
        check(
            &format!("{base}{}", agent("teams/t/agents/x/r.md", "'reviewer'")),
            "teams/t/agents/x/r.md:3 CE084",
        );
        let two =
            format!("{}{}", agent("teams/t/agents/a.md", "x"), agent("teams/u/agents/b.md", "x"));
        check(&two, "");
    }
}
