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

/// The environment variables that change what an argument means, or name a program or attributes of another place.
///
/// Editors and hook managers set some of them for the hooks that they call.
pub(super) const MEANINGS: [&str; 14] = [
    "GIT_ATTR_SOURCE",
    "GIT_DIFF_OPTS",
    "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_PAGER",
    "GIT_PAGER_IN_USE",
    "GIT_QUARANTINE_PATH",
    "GIT_SEQUENCE_EDITOR",
    "GIT_TEST_FSMONITOR",
];

/// The environment variables with which git reaches other machines. Commands on a local repository need none.
pub(super) const CONNECTIONS: [&str; 5] =
    ["GIT_ASKPASS", "GIT_PROXY_COMMAND", "GIT_SSH", "GIT_SSH_COMMAND", "SSH_ASKPASS"];

/// The setting for the folder of hooks. Those who ask git where hooks are leave it out.
const HOOKS_PATH: &str = "core.hooksPath=/dev/null";

/// Settings of every git command. They win over the configuration of the repository, which somebody else may have written.
pub(super) const OVERRIDES: [&str; 9] = [
    // Empty is off for every version: older ones take any other value for the name of a program.
    "core.fsmonitor=",
    "core.pager=cat",
    // Git does not start this editor.
    "core.editor=:",
    "sequence.editor=:",
    "diff.external=",
    "interactive.diffFilter=",
    "log.showSignature=false",
    "submodule.recurse=false",
    "protocol.ext.allow=never",
];

/// Further settings of commands on a local repository: they reach no other machine and need no password.
pub(super) const LOCAL_OVERRIDES: [&str; 6] = [
    "core.askPass=",
    "core.sshCommand=false",
    "credential.helper=",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// Returns a `git` command that runs in a folder, ignores the hook that we run in, and runs no other program.
///
/// A repository may name programs in its configuration: they do not run. Programs of attributes (filters, `textconv`, merge
/// drivers) have names of their own, so use no command that runs those, such as `status`, `diff`, `add` and `checkout`.
pub(super) fn git(folder: &Path) -> Command {
    let mut command = local(folder);
    command.args(["-c", HOOKS_PATH]);
    command
}

/// Returns a `git` command with which a test prepares a repository, as a person would.
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests prepare repositories of their own")]
pub(crate) fn git_of_tests(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null());
    for name in LOCAL_VARIABLES {
        command.env_remove(name);
    }
    command
}

/// Returns a `git` command that tells about hooks: like [`git`], with the folder of hooks as the repository sets it.
pub(super) fn git_about_hooks(folder: &Path) -> Command {
    local(folder)
}

fn local(folder: &Path) -> Command {
    let mut command = without(folder, |_| true);
    settings(&mut command, &LOCAL_OVERRIDES);
    for name in CONNECTIONS {
        command.env_remove(name);
    }
    // The variable wins over `protocol.*`; and git must not rewrite the index of a repository that it only reads.
    command.envs([("GIT_ALLOW_PROTOCOL", ""), ("GIT_OPTIONAL_LOCKS", "0")]);
    command.env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// Returns a `git` command for network access, with the user's credentials and with messages in English.
///
/// Keeps the configuration from `git -c`, as git does for the remotes of submodules.
pub fn git_for_remotes(folder: &Path, prompt: CredentialPrompt) -> Command {
    let mut command = without(folder, |name| !CONFIGURATION.contains(&name));
    command.args(["-c", HOOKS_PATH]).env("LC_ALL", "C");
    if let Some(protocols) = Env::git_allow_protocol() {
        command.env("GIT_ALLOW_PROTOCOL", without_programs(&protocols));
    }
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

/// Removes the protocols whose address is a command from a list as `GIT_ALLOW_PROTOCOL` has it.
pub(super) fn without_programs(protocols: &str) -> String {
    let kept: Vec<&str> =
        protocols.split(':').filter(|name| !["ext", "fd"].contains(name)).collect();
    kept.join(":")
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

/// Returns a `git` command with the [`OVERRIDES`], and without those [`LOCAL_VARIABLES`] that `scrubbed` accepts.
fn without(folder: &Path, scrubbed: impl Fn(&str) -> bool) -> Command {
    let mut command = bare(folder, scrubbed);
    command.arg("--no-pager");
    settings(&mut command, &OVERRIDES);
    command
}

/// The same without any argument.
#[expect(clippy::disallowed_methods, reason = "the one place that names the git program")]
fn bare(folder: &Path, scrubbed: impl Fn(&str) -> bool) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null());
    for name in LOCAL_VARIABLES.iter().filter(|name| scrubbed(name)).chain(&MEANINGS) {
        command.env_remove(name);
    }
    // A missing object of a partial clone would be fetched by the programs that its configuration names.
    command.env("GIT_NO_LAZY_FETCH", "1");
    process::installed_only(&mut command);
    command
}

fn settings(command: &mut Command, settings: &[&str]) {
    for setting in settings {
        command.args(["-c", setting]);
    }
}

/// Returns what `git version` prints, such as `git version 2.47.3`.
///
/// Fails when git cannot be started.
pub fn version(folder: &Path) -> Result<String, ProcessError> {
    let printed = process::output(bare(folder, |_| true).arg("version"))?;
    Ok(String::from_utf8_lossy(&printed).into_owned())
}

/// Runs `git` in a folder to its end, and returns its stdout.
///
/// Fails when git cannot be started, or ends with another exit status than 0.
pub fn run(folder: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, ProcessError> {
    process::output(git(folder).args(arguments))
}

/// Runs `git` as [`run`] does, with the folder of hooks as the repository sets it.
///
/// For commands that run no hook. Fails when git cannot be started, or ends with another exit status than 0.
pub(super) fn ask_about_hooks(
    folder: &Path,
    arguments: &[impl AsRef<OsStr>],
) -> Result<Vec<u8>, ProcessError> {
    process::output(git_about_hooks(folder).args(arguments))
}
