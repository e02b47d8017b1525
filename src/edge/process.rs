//! Running another program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program that could not be run, or that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    #[error("cannot run `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("`{program}` failed ({status}): {stderr}")]
    Status { program: String, status: std::process::ExitStatus, stderr: String },
}

/// Runs a program to its end with no input, and returns what it wrote to stdout.
///
/// Arguments are not repeated in errors beyond the program's name and first argument: they may hold addresses with credentials.
#[expect(clippy::disallowed_methods, reason = "the one place that starts programs")]
pub(crate) fn run(
    program: &str,
    arguments: &[&OsStr],
    folder: &Path,
) -> Result<Vec<u8>, ProcessError> {
    let shown = match arguments.first() {
        Some(first) => format!("{program} {}", first.to_string_lossy()),
        None => program.to_owned(),
    };
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| ProcessError::Start { program: shown.clone(), source })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = stderr.lines().rev().take(5).collect();
    let stderr = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    Err(ProcessError::Status { program: shown, status: output.status, stderr })
}
