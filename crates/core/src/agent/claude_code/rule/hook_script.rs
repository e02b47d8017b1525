//! CE063: hooks that run a script which is missing or not executable.

use std::collections::BTreeMap;

use super::part::part;
use crate::agent::claude_code::{HOOK_SCRIPTS, hooks};
use crate::diagnostic::{Diagnostic, Severity, Sink, code, nearest};
use crate::layer::{ContentFile, ContentKind};
use crate::rule::{Check, Rule, ScopeContext};

/// The folder of rendered scripts, relative to the project.
const FOLDER: &str = HOOK_SCRIPTS;

/// The prefixes by which commands name the project's folder; the first is empty.
const PROJECT: &[&str] = &["", "./", "$CLAUDE_PROJECT_DIR/", "${CLAUDE_PROJECT_DIR}/"];

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::HOOK_SCRIPT, check: Check::Scope(check) };

fn check(context: &ScopeContext<'_>, sink: &mut Sink) {
    let by_name: BTreeMap<&str, &ContentFile> =
        scripts(context).map(|file| (file.path.as_str(), file)).collect();
    for (_, handler) in hooks::handlers(&context.merged.root) {
        let Some(node) = handler.get("command") else { continue };
        let Some(command) = node.as_str().filter(|command| command.contains(FOLDER)) else {
            continue;
        };
        let Some(script) = find_script(command) else { continue };
        let span = part(context.sources, node, script.at.clone());
        let found = |message: String| Diagnostic::new(code::HOOK_SCRIPT, span, message);
        let name = script.name.as_str();
        let file = by_name.get(name).copied();
        match file {
            None => {
                let near = match sink.is_full(code::HOOK_SCRIPT, span) {
                    true => None,
                    false => nearest(name, by_name.keys().copied()),
                };
                let help = match near {
                    Some(near) => format!("did you mean `{FOLDER}{near}`?"),
                    None => format!("add `hooks/{name}` to the layer, or correct the path"),
                };
                sink.push(
                    found(format!("no layer contains the script `hooks/{name}`"))
                        .label("not found")
                        .note("a hook that does not start (exit code 127) blocks nothing: only exit code 2 does")
                        .help(help),
                );
            }
            Some(file) if script.direct && !file.executable => sink.push(
                found(format!("the script `hooks/{name}` is not executable"))
                    .label("started directly")
                    .note("a hook that does not start (exit code 126) blocks nothing: only exit code 2 does")
                    .help(format!(
                        "run `git update-index --chmod=+x {0}` and `chmod +x {0}`, or start it with `sh`",
                        file.origin
                    )),
            ),
            Some(_) if script.relative => sink.push(
                found(format!("the script `hooks/{name}` is found in the project's own folder only"))
                    .severity(Severity::Note)
                    .label("relative to wherever the session has moved")
                    .help(format!("write `\"$CLAUDE_PROJECT_DIR\"/{FOLDER}{name}`")),
            ),
            Some(_) => {}
        }
    }
}

fn scripts<'a>(context: &ScopeContext<'a>) -> impl Iterator<Item = &'a ContentFile> {
    context.files.iter().copied().filter(|file| file.kind == ContentKind::Hooks)
}

/// A script of `.claude/hooks/` that a command runs.
struct Script {
    /// Path below the folder.
    name: String,
    /// The byte range in the command.
    at: std::ops::Range<usize>,
    /// Whether it is run as a program, not by an interpreter.
    direct: bool,
    /// Whether its path is relative to the working directory.
    relative: bool,
}

/// Returns the script that a command runs, `None` for any other command.
fn find_script(command: &str) -> Option<Script> {
    let mut direct = true;
    for word in words(command) {
        let text = word.text.as_str();
        if let Some((prefix, name)) = text.split_once(FOLDER)
            && PROJECT.contains(&prefix)
        {
            let relative = matches!(prefix, "" | "./");
            return Some(Script { name: name.to_owned(), at: word.at, direct, relative });
        }
        let program = text.rsplit('/').next().unwrap_or(text);
        if is_interpreter(program) {
            direct = false;
        } else if !direct && text == "-c" {
            return None;
        } else if is_transparent(text) || (!direct && text.starts_with('-')) {
            // `exec`, `FOO=1` and options of the interpreter stand before the script.
        } else {
            return None;
        }
    }
    None
}

fn is_interpreter(program: &str) -> bool {
    const INTERPRETERS: &[&str] = &[
        "bash",
        "bun",
        "dash",
        "deno",
        "fish",
        "ksh",
        "node",
        "perl",
        "php",
        "powershell",
        "pwsh",
        "python",
        "python3",
        "ruby",
        "run",
        "sh",
        "source",
        "tsx",
        "uv",
        "zsh",
        ".",
    ];
    INTERPRETERS.contains(&program)
}

/// Returns true for a word that changes how a program is run, but not which.
fn is_transparent(word: &str) -> bool {
    let variable = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    variable || matches!(word, "exec" | "env" | "/usr/bin/env" | "command" | "nice" | "time")
}

/// A word of a shell command without its quotes.
struct Word {
    text: String,
    at: std::ops::Range<usize>,
}

/// Returns the words of a command's first pipeline member, for simple quoting only.
fn words(command: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open: Option<Word> = None;
    let mut quote = None;
    for (at, c) in command.char_indices() {
        let end = at + c.len_utf8();
        let plain = quote.is_none();
        if plain && (c.is_whitespace() || matches!(c, ';' | '|' | '&' | '<' | '>')) {
            words.extend(open.take());
            if !c.is_whitespace() {
                return words;
            }
            continue;
        }
        let word = open.get_or_insert_with(|| Word { text: String::new(), at: at..at });
        word.at.end = end;
        match c {
            '\'' | '"' if plain => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            _ => word.text.push(c),
        }
    }
    words.extend(open);
    words
}

#[cfg(test)]
mod tests {
    use crate::rule::testing::scope;

    fn check(command: &str, expect: &str) {
        let toml = format!("[[hooks.Stop]]\nhooks = [{{ command = '{command}' }}]\n");
        let files = [("guard.sh", true), ("notes.py", false), ("git/check.sh", true)];
        let found = scope(super::check, &[&toml], &files);
        assert_eq!(found.join("; "), expect, "{command}");
    }

    #[test]
    fn scripts_that_are_there_are_fine() {
        check("\"$CLAUDE_PROJECT_DIR\"/.claude/hooks/guard.sh", "");
        check("$CLAUDE_PROJECT_DIR/.claude/hooks/guard.sh --strict", "");
        check("\"${CLAUDE_PROJECT_DIR}/.claude/hooks/git/check.sh\"", "");
        check("python3 -u \"$CLAUDE_PROJECT_DIR\"/.claude/hooks/notes.py", "");
        check("npx prettier --check .", "");
        check("cat .claude/hooks/notes.py", "");
        check("/opt/acme/.claude/hooks/other.sh", "");
    }

    #[test]
    fn scripts_that_are_missing_are_found() {
        check("\"$CLAUDE_PROJECT_DIR\"/.claude/hooks/gaurd.sh", "2:23 CE063 warning");
        check("FOO=1 exec .claude/hooks/missing.sh", "2:34 CE063 warning");
        check("sh ./.claude/hooks/missing.sh", "2:26 CE063 warning");
    }

    #[test]
    fn a_script_that_is_started_directly_must_be_executable() {
        check("$CLAUDE_PROJECT_DIR/.claude/hooks/notes.py", "2:23 CE063 warning");
        check(".claude/hooks/notes.py", "2:23 CE063 warning");
    }

    #[test]
    fn a_relative_path_is_worth_a_note() {
        check(".claude/hooks/guard.sh", "2:23 CE063 note");
    }
}
