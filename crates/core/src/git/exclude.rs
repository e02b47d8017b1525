//! The block in git's `info/exclude`: the files of each workspace that git ignores. Everything around it is left unchanged.
//!
//! The file belongs to the repository: linked worktrees share it, and a worktree may contain several workspaces. So the
//! block has a section for each workspace, and a sync changes only its own.

use std::ops::Range;

use crate::source::RepoPath;

const BEGIN: &str = "# claude-env:begin";
const END: &str = "# claude-env:end";
const NOTICE: &str = "# Files that are not to be committed; `claude-env sync` keeps this list.";
/// Marks that the line before the block had no newline, so that removing the block restores it.
const JOINED: &str = "# The line above this block had no newline at its end.";
const SECTION: &str = "# workspace ";

/// Why the block cannot be found unambiguously.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ExcludeError {
    /// The line to blame, 1-based.
    pub line: usize,
    message: &'static str,
}

/// The workspace of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The folder of the workspace in its worktree, with forward slashes; empty for the root.
    pub prefix: String,
    /// The name of a linked worktree below `worktrees/`; `None` for the main one.
    pub worktree: Option<String>,
}

impl Section {
    /// Returns the first line of the section.
    fn title(&self) -> String {
        let prefix = if self.prefix.is_empty() { "." } else { &self.prefix };
        match &self.worktree {
            None => format!("{SECTION}{prefix}"),
            Some(name) => format!("{SECTION}{prefix} of worktrees/{name}"),
        }
    }

    /// Returns the gitignore pattern that matches exactly this path of the workspace.
    pub fn pattern(&self, path: &str) -> String {
        let mut pattern = String::from("/");
        for part in [self.prefix.as_str(), path].into_iter().filter(|part| !part.is_empty()) {
            if pattern.len() > 1 {
                pattern.push('/');
            }
            for c in part.chars() {
                if matches!(c, '*' | '?' | '[' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(c);
            }
        }
        // Git ignores trailing spaces unless they are escaped.
        let cut = pattern.trim_end_matches(' ').len();
        let blanks = pattern.len() - cut;
        pattern.truncate(cut);
        pattern + &"\\ ".repeat(blanks)
    }

    /// Returns the gitignore pattern that matches exactly this path of the workspace.
    pub fn pattern_of(&self, path: &RepoPath) -> String {
        self.pattern(path.as_str())
    }
}

/// Returns the file with these patterns in the section. An empty section is removed, and so is an empty block.
///
/// `exists` tells whether a linked worktree still exists; the sections of others are removed. Fails when the markers are
/// ambiguous.
pub fn edit(
    text: &[u8],
    section: &Section,
    patterns: &[String],
    exists: impl Fn(&str) -> bool,
) -> Result<Vec<u8>, ExcludeError> {
    let found = find(text)?;
    let inner = found.as_ref().and_then(|found| text.get(found.inner.clone())).unwrap_or(b"");
    let inner = String::from_utf8_lossy(inner);
    let title = section.title();
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in inner.lines().map(|line| line.trim_end_matches('\r')) {
        if line.starts_with(SECTION) {
            sections.push((line, Vec::new()));
        } else if let Some((_, patterns)) = sections.last_mut()
            && !line.is_empty()
        {
            patterns.push(line);
        }
    }
    sections.retain(|(line, _)| {
        line.rsplit_once(" of worktrees/").is_none_or(|(_, name)| exists(name)) || *line == title
    });
    let own: Vec<&str> = patterns.iter().map(String::as_str).collect();
    match sections.iter_mut().find(|(line, _)| *line == title) {
        Some((_, patterns)) => *patterns = own,
        None => sections.push((&title, own)),
    }
    sections.retain(|(_, patterns)| !patterns.is_empty());
    let (before, after, joined) = match &found {
        Some(found) => {
            let before = text.get(..found.outer.start).unwrap_or_default();
            (before, text.get(found.outer.end..).unwrap_or_default(), found.joined)
        }
        None => (text, &b""[..], !text.is_empty() && !text.ends_with(b"\n")),
    };
    let mut out = before.to_vec();
    if sections.is_empty() {
        if joined && found.is_some() {
            out.pop();
        }
    } else {
        if joined && found.is_none() {
            out.push(b'\n');
        }
        let joined = joined.then_some(JOINED);
        let lines =
            sections.iter().flat_map(|(line, patterns)| std::iter::once(line).chain(patterns));
        let head = [BEGIN, NOTICE].into_iter().chain(joined);
        for line in head.chain(lines.copied()).chain([END]) {
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        }
    }
    out.extend_from_slice(after);
    Ok(out)
}

/// Returns the patterns of a section. Fails when the markers are ambiguous.
pub fn patterns(text: &[u8], section: &Section) -> Result<Vec<String>, ExcludeError> {
    let inner = find(text)?.and_then(|found| text.get(found.inner)).unwrap_or(b"");
    let inner = String::from_utf8_lossy(inner);
    let title = section.title();
    let lines = inner.lines().map(|line| line.trim_end_matches('\r'));
    let own = lines.skip_while(|line| *line != title).skip(1);
    let own = own.take_while(|line| !line.starts_with(SECTION)).filter(|line| !line.is_empty());
    Ok(own.map(str::to_owned).collect())
}

/// The block, as byte ranges: with the lines of the markers, and between them.
#[derive(Debug)]
struct ExcludeBlock {
    outer: Range<usize>,
    inner: Range<usize>,
    joined: bool,
}

fn find(text: &[u8]) -> Result<Option<ExcludeBlock>, ExcludeError> {
    let mut at = 0;
    let mut begin: Option<(usize, Range<usize>)> = None;
    let mut found = None;
    for (index, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let place = at..at + line.len();
        at = place.end;
        let error = |message| Err(ExcludeError { line: index + 1, message });
        let line = line.trim_ascii();
        if line == BEGIN.as_bytes() {
            if begin.is_some() || found.is_some() {
                return error("there is a second claude-env block");
            }
            begin = Some((index + 1, place));
        } else if line == END.as_bytes() {
            let Some((_, first)) = begin.take() else {
                return error("an end marker has no begin marker before it");
            };
            let inner = first.end..place.start;
            let joined = text.get(inner.clone()).is_some_and(|inner| {
                inner.split(|&b| b == b'\n').any(|line| line == JOINED.as_bytes())
            });
            found = Some(ExcludeBlock { outer: first.start..place.end, inner, joined });
        }
    }
    match begin {
        Some((line, _)) => {
            Err(ExcludeError { line, message: "the begin marker has no end marker after it" })
        }
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn section(prefix: &str, worktree: Option<&str>) -> Section {
        Section { prefix: prefix.to_owned(), worktree: worktree.map(str::to_owned) }
    }

    fn check(text: &str, at: &Section, patterns: &[&str], expect: &str) {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let edited = edit(text.as_bytes(), at, &patterns, |name| name == "there").expect("an edit");
        assert_eq!(String::from_utf8_lossy(&edited), expect);
        assert_eq!(super::patterns(&edited, at), Ok(patterns));
    }

    #[test]
    fn each_workspace_has_a_section() {
        let root = section("", None);
        let one = format!("mine\n{BEGIN}\n{NOTICE}\n# workspace .\n/a\n{END}\n");
        check("mine\n", &root, &["/a"], &one);
        check(&one, &root, &["/b", "/c"], &one.replace("/a", "/b\n/c"));
        check(&one, &root, &[], "mine\n");
        let there = section("sub", Some("there"));
        let two = one.replace("/a\n", "/a\n# workspace sub of worktrees/there\n/sub/x\n");
        check(&one, &there, &["/sub/x"], &two);
        check(&two, &root, &[], &two.replace("# workspace .\n/a\n", ""));
        check(&two, &there, &[], &one);
        // A work tree that is gone takes its section along.
        let gone = two.replace("worktrees/there", "worktrees/gone");
        check(&gone, &root, &["/a"], &one);
        // What was written after the block stays after it.
        check(&format!("{one}later\n"), &root, &[], "mine\nlater\n");
    }

    #[test]
    fn markers_that_make_no_block_are_errors() {
        let fails = |text: &str, line: usize| {
            assert_eq!(find(text.as_bytes()).expect_err("no block").line, line, "{text}");
        };
        fails(&format!("a\n{BEGIN}\nb\n"), 2);
        fails(&format!("{END}\n"), 1);
        fails(&format!("{BEGIN}\n{END}\n{BEGIN}\n{END}\n"), 3);
        fails(&format!("{BEGIN}\n{BEGIN}\n{END}\n"), 2);
    }

    #[test]
    fn patterns_match_one_path() {
        assert_eq!(section("", None).pattern("CLAUDE.md"), "/CLAUDE.md");
        assert_eq!(section("a/b", None).pattern("x"), "/a/b/x");
        assert_eq!(section("", None).pattern("a [b]*?"), "/a \\[b]\\*\\?");
        assert_eq!(section("", None).pattern("a  "), "/a\\ \\ ");
    }

    proptest! {
        #[test]
        fn taking_the_section_out_restores_the_file(
            text in prop::collection::vec(prop::sample::select(b"ab#\r\n\xff".to_vec()), 0..40),
        ) {
            let root = section("", None);
            let written = edit(&text, &root, &["/a".to_owned()], |_| true).expect("no markers");
            prop_assert!(written.starts_with(&text));
            prop_assert_eq!(edit(&written, &root, &["/a".to_owned()], |_| true), Ok(written.clone()));
            prop_assert_eq!(edit(&written, &root, &[], |_| true), Ok(text));
        }
    }
}
