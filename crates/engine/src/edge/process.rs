//! Runs other programs: to their end, or within a time limit.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::edge::env::Env;

/// Why running a program failed.
///
/// Names the program and its first argument only: the others may hold addresses with credentials.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The program could not be started, for example because it is not installed.
    #[error("cannot run `{program}`: {source}")]
    Start {
        /// The program and its first argument.
        program: String,
        /// What the system reported.
        source: io::Error,
    },
    /// The program ended with another exit status than 0.
    #[error("`{program}` failed ({status}): {stderr}")]
    Status {
        /// The program and its first argument.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to stderr, without white space around it.
        stderr: String,
    },
}

/// Runs a program in a folder, with no input, and returns its stdout.
///
/// Fails when the program cannot be started, or ends with another exit status than 0.
#[expect(clippy::disallowed_methods, reason = "the one place that starts programs")]
pub fn run(program: &str, arguments: &[&OsStr], folder: &Path) -> Result<Vec<u8>, ProcessError> {
    output(installed_only(Command::new(program).args(arguments).current_dir(folder)))
}

/// Runs a command to its end, with no input, and returns its stdout.
///
/// Fails when the program cannot be started, or ends with another exit status than 0.
pub(super) fn output(command: &mut Command) -> Result<Vec<u8>, ProcessError> {
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(source) => return Err(ProcessError::Start { program: name_of(command), source }),
    };
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(ProcessError::Status { program: name_of(command), status: output.status, stderr })
}

/// Keeps a command from finding its program in the folder that it runs in, which is what a relative folder of `PATH` means.
pub(super) fn installed_only(command: &mut Command) -> &mut Command {
    if let Some(path) = Env::path_without_relative() {
        command.env("PATH", path);
    }
    command
}

/// Returns the program and its first argument that is neither one of git's options nor their value.
fn name_of(command: &Command) -> String {
    let mut arguments = command.get_args().filter(|argument| *argument != "--no-pager");
    let mut first = arguments.next();
    while first.is_some_and(|argument| argument == "-c") {
        first = arguments.nth(1);
    }
    let words = std::iter::once(command.get_program()).chain(first);
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// How a program with a time limit ended.
#[derive(Debug)]
pub enum Ended {
    /// With exit status 0.
    Success,
    /// With another exit status; holds what it wrote to stderr.
    Failure(String),
    /// It was still running when the time was over, and was stopped.
    TimedOut,
}

/// How many bytes of a program's output are read at most.
const MAX_OUTPUT: u64 = 64 * 1024;

/// Runs a program without input and output, and stops it when it takes longer than the limit.
///
/// `own_group` puts the program and its children into a process group of their own, so that all of them are stopped. A program
/// that may ask for a password on the terminal has to stay in our group.
///
/// Fails when the program cannot be started or waited for.
pub fn run_within(command: &mut Command, limit: Duration, own_group: bool) -> io::Result<Ended> {
    // A file instead of a pipe: a grandchild that lives on would keep a pipe open, and we would wait for it.
    let stderr = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr.try_clone()?);
    Ok(match status_within(command, limit, own_group)? {
        None => Ended::TimedOut,
        Some(status) if status.success() => Ended::Success,
        Some(_) => Ended::Failure(text_of(stderr)?),
    })
}

/// What came of asking a program for a line of text.
#[derive(Debug)]
pub enum Answer {
    /// What it wrote to stdout; its exit status was 0.
    Stdout(String),
    /// The program is not installed.
    NotInstalled,
    /// Why there is no answer, as a part of a sentence.
    Failed(String),
}

/// Runs a program with these variables set and returns its stdout; stops it when it takes longer than the limit.
#[expect(clippy::disallowed_methods, reason = "the one place that starts programs")]
pub fn ask(
    program: &str,
    arguments: &[&OsStr],
    folder: &Path,
    variables: &[(&str, &str)],
    limit: Duration,
) -> Answer {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).envs(variables.iter().copied());
    installed_only(&mut command);
    let mut asked = || -> io::Result<Answer> {
        let stdout = tempfile::tempfile()?;
        command.stdin(Stdio::null()).stdout(stdout.try_clone()?).stderr(Stdio::null());
        Ok(match status_within(&mut command, limit, true)? {
            None => Answer::Failed(format!("it did not answer within {} s", limit.as_secs())),
            Some(status) if status.success() => Answer::Stdout(text_of(stdout)?),
            Some(status) => Answer::Failed(format!("it failed: {status}")),
        })
    };
    asked().unwrap_or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Answer::NotInstalled,
        _ => Answer::Failed(error.to_string()),
    })
}

/// Starts a program and waits for it; `None` when it took longer than the limit and was stopped.
fn status_within(
    command: &mut Command,
    limit: Duration,
    own_group: bool,
) -> io::Result<Option<ExitStatus>> {
    #[cfg(unix)]
    if own_group {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    let deadline = Instant::now() + limit;
    let mut child = command.spawn()?;
    let status = wait_until(&mut child, deadline)?;
    if status.is_none() {
        stop(&mut child, own_group);
    }
    Ok(status)
}

/// Reads the start of what a program wrote to a file.
fn text_of(mut file: File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(MAX_OUTPUT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Waits for a program to end; `None` when it still runs at the deadline.
fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Stops a program and waits for it. Sends SIGTERM before SIGKILL, so that git can remove its lock files.
fn stop(child: &mut Child, own_group: bool) {
    const GRACE: Duration = Duration::from_millis(200);
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        let pid = Pid::from_child(child);
        if own_group {
            let _ = kill_process_group(pid, Signal::TERM);
            // Not waited for in between: until then, no other process gets its number.
            std::thread::sleep(GRACE);
            let _ = kill_process_group(pid, Signal::KILL);
        } else {
            let _ = kill_process(pid, Signal::TERM);
            let _ = wait_until(child, Instant::now() + GRACE);
        }
    }
    #[cfg(not(unix))]
    let _ = own_group;
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a program that the test is about")]
    fn shell(script: &str, limit: Duration, own_group: bool) -> Ended {
        let mut command = Command::new("sh");
        match run_within(command.args(["-c", script]), limit, own_group) {
            Ok(ended) => ended,
            Err(error) => panic!("sh does not start: {error}"),
        }
    }

    #[test]
    fn a_program_ends_by_itself_or_is_ended() {
        let long = Duration::from_secs(60);
        let short = Duration::from_millis(50);
        assert!(matches!(shell("exit 0", long, true), Ended::Success));
        let Ended::Failure(said) = shell("echo no >&2; exit 3", long, false) else {
            panic!("it fails")
        };
        assert_eq!(said, "no\n");
        let started = Instant::now();
        for own_group in [true, false] {
            assert!(matches!(shell("exec sleep 60", short, own_group), Ended::TimedOut));
        }
        // One that does not listen, and one whose child holds stderr open.
        assert!(matches!(
            shell("trap '' TERM; sleep 60 & wait; wait", short, true),
            Ended::TimedOut
        ));
        assert!(matches!(shell("sleep 60 & exit 1", long, true), Ended::Failure(_)));
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
