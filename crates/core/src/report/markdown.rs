//! Markdown as GitHub shows it in a comment.

use crate::diagnostic::escape::one_line;

/// Returns text as inline code on one line. Fits into a table, and cannot end the code or mention anyone.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    match () {
        () if text.is_empty() => String::new(),
        () if longest > 0 => format!("{fence} {text} {fence}"),
        () => format!("{fence}{text}{fence}"),
    }
}

/// Returns text on one line in which nothing is markup.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '&' => {
                out.push('\\');
                out.push(c);
            }
            // A reference of ours is `${…}` or a path; a name after `@` would be notified.
            '@' => out.push_str("@\u{2060}"),
            _ => out.push(c),
        }
    }
    out
}

/// Returns a table, or nothing where there are no rows. Cells are Markdown already.
pub(super) fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return String::new();
    }
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(N));
    for row in rows {
        out.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    out
}

/// Returns a table that is folded away under a summary, or nothing where there is no table.
pub(super) fn details(summary: &str, table: &str) -> String {
    if table.is_empty() {
        return String::new();
    }
    format!("<details>\n<summary>{summary}</summary>\n\n{table}\n</details>\n")
}

/// Joins the blocks that are not empty, with an empty line between them.
pub(super) fn blocks(blocks: &[String]) -> String {
    let blocks: Vec<&str> =
        blocks.iter().map(|block| block.trim_end()).filter(|block| !block.is_empty()).collect();
    blocks.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_no_markup() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a``b\nc"), "``` a``b c ```");
        assert_eq!(code(""), "");
        assert_eq!(plain("*a* <b>\n[c](d) @me"), "\\*a\\* \\<b\\> \\[c\\](d) @\u{2060}me");
    }

    #[test]
    fn tables_have_a_head_and_vanish_when_empty() {
        let rows = [["1".to_owned(), "2".to_owned()]];
        assert_eq!(table(["a", "b"], rows), "| a | b |\n| --- | --- |\n| 1 | 2 |\n");
        assert_eq!(table(["a"], Vec::<[String; 1]>::new()), "");
        assert_eq!(blocks(&[String::new(), "a\n".to_owned(), "b".to_owned()]), "a\n\nb\n");
    }
}
