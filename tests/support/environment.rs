//! The environment that the program under test runs in: cleared, then set.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use super::answer::validated;

/// A temporary folder with a home, and commands that know nothing of the machine around them.
pub(crate) struct TestEnv {
    root: TempDir,
}

/// What a finished command said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The name of the schema that stdout matches; `None` if no JSON was asked for.
    pub(crate) answer: Option<&'static str>,
}

impl TestEnv {
    /// A new folder with an empty home.
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("claude-env-test-").tempdir();
        let env = Self { root: root.expect("a temporary folder") };
        std::fs::create_dir(env.home()).expect("the home");
        env
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// A path in the folder.
    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// The home of the commands.
    pub(crate) fn home(&self) -> PathBuf {
        self.join("home")
    }

    /// A command with a cleared environment, started in the folder.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("TMPDIR", self.path())
            .env("LANG", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Test")
            .env("GIT_AUTHOR_EMAIL", "test@example.com")
            .env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z")
            .env("GIT_COMMITTER_NAME", "Test")
            .env("GIT_COMMITTER_EMAIL", "test@example.com")
            .env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z");
        command
    }

    /// The program under test.
    pub(crate) fn claude_env(&self) -> Command {
        self.command(cargo_bin("claude-env"))
    }

    /// Runs the program under test; paths of the folder are shown as `[ROOT]`.
    #[track_caller]
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        let mut command = self.claude_env();
        command.args(arguments);
        self.outcome(&mut command)
    }

    /// Runs a command to its end; paths of the folder are shown as `[ROOT]`. An answer in JSON must match its schema.
    #[track_caller]
    pub(crate) fn outcome(&self, command: &mut Command) -> Outcome {
        let output = command.output().expect("the program starts");
        let shown = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.replace(&self.path().display().to_string(), "[ROOT]")
        };
        Outcome {
            code: output.status.code(),
            stdout: shown(&output.stdout),
            stderr: shown(&output.stderr),
            answer: validated(command, &output),
        }
    }

    /// Runs git in a folder of this one; it must succeed.
    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let mut command = self.command("git");
        command.current_dir(self.join(folder)).args(arguments);
        let outcome = self.outcome(&mut command);
        assert_eq!(outcome.code, Some(0), "git {arguments:?}: {}", outcome.stderr);
        outcome.stdout
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("the folder");
        }
        std::fs::write(path, text).expect("the file");
    }

    /// Reads a file as text.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// A git repository with everything in the folder committed.
    pub(crate) fn commit_all(&self, folder: &str) {
        if !self.join(folder).join(".git").exists() {
            self.git(folder, &["init", "--quiet", "--initial-branch=main"]);
        }
        self.git(folder, &["add", "--all"]);
        self.git(folder, &["commit", "--quiet", "--allow-empty", "-m", "state"]);
    }
}

impl Outcome {
    /// Fails unless the exit code is the expected one.
    #[track_caller]
    pub(crate) fn code(self, expect: i32) -> Self {
        assert_eq!(self.code, Some(expect), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// The value of a variable that `ci/install-test-tools` provides. Missing means failed, never skipped.
#[track_caller]
pub(crate) fn tool(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `eval \"$(ci/install-test-tools --env)\"` first")
    })
}
