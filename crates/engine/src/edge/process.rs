//! Running another program.

use std::ffi::OsStr;
use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A program that could not be run, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error("cannot run `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("`{program}` failed ({status}): {stderr}")]
    Status { program: String, status: ExitStatus, stderr: String },
}

/// Runs a program to its end with no input, and returns what it wrote to stdout.
///
/// Arguments are not repeated in errors beyond the program's name and first argument: they may hold addresses with credentials.
#[expect(clippy::disallowed_methods, reason = "the one place that starts programs")]
pub fn run(program: &str, arguments: &[&OsStr], folder: &Path) -> Result<Vec<u8>, ProcessError> {
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

/// How a program with a time limit ended.
#[derive(Debug)]
pub enum Ended {
    Success,
    /// With what it wrote to stderr.
    Failure(String),
    TimedOut,
}

/// What is read of stderr at most.
const STDERR_LIMIT: u64 = 64 * 1024;

/// Runs a program to its end, or ends it when the time is over.
///
/// `own_group` puts it and its children into a process group of their own, so that all of them are ended. A program that may
/// ask something on the terminal has to stay in ours.
pub fn run_within(
    command: &mut Command,
    limit: Duration,
    own_group: bool,
) -> std::io::Result<Ended> {
    // A file, and no pipe: a grandchild that lives on would keep a pipe open, and us waiting.
    let mut stderr = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr.try_clone()?);
    #[cfg(unix)]
    if own_group {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    let deadline = Instant::now() + limit;
    let mut child = command.spawn()?;
    let Some(status) = wait_until(&mut child, deadline)? else {
        end(&mut child, own_group);
        return Ok(Ended::TimedOut);
    };
    if status.success() {
        return Ok(Ended::Success);
    }
    let mut said = Vec::new();
    stderr.rewind()?;
    stderr.take(STDERR_LIMIT).read_to_end(&mut said)?;
    Ok(Ended::Failure(String::from_utf8_lossy(&said).into_owned()))
}

/// What a program that was asked something said.
#[derive(Debug)]
pub enum Answer {
    /// To stdout, and it ended well.
    Said(String),
    /// There is no such program.
    Absent,
    /// Why there is no answer.
    Failed(String),
}

/// Runs a program with some variables set, and reads what it says; ends it when the time is over.
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
    let mut asked = || -> std::io::Result<Answer> {
        let mut stdout = tempfile::tempfile()?;
        command.stdin(Stdio::null()).stdout(stdout.try_clone()?).stderr(Stdio::null());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        let mut child = command.spawn()?;
        let Some(status) = wait_until(&mut child, Instant::now() + limit)? else {
            end(&mut child, true);
            return Ok(Answer::Failed(format!("it said nothing for {} s", limit.as_secs())));
        };
        if !status.success() {
            return Ok(Answer::Failed(format!("it failed: {status}")));
        }
        let mut said = Vec::new();
        stdout.rewind()?;
        stdout.take(STDERR_LIMIT).read_to_end(&mut said)?;
        Ok(Answer::Said(String::from_utf8_lossy(&said).into_owned()))
    };
    asked().unwrap_or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Answer::Absent,
        _ => Answer::Failed(error.to_string()),
    })
}

/// Waits for a program to end; `None` when it has not until then.
fn wait_until(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
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

/// Ends a program, politely first: git takes its lock files away. It is always waited for.
fn end(child: &mut Child, own_group: bool) {
    const GRACE: Duration = Duration::from_millis(200);
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        let pid = Pid::from_child(child);
        if own_group {
            let _ = kill_process_group(pid, Signal::TERM);
            // Not waited for in between: as long as it is not, its number is nobody else's.
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
