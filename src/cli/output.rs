//! The printer: the only code that writes to stdout or stderr.

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use super::args::{ColorChoice, GlobalArgs};
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::{Finding, mask};
use claude_env_core::report::findings::text;
use claude_env_core::report::{Answer, Part, Style, Text, failure, json_line, warning};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;

/// Runs the program, and turns a panic into `status` after saying where to report it.
///
/// The stack unwinds first, so temporary files and locks are removed. Git's hooks pass `ExitStatus::Done`: git must not fail
/// because of us.
pub(crate) fn report_bugs(status: ExitStatus, program: impl FnOnce() -> ExitStatus) -> ExitStatus {
    std::panic::set_hook(Box::new(|panic| {
        let _ = std::io::stderr().lock().write_all(bug_report(panic).as_bytes());
    }));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(program)).unwrap_or(status)
}

/// Returns what a person is told about a panic.
fn bug_report(panic: &impl std::fmt::Display) -> String {
    format!(
        "error: this is a bug in claude-env: {panic}\n  hint: please report it, with the command: {ISSUES}\n"
    )
}

/// Where bugs are reported.
const ISSUES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// Writes results to stdout and everything else to stderr, with secrets masked.
pub(crate) struct Printer {
    quiet: bool,
    style: Style,
    /// Why a result did not reach stdout.
    lost: OnceLock<String>,
}

impl Printer {
    /// Creates a printer as the options and the environment ask for it.
    pub(crate) fn new(global: &GlobalArgs, env: &Env) -> Self {
        let color = |terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => env.colors(terminal),
        };
        let style = Style {
            color: color(std::io::stdout().is_terminal()),
            color_remarks: color(std::io::stderr().is_terminal()),
            ..Style::PLAIN
        };
        Self { quiet: global.quiet, style, lost: OnceLock::new() }
    }

    /// Creates a printer of plain lines, where there are no options.
    pub(crate) fn plain() -> Self {
        Self { quiet: false, style: Style::PLAIN, lost: OnceLock::new() }
    }

    /// Returns how text is laid out.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// Prints an answer as text.
    pub(crate) fn text(&self, text: &Text) {
        for part in &text.parts {
            match part {
                Part::Result(text) => self.result(text),
                Part::Remark(text) => self.say(text),
                Part::Findings(text) => self.error_line(text),
            }
        }
    }

    /// Prints a result. A reader that has gone away, as in `… | head`, is no error.
    pub(crate) fn result(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let end: &[u8] = if text.is_empty() || text.ends_with('\n') { b"" } else { b"\n" };
        let written = out.write_all(mask::text(text).as_bytes()).and_then(|()| out.write_all(end));
        match written.and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                let _ = self.lost.set(format!("cannot write the result: {error}"));
            }
            _ => {}
        }
    }

    /// Returns why a result did not reach stdout; `None` if all did.
    pub(crate) fn lost(&self) -> Option<&str> {
        self.lost.get().map(String::as_str)
    }

    /// Prints a remark to stderr; left out with `--quiet`.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            self.error_line(text);
        }
    }

    /// Prints a warning to stderr; left out with `--quiet`.
    pub(crate) fn warning(&self, text: &str) {
        self.say(&warning(text, self.style.color_remarks));
    }

    /// Prints to a terminal what takes so long.
    pub(crate) fn progress(&self, text: &str) {
        if !self.quiet && std::io::stderr().is_terminal() {
            self.error_line(&format!("{text} …"));
        }
    }

    /// Asks a question on the terminal; anything but yes is no.
    pub(crate) fn ask(&self, question: &str) -> bool {
        let mut err = std::io::stderr().lock();
        let asked =
            err.write_all(format!("{question} [y/N] ").as_bytes()).and_then(|()| err.flush());
        drop(err);
        let mut answer = String::new();
        asked.and_then(|()| std::io::stdin().read_line(&mut answer)).is_ok()
            && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }

    /// Prints findings as text to stderr.
    pub(crate) fn findings(&self, findings: &[Finding]) {
        if !findings.is_empty() {
            self.error_line(&text::render(findings, self.style.for_remarks()));
        }
    }

    /// Prints why a command failed to stderr, and returns the exit status for it.
    pub(crate) fn failure(&self, failure: &Failure) -> ExitStatus {
        self.error_line(&failure::Failure::from(failure).text(self.style));
        failure.kind.into()
    }

    /// Prints why a command failed to stdout, for programs. `line` asks for one line.
    pub(crate) fn failed(&self, command: &'static str, failure: &Failure, line: bool) {
        let answer = Answer::new(command, false, failure::Failed { error: failure.into() });
        self.result(&if line { json_line(&answer) } else { answer.json() });
    }

    fn error_line(&self, text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(mask::text(text).as_bytes());
        if !text.ends_with('\n') {
            let _ = err.write_all(b"\n");
        }
    }
}

/// stderr for log lines, with secrets masked. Each line is written at once.
pub(crate) struct MaskedStderr;

impl Write for MaskedStderr {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        std::io::stderr().lock().write_all(mask::text(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    struct SetOnDrop<'a>(&'a AtomicBool);

    impl Drop for SetOnDrop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_panic_unwinds_and_becomes_the_exit_code_of_a_bug() {
        let dropped = AtomicBool::new(false);
        let hook = std::panic::take_hook();
        let status = report_bugs(ExitStatus::Bug, || {
            let _guard = SetOnDrop(&dropped);
            panic!("made up")
        });
        std::panic::set_hook(hook);
        assert_eq!(status.number(), 70);
        assert!(dropped.load(Ordering::Relaxed), "nothing was cleaned up");
    }

    #[test]
    fn a_report_says_what_happened_and_where_to_report_it() {
        let text = bug_report(&"made up");
        assert!(text.starts_with("error: this is a bug in claude-env: made up\n"), "{text}");
        assert!(text.contains("https://") && text.ends_with("/issues\n"), "{text}");
    }
}
