//! `exclude`: the parts of packs that a scope does not render.

use crate::source::Node;

/// A pattern over the parts of packs, such as `superclaude/modes/*`.
///
/// `*` stands for any part of a name, `**` for any number of folders. A pattern that names a folder matches everything in
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartPattern {
    segments: Vec<String>,
}

impl PartPattern {
    /// Parses a pattern. Fails with the reason, as a sentence fragment.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.is_empty() {
            return Err("the pattern is empty");
        }
        if text.starts_with('/') {
            return Err("it starts with `/`; it begins with the name of a pack");
        }
        if text.contains('\\') {
            return Err("it has a backslash; write `/` between folders");
        }
        let segments: Vec<String> = text.split('/').map(str::to_owned).collect();
        if segments.iter().any(|segment| matches!(segment.as_str(), "" | "." | "..")) {
            return Err("it has a `.`, `..` or empty segment");
        }
        Ok(Self { segments })
    }

    /// Returns the segment that names the pack.
    pub fn pack(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    /// Returns true if the pattern matches a part, or a folder around it.
    pub fn covers(&self, part: &str) -> bool {
        let path: Vec<&str> = part.split('/').collect();
        covers(&self.segments, &path)
    }
}

fn covers(pattern: &[String], path: &[&str]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return true };
    if first == "**" {
        return (0..=path.len()).any(|skip| covers(rest, &path[skip..]));
    }
    match path.split_first() {
        Some((name, below)) => {
            covers_name(first.as_bytes(), name.as_bytes()) && covers(rest, below)
        }
        None => false,
    }
}

/// Returns true if a name matches a pattern in which `*` stands for any text. It backtracks to the last star only, so it is
/// at most quadratic.
fn covers_name(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(byte) if *byte == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// The `exclude` entries of a scope.
#[derive(Clone, Debug, Default)]
pub struct Excludes {
    patterns: Vec<PartPattern>,
}

impl Excludes {
    /// Reads the merged `exclude` array. Invalid patterns are ignored; a rule reports them.
    pub fn read(node: Option<&Node>) -> Self {
        let entries = node.and_then(Node::as_array).unwrap_or_default();
        let texts = entries.iter().filter_map(|entry| entry.as_str());
        Self { patterns: texts.filter_map(|text| PartPattern::parse(text).ok()).collect() }
    }

    /// Returns true if a part is excluded.
    pub fn covers(&self, part: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.covers(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, part: &str, expect: bool) {
        let parsed = PartPattern::parse(pattern).expect("a pattern");
        assert_eq!(parsed.covers(part), expect, "{pattern} {part}");
    }

    #[test]
    fn stars_stay_within_a_name_and_double_stars_do_not() {
        check("superclaude/commands/pm.md", "superclaude/commands/pm.md", true);
        check("superclaude/commands/pm", "superclaude/commands/pm.md", false);
        check("superclaude/modes/*", "superclaude/modes/MODE_Introspection.md", true);
        check("superclaude/*", "superclaude/modes/MODE_Introspection.md", true);
        check("superclaude/*.md", "superclaude/modes/MODE_Introspection.md", false);
        check("superclaude/core/BUSINESS_*.md", "superclaude/core/BUSINESS_SYMBOLS.md", true);
        check("superclaude/core/*_*_*.md", "superclaude/core/BUSINESS_PANEL_EXAMPLES.md", true);
        check("superclaude/core/BUSINESS_*.md", "superclaude/core/FLAGS.md", false);
        check("superclaude/**/*.md", "superclaude/skills/a/b/c.md", true);
        check("superclaude/**/c.md", "superclaude/c.md", true);
        check("**/pm.md", "superclaude/commands/pm.md", true);
        check("*/modes", "superclaude/modes/MODE_Introspection.md", true);
        check(
            "superclaude/skills/confidence-check/",
            "superclaude/skills/confidence-check/SKILL.md",
            true,
        );
        check("superclaude", "superclaude/core/FLAGS.md", true);
        check("superclaude/mcp/magic", "superclaude/mcp/magic", true);
        check("superclaude/core/FLAGS.md/x", "superclaude/core/FLAGS.md", false);
        check("super", "superclaude/core/FLAGS.md", false);
    }

    #[test]
    fn a_pattern_is_a_relative_path() {
        for bad in ["", "/", "/superclaude", "a//b", "../a", "a/./b", "a\\b"] {
            assert!(PartPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
