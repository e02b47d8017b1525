//! CE065: a script with line ends of Windows, or with a byte order mark.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, ContentContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::SCRIPT_LINE_ENDS, check: Check::Content(check) };

fn check(ctx: &ContentContext<'_>, sink: &mut Sink) {
    let Some(text) = ctx.text else { return };
    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !unmarked.starts_with("#!") {
        return;
    }
    let name = ctx.file.path.file_name();
    if unmarked.len() < text.len() {
        let message = format!("the script `{name}` starts with a byte order mark");
        let found = Diagnostic::new(
            code::SCRIPT_LINE_ENDS,
            ctx.span(0..text.len() - unmarked.len()),
            message,
        );
        sink.push(
            found
                .note("the system does not see `#!`, and a shell runs it without the interpreter")
                .help("save it as UTF-8 without a byte order mark"),
        );
    }
    let Some(at) = text.find("\r\n") else { return };
    let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
    let message = format!("the script `{name}` has CRLF line ends");
    let found = Diagnostic::new(code::SCRIPT_LINE_ENDS, ctx.span(start..at), message);
    sink.push(
        found
            .note("the carriage return becomes a part of the interpreter's name, or of a command")
            .help("save it with LF line ends, and add `*.sh text eol=lf` to `.gitattributes`"),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check(&[RULE], input, expect);
    }

    #[test]
    fn scripts_with_line_ends_of_windows_are_found() {
        check("-- base/hooks/a.sh --\n#!/bin/sh\r\nexit 2\r\n", "base/hooks/a.sh:1 CE065");
        check(
            "-- base/skills/s/run.py --\n#!/usr/bin/env python3\nx\r\n",
            "base/skills/s/run.py:2 CE065",
        );
        check("-- base/hooks/a.sh --\n\u{feff}#!/bin/sh\nexit 2\n", "base/hooks/a.sh:1 CE065");
        check(
            "-- executable teams/ada/hooks/node --\n#!/usr/bin/env node\r\n",
            "teams/ada/hooks/node:1 CE065",
        );
    }

    #[test]
    fn other_files_may_have_them() {
        check("-- base/hooks/a.sh --\n#!/bin/sh\nexit 2\n", "");
        check("-- base/hooks/a.cmd --\n@echo off\r\nexit /b 2\r\n", "");
        check("-- base/rules/a.md --\n# Text\r\n\r\n#!/bin/sh\r\n", "");
        check("-- base/hooks/old-mac.sh --\n#!/bin/sh\rexit 2\n", "");
    }
}
