//! The `@path` imports of an instructions file.

use crate::agent::{BLOCK_BEGIN, BLOCK_END};

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The line, 1-based.
    pub line: usize,
    /// The path as written, without escapes and fragment.
    pub path: String,
    /// Whether it is in the block of claude-env.
    pub is_ours: bool,
}

/// Returns the imports of a text, which are outside of code, at the start of a line or after whitespace. A path without an
/// extension is a name, such as `@acme/leads`.
pub fn imports(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut is_ours = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        match trimmed {
            BLOCK_BEGIN => is_ours = true,
            BLOCK_END => is_ours = false,
            _ => {}
        }
        let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'));
        let length = mark.map_or(0, |mark| trimmed.chars().take_while(|&c| c == mark).count());
        match (fence, mark) {
            (Some((open, wanted)), Some(mark)) if mark == open && length >= wanted => fence = None,
            (Some(_), _) => {}
            (None, Some(mark)) if length >= 3 => fence = Some((mark, length)),
            (None, _) => {
                let paths = of_line(line).into_iter();
                found.extend(paths.map(|path| Import { line: index + 1, path, is_ours }));
            }
        }
    }
    found
}

fn of_line(line: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let (mut in_code, mut before) = (false, ' ');
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '`' {
            in_code = !in_code;
        } else if c == '@' && !in_code && before.is_whitespace() {
            let mut path = String::new();
            while let Some(&next) = chars.peek() {
                if next.is_whitespace() || next == '`' {
                    break;
                }
                chars.next();
                match (next, chars.peek()) {
                    ('\\', Some(' ')) => {
                        chars.next();
                        path.push(' ');
                    }
                    _ => path.push(next),
                }
            }
            let path = path.split('#').next().unwrap_or_default();
            let path = path.trim_end_matches(['.', ',', ';', ':', ')', '!', '?']).to_owned();
            if is_file(&path) {
                paths.push(path);
            }
            before = 'x';
            continue;
        }
        before = c;
    }
    paths
}

fn is_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let letters = !extension.is_empty() && extension.bytes().all(|b| b.is_ascii_alphabetic());
    !stem.is_empty() && letters && extension.len() <= 8 && !path.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_told_from_names() {
        let check = |line: &str, expect: &[&str]| assert_eq!(of_line(line), expect, "{line}");
        check("@AGENTS.md", &["AGENTS.md"]);
        check("See @docs/a.md and @~/b.md, too.", &["docs/a.md", "~/b.md"]);
        check("@docs/my\\ notes.md#part", &["docs/my notes.md"]);
        check("mail me@example.com, `@x.md`, @acme/leads, @acme/x@1.0.0", &[]);
        let text = "@a.md\n```\n@b.md\n```\n<!-- claude-env:begin -->\n@c.md\n<!-- claude-env:end -->\n@d.md\n";
        let found: Vec<_> =
            imports(text).into_iter().map(|one| (one.line, one.path, one.is_ours)).collect();
        let expect = [(1, "a.md", false), (6, "c.md", true), (8, "d.md", false)];
        assert_eq!(found, expect.map(|(line, path, ours)| (line, path.to_owned(), ours)));
    }
}
