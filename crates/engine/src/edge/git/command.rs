//! The `git` program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::edge::env::Env;
use crate::edge::process::ProcessError;

/// The variables that tie git to one repository, as `git rev-parse --local-env-vars` lists them.
///
/// Git sets some of them while a hook runs. Left in place, they would send every git that we start into the repository of
/// the hook, whatever folder it is started in.
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

/// Those of them that carry configuration of the person who started us, such as `git -c` or a CI's credentials.
const CONFIGURATION: [&str; 2] = ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

/// Whom git may ask for a password, where no helper of the user's knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialPrompt {
    /// The person at the terminal.
    Terminal,
    /// Programs that the user configured for it, such as an editor's.
    Programs,
    /// Nobody: the person did not ask for anything that needs one.
    Nobody,
}

/// A `git` that works in a folder, whatever hook we run in, and that never asks for a password.
pub(crate) fn git(folder: &Path) -> Command {
    let mut command = without(folder, |_| true);
    command.env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// A `git` that talks to other machines as the user's own git does, and whose messages are in English.
///
/// As git itself does for the remotes of submodules, it keeps what was configured for this one command.
pub fn git_for_remotes(folder: &Path, prompt: CredentialPrompt) -> Command {
    let mut command = without(folder, |name| !CONFIGURATION.contains(&name));
    command.env("LC_ALL", "C");
    if prompt != CredentialPrompt::Terminal {
        command.env("GIT_TERMINAL_PROMPT", "0");
    }
    if prompt == CredentialPrompt::Nobody {
        // A program that answers nothing, for git and for ssh, which would else find the terminal by itself.
        command.envs([("GIT_ASKPASS", "false"), ("SSH_ASKPASS", "false")]);
        command.envs([("SSH_ASKPASS_REQUIRE", "force"), ("GCM_INTERACTIVE", "never")]);
    }
    command
}

/// Configures git for one command, after what is configured for it already; through its environment, which nobody else can read.
pub fn configure(command: &mut Command, settings: &[(&str, &str)]) {
    let first = Env::git_config_count();
    for (number, (key, value)) in (first..).zip(settings) {
        command.env(format!("GIT_CONFIG_KEY_{number}"), key);
        command.env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    command.env("GIT_CONFIG_COUNT", (first + settings.len()).to_string());
}

#[expect(clippy::disallowed_methods, reason = "the one place that names the git program")]
fn without(folder: &Path, scrubbed: impl Fn(&str) -> bool) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null());
    for name in LOCAL_VARIABLES.iter().filter(|name| scrubbed(name)) {
        command.env_remove(name);
    }
    command
}

/// Runs `git` in a folder to its end, and returns what it wrote to stdout.
///
/// Errors name the first argument only: the others may hold addresses with credentials.
pub fn run(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, ProcessError> {
    let shown = match arguments.first() {
        Some(first) => format!("git {}", first.as_ref().to_string_lossy()),
        None => "git".to_owned(),
    };
    let output = git(folder)
        .args(arguments)
        .output()
        .map_err(|source| ProcessError::Start { program: shown.clone(), source })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(ProcessError::Status { program: shown, status: output.status, stderr })
}
