//! Starts the `git` program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::edge::env::{CredentialPrompt, Env};
use crate::edge::process::{self, ProcessError};

/// The environment variables that tie git to one repository: the output of `git rev-parse --local-env-vars`.
///
/// Git sets some of them while a hook runs. If they were kept, every git that we start would work in the repository of the
/// hook, whatever folder it is started in.
pub(super) const LOCAL_VARIABLES: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    // Git listed this one up to 2.43.
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Those of [`LOCAL_VARIABLES`] that hold configuration from `git -c`, such as the credentials that a CI passes.
const CONFIGURATION: [&str; 2] = ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

/// Returns a `git` command that runs in a folder, ignores the hook that we run in, and never asks for a password.
pub(crate) fn git(folder: &Path) -> Command {
    let mut command = without(folder, |_| true);
    command.env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// Returns a `git` command for network access, with the user's credentials and with messages in English.
///
/// Keeps the configuration from `git -c`, as git does for the remotes of submodules.
pub fn git_for_remotes(folder: &Path, prompt: CredentialPrompt) -> Command {
    let mut command = without(folder, |name| !CONFIGURATION.contains(&name));
    command.env("LC_ALL", "C");
    if prompt != CredentialPrompt::Terminal {
        command.env("GIT_TERMINAL_PROMPT", "0");
    }
    if prompt == CredentialPrompt::Nobody {
        // A program that answers nothing, for git and for ssh: both would open the terminal themselves.
        command.envs([("GIT_ASKPASS", "false"), ("SSH_ASKPASS", "false")]);
        command.envs([("SSH_ASKPASS_REQUIRE", "force"), ("GCM_INTERACTIVE", "never")]);
    }
    command
}

/// Adds settings for one git command, after those that it has already.
///
/// Passes them in the environment: other users of the machine can read command lines.
pub fn configure(command: &mut Command, settings: &[(&str, &str)]) {
    let first = Env::git_config_count();
    for (number, (key, value)) in (first..).zip(settings) {
        command.env(format!("GIT_CONFIG_KEY_{number}"), key);
        command.env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    command.env("GIT_CONFIG_COUNT", (first + settings.len()).to_string());
}

/// Returns a `git` command without those [`LOCAL_VARIABLES`] that `scrubbed` accepts.
#[expect(clippy::disallowed_methods, reason = "the one place that names the git program")]
fn without(folder: &Path, scrubbed: impl Fn(&str) -> bool) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null());
    for name in LOCAL_VARIABLES.iter().filter(|name| scrubbed(name)) {
        command.env_remove(name);
    }
    command
}

/// Runs `git` in a folder to its end, and returns its stdout.
///
/// Fails when git cannot be started, or ends with another exit status than 0.
pub fn run(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, ProcessError> {
    process::output(git(folder).args(arguments))
}
