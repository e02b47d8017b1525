//! CE002: text files that are not UTF-8.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::ContentKind;
use crate::rule::{Check, ContentContext, PathKind, RepositoryContext, Rule};

pub(super) const CONTENT: Rule = Rule { code: code::NOT_UTF8, check: Check::Content(content) };

/// Checks the names of files.
pub(super) const NAME: Rule = Rule { code: code::NOT_UTF8, check: Check::Repository(name) };

/// Extensions of text files. Other files may be binary, such as a picture of a skill.
const TEXT: &[&str] = &[
    "md", "txt", "json", "jsonc", "toml", "yaml", "yml", "sh", "bash", "zsh", "fish", "ps1", "py",
    "js", "mjs", "cjs", "ts", "tsx", "jsx", "rb", "rs", "go", "html", "css", "csv", "xml", "sql",
    "ini", "cfg",
];

fn content(ctx: &ContentContext<'_>, sink: &mut Sink) {
    if ctx.text.is_some() {
        return;
    }
    let ending = ctx.file.path.file_name().rsplit_once('.').map(|(_, ending)| ending);
    let is_text = ctx.file.kind == ContentKind::Memory
        || ending.is_some_and(|ending| TEXT.iter().any(|known| known.eq_ignore_ascii_case(ending)));
    if !is_text {
        return;
    }
    let encoding = match *ctx.file.bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16".to_owned(),
        ref bytes => match std::str::from_utf8(bytes) {
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = memchr::memchr_iter(b'\n', before).count() + 1;
                format!("the first bad byte is in line {line}")
            }
            Ok(_) => return,
        },
    };
    let message = format!("`{}` is not UTF-8: {encoding}", ctx.file.path.file_name());
    sink.push(Diagnostic::new(code::NOT_UTF8, ctx.span(0..0), message).help("save it as UTF-8"));
}

fn name(ctx: &RepositoryContext<'_>, sink: &mut Sink) {
    for path in ctx.paths.iter().filter(|path| path.kind == PathKind::NotUtf8Name) {
        let message = format!("the name of the file is not UTF-8: `{}`", path.path);
        sink.push(
            Diagnostic::new(code::NOT_UTF8, ctx.path_span(&path.path), message)
                .help("rename it; plain ASCII works everywhere"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check_messages(&[CONTENT, NAME], input, expect);
    }

    #[test]
    fn text_is_utf8_and_pictures_need_not_be() {
        check("-- base/agents/a.md --\nä\n", "");
        check("-- hex base/skills/a/logo.png --\n89 50 4e 47\n", "");
        check(
            "-- hex base/agents/a.md --\n41 0a e4 0a\n",
            "base/agents/a.md:1 `a.md` is not UTF-8: the first bad byte is in line 2",
        );
        check(
            "-- hex base/rules/a.md --\nff fe 41 00\n",
            "base/rules/a.md:1 `a.md` is not UTF-8: it is UTF-16",
        );
    }
}
