//! A plan as a unified diff.

use std::fmt::Write as _;

use similar::TextDiff;

use super::action::{Action, FileChange};
use super::plan::Plan;
use crate::diagnostic::escape::visible;
use crate::diagnostic::mask;

const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const CYAN: &str = "\u{1b}[36m";
const BOLD: &str = "\u{1b}[1m";
const RESET: &str = "\u{1b}[0m";

/// Returns all file changes of a plan as a unified diff, as `git diff` prints it, with or without colors.
pub fn unified(plan: &Plan, colours: bool) -> String {
    let mut out = String::new();
    for change in &plan.changes {
        one(change, colours, &mut out);
    }
    out
}

/// Returns the change of one file that is in no plan, in the same format.
pub fn unified_file(path: &str, before: &[u8], after: &[u8], colours: bool) -> String {
    let mut out = String::new();
    compared(&format!("a/{path}"), &format!("b/{path}"), before, after, colours, &mut out);
    out
}

fn one(change: &FileChange, colours: bool, out: &mut String) {
    let path = change.path.as_str();
    let (before, after): (&[u8], &[u8]) = match &change.action {
        Action::Create { bytes, .. } => (&[], bytes),
        Action::Update { before, bytes, .. } => (before, bytes),
        Action::Delete { before } => (before, &[]),
    };
    let (old, new) = match &change.action {
        Action::Create { .. } => ("/dev/null".to_owned(), format!("b/{path}")),
        Action::Update { .. } => (format!("a/{path}"), format!("b/{path}")),
        Action::Delete { .. } => (format!("a/{path}"), "/dev/null".to_owned()),
    };
    compared(&old, &new, before, after, colours, out);
}

fn compared(old: &str, new: &str, before: &[u8], after: &[u8], colours: bool, out: &mut String) {
    let (Ok(before), Ok(after)) = (str::from_utf8(before), str::from_utf8(after)) else {
        paint(out, &format!("Binary files {old} and {new} differ"), colours.then_some(BOLD));
        return;
    };
    paint(out, &format!("--- {old}"), colours.then_some(BOLD));
    paint(out, &format!("+++ {new}"), colours.then_some(BOLD));
    if before == after {
        paint(out, "(only the executable bit changes)", None);
        return;
    }
    let diff = TextDiff::from_lines(before, after);
    for line in diff.unified_diff().context_radius(3).to_string().lines() {
        let colour = match line.as_bytes().first() {
            Some(b'+') => Some(GREEN),
            Some(b'-') => Some(RED),
            Some(b'@') => Some(CYAN),
            _ => None,
        };
        // A file may contain control characters that drive a terminal or hide text from whoever confirms the change.
        paint(out, &visible(&mask::lines(line)), colour.filter(|_| colours));
    }
}

fn paint(out: &mut String, line: &str, colour: Option<&str>) {
    let _ = match colour {
        Some(colour) => writeln!(out, "{colour}{line}{RESET}"),
        None => writeln!(out, "{line}"),
    };
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::RepoPath;
    use crate::workspace::LockChange;

    fn check(action: Action, colours: bool, expect: &str) {
        let path = RepoPath::parse(".mcp.json").expect("a path");
        let plan = Plan {
            changes: vec![FileChange { path, action, mode: None }],
            lines: Vec::new(),
            problems: Vec::new(),
            prune: None,
            expected: Vec::new(),
            lock: LockChange::default(),
        };
        assert_eq!(unified(&plan, colours), expect);
    }

    #[test]
    fn changes_look_like_git_diff() {
        let bytes = |text: &str| Arc::<[u8]>::from(text.as_bytes());
        let update = |before: &[u8], after: &str| Action::Update {
            before: before.to_vec(),
            bytes: bytes(after),
            executable: None,
            shared: true,
        };
        check(
            Action::Create { bytes: bytes("a\n"), executable: false },
            false,
            "--- /dev/null\n+++ b/.mcp.json\n@@ -0,0 +1 @@\n+a\n",
        );
        check(
            update(b"a\nb", "a\nc"),
            false,
            "--- a/.mcp.json\n+++ b/.mcp.json\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n",
        );
        check(
            Action::Delete { before: b"a\n".to_vec() },
            true,
            "\u{1b}[1m--- a/.mcp.json\u{1b}[0m\n\u{1b}[1m+++ /dev/null\u{1b}[0m\n\u{1b}[36m@@ -1 +0,0 @@\u{1b}[0m\n\u{1b}[31m-a\u{1b}[0m\n",
        );
        check(update(b"\xff", "x"), false, "Binary files a/.mcp.json and b/.mcp.json differ\n");
        check(
            update(b"x", "x"),
            false,
            "--- a/.mcp.json\n+++ b/.mcp.json\n(only the executable bit changes)\n",
        );
    }
}
