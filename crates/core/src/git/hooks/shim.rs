//! What git runs: the text of a hook's file, and the command for git's configuration.

use super::Event;

/// The file, with placeholders for the name and the program.
const SHIM: &str = include_str!("../../../../../hooks/shim.sh");

/// The start of the second line of every version of the file.
const MARK: &str = "\n# claude-env git hook, form ";

/// The line of a file whose folder was created for it.
const MADE: &str = "# The folder was made for it.\n";

/// How a hook that somebody else wrote calls claude-env; the event follows.
pub(super) const CALL: &str = "claude-env hook ";

/// A hook's file that claude-env wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shim {
    /// The program that it runs.
    pub program: String,
    /// Whether the folder was created for it and must be removed with it.
    pub folder_made: bool,
}

impl Shim {
    /// Returns the text of the file.
    pub(super) fn text(&self, event: Event) -> Vec<u8> {
        let text = SHIM.replace("@NAME@", event.name());
        let mut text = text.replace("@PROGRAM@", &shell_word(&self.program));
        if self.folder_made {
            text.push_str(MADE);
        }
        text.into_bytes()
    }

    /// Parses a file; `None` if claude-env did not write it.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        text.starts_with("#!").then_some(())?;
        let at = text.find(MARK)?;
        (!text[1..at].contains('\n')).then_some(())?;
        let program = text.lines().find_map(|line| line.strip_prefix("program="))?;
        Some(Self { program: word_of_shell(program), folder_made: text.ends_with(MADE) })
    }
}

/// Returns the command for git's configuration. Git appends the arguments and runs it in a shell.
pub(super) fn command(event: Event, program: &str) -> String {
    let word = shell_word(program);
    let name = event.name();
    let gone = shell_word(&format!(
        "claude-env: {program} not found, so the hook {name} does nothing; install claude-env and run `claude-env hooks install`, or run `git config --remove-section hook.{}`",
        event.friendly_name()
    ));
    let result = if event.may_refuse() { "" } else { " || :" };
    format!(
        "claude_env() {{ [ \"${{CLAUDE_ENV-}}\" = 0 ] && return 0; [ -x {word} ] || {{ echo {gone} >&2; return 0; }}; {word} hook {name} \"$@\"{result}; }}; claude_env"
    )
}

/// Returns the program of a command of claude-env; `None` for any other command.
pub(super) fn program_of(command: &str) -> Option<String> {
    let rest = command.strip_prefix("claude_env() { ")?;
    let (_, rest) = rest.split_once("[ -x ")?;
    let (word, _) = rest.split_once(" ] || ")?;
    Some(word_of_shell(word))
}

/// Quotes a text as one word of a POSIX shell, if necessary.
pub fn shell_word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@%,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// Reverses [`shell_word`], for words that it wrote.
fn word_of_shell(word: &str) -> String {
    match word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')) {
        Some(inner) => inner.replace("'\\''", "'"),
        None => word.to_owned(),
    }
}
