//! The environment, read once. Every variable that claude-env reads is a constant here.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use super::fs::Wait;

use claude_env_core::agent::Installation;

/// Turns colors off, whatever its value (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";
/// Turns colors on when not `0` (<https://bixense.com/clicolors/>).
pub const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
/// The kind of terminal; `dumb` means no colors.
pub const TERM: &str = "TERM";
/// Set by GitHub Actions: `check` then prints workflow commands unless told otherwise.
pub const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// The config repository, when neither an option nor the binding names one.
pub const CLAUDE_ENV_CONFIG_REPO: &str = "CLAUDE_ENV_CONFIG_REPO";
/// How long a fetch from one address of a config repository may take, in seconds; 30 unless set, 5 in a hook.
pub const CLAUDE_ENV_FETCH_TIMEOUT: &str = "CLAUDE_ENV_FETCH_TIMEOUT";
/// `0` turns the git hooks off.
pub const CLAUDE_ENV: &str = "CLAUDE_ENV";
/// How old a mirror may be, in seconds, before a hook fetches again; 300 unless set.
pub const CLAUDE_ENV_FRESHNESS: &str = "CLAUDE_ENV_FRESHNESS";
/// How long to wait while another claude-env writes to the same workspace, in seconds; 60 unless set, 0 means not to wait.
pub const CLAUDE_ENV_LOCK_TIMEOUT: &str = "CLAUDE_ENV_LOCK_TIMEOUT";
/// What to log to stderr, such as `debug`; see `-v`.
pub const CLAUDE_ENV_LOG: &str = "CLAUDE_ENV_LOG";
/// Set by git in hooks: the index of the commit that is being made, which may be a temporary one.
pub const GIT_INDEX_FILE: &str = "GIT_INDEX_FILE";
/// Base of the user's configuration (XDG base directories).
pub const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// Base of caches, such as mirrors of config repositories (XDG base directories).
pub const XDG_CACHE_HOME: &str = "XDG_CACHE_HOME";
/// Base of the user's state (XDG base directories).
pub const XDG_STATE_HOME: &str = "XDG_STATE_HOME";
/// Where Claude Code keeps its configuration and state, when not in the user's home.
pub const CLAUDE_CONFIG_DIR: &str = "CLAUDE_CONFIG_DIR";
/// The user's home directory.
pub const HOME: &str = "HOME";
/// The folders in which programs are searched.
pub const PATH: &str = "PATH";

/// Whom git may ask for a password that no credential helper of the user knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialPrompt {
    /// The person at the terminal.
    Terminal,
    /// Programs that the user configured for it, such as an editor's.
    Programs,
    /// Nobody: git fails instead.
    Nobody,
}

/// The values of the environment at the start of the program.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// The folder in which the program was started.
    pub current_dir: PathBuf,
    no_color: bool,
    clicolor_force: bool,
    dumb_terminal: bool,
    /// Whether the program runs in GitHub Actions.
    pub github_actions: bool,
    /// [`CLAUDE_ENV_CONFIG_REPO`].
    pub config_repo: Option<OsString>,
    /// [`CLAUDE_ENV_LOG`].
    pub log: Option<String>,
    /// Whether the git hooks are turned off.
    pub hooks_off: bool,
    /// [`GIT_INDEX_FILE`].
    pub git_index_file: Option<PathBuf>,
    /// Whether the program runs in a hook: a person waits for git, and must not be asked or kept waiting.
    unattended: bool,
    path: Option<OsString>,
    fetch_timeout: Option<OsString>,
    lock_timeout: Option<OsString>,
    config_home: Option<PathBuf>,
    cache_home: Option<PathBuf>,
    state_home: Option<PathBuf>,
    /// The user's home.
    pub home: Option<PathBuf>,
    claude_config: Option<PathBuf>,
    freshness: Option<OsString>,
    /// When the program, or its current run, was started; since 1970-01-01 in UTC.
    pub began: Duration,
}

/// The default of [`CLAUDE_ENV_FRESHNESS`].
const FRESHNESS: Duration = Duration::from_secs(300);

/// The default of [`CLAUDE_ENV_FETCH_TIMEOUT`].
const FETCH_TIMEOUT: Duration = Duration::from_secs(30);

/// The default of [`CLAUDE_ENV_FETCH_TIMEOUT`] in a hook, while a person waits for git.
const UNATTENDED_TIMEOUT: Duration = Duration::from_secs(5);

impl Env {
    /// Reads the environment. The current folder is `.` when it was removed.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = set(HOME).map(PathBuf::from);
        // The XDG specification says to ignore relative paths.
        let base = |name: &str, below_home: &str| {
            let named = set(name).map(PathBuf::from).filter(|path| path.is_absolute());
            named.or_else(|| home.as_ref().map(|home| home.join(below_home)))
        };
        Self {
            current_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            no_color: set(NO_COLOR).is_some(),
            clicolor_force: set(CLICOLOR_FORCE).is_some_and(|value| value != "0"),
            dumb_terminal: set(TERM).is_some_and(|value| value == "dumb"),
            github_actions: set(GITHUB_ACTIONS).is_some_and(|value| value == "true"),
            config_repo: set(CLAUDE_ENV_CONFIG_REPO),
            hooks_off: set(CLAUDE_ENV).is_some_and(|value| value == "0"),
            log: set(CLAUDE_ENV_LOG).and_then(|value| value.into_string().ok()),
            git_index_file: set(GIT_INDEX_FILE).map(PathBuf::from),
            unattended: false,
            path: set(PATH),
            fetch_timeout: set(CLAUDE_ENV_FETCH_TIMEOUT),
            lock_timeout: set(CLAUDE_ENV_LOCK_TIMEOUT),
            config_home: base(XDG_CONFIG_HOME, ".config"),
            cache_home: base(XDG_CACHE_HOME, ".cache"),
            state_home: base(XDG_STATE_HOME, ".local/state"),
            home: home.clone(),
            freshness: set(CLAUDE_ENV_FRESHNESS),
            claude_config: set(CLAUDE_CONFIG_DIR).map(PathBuf::from),
            began: super::clock::now(),
        }
    }

    /// Returns the environment for a run that starts now, long after the program, as `watch` does.
    pub fn begun_now(self) -> Self {
        Self { began: super::clock::now(), ..self }
    }

    /// Returns the environment for a run in a hook, while a person waits for git.
    pub fn unattended(self) -> Self {
        Self { unattended: true, ..self }
    }

    /// Returns whom git may ask for a password: the person, if stdin is a terminal.
    pub fn credential_prompt(&self) -> CredentialPrompt {
        match self.unattended {
            true => CredentialPrompt::Nobody,
            false if std::io::stdin().is_terminal() => CredentialPrompt::Terminal,
            false => CredentialPrompt::Programs,
        }
    }

    /// Returns true when a person at the terminal can be asked questions.
    pub fn interactive(&self) -> bool {
        matches!(self.credential_prompt(), CredentialPrompt::Terminal)
    }

    /// Returns whether to use colors by default: on a terminal, unless a variable says otherwise.
    pub fn colors(&self, terminal: bool) -> bool {
        !self.no_color && (self.clicolor_force || (terminal && !self.dumb_terminal))
    }

    /// Returns the folder of the user's state, `$XDG_STATE_HOME/claude-env`; `None` without a home.
    pub fn state_folder(&self) -> Option<PathBuf> {
        self.state_home.as_ref().map(|base| base.join("claude-env"))
    }

    /// Returns the path of this program: the one in `PATH` when it leads to this file, so that it stays valid after an update by
    /// a package manager that keeps each version in its own folder.
    ///
    /// Fails when the system does not tell the path.
    pub fn program(&self) -> std::io::Result<PathBuf> {
        let program = std::env::current_exe()?;
        let real = std::fs::canonicalize(&program)?;
        let name = format!("claude-env{}", std::env::consts::EXE_SUFFIX);
        let folders = self.path.iter().flat_map(std::env::split_paths);
        let mut named = folders.filter(|folder| folder.is_absolute()).map(|it| it.join(&name));
        let same = |path: &PathBuf| std::fs::canonicalize(path).is_ok_and(|path| path == real);
        Ok(named.find(same).unwrap_or(program))
    }

    /// Returns the folder of the machine's user layer, `$XDG_CONFIG_HOME/claude-env/user`; `None` without a home.
    pub fn user_layer(&self) -> Option<PathBuf> {
        self.config_home.as_ref().map(|base| base.join("claude-env").join("user"))
    }

    /// Returns the folder and the state file of an agent for the user; `None` without a home.
    pub fn agent_files(&self, installation: &Installation) -> Option<(PathBuf, PathBuf)> {
        match (&self.claude_config, &self.home) {
            (Some(folder), _) => Some((folder.clone(), folder.join(installation.state))),
            (None, Some(home)) => {
                Some((home.join(installation.folder), home.join(installation.state)))
            }
            (None, None) => None,
        }
    }

    /// Returns true when a variable is set and not empty. For variables that a configuration names.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn is_set(name: &str) -> bool {
        std::env::var_os(name).is_some_and(|value| !value.is_empty())
    }

    /// Returns how many settings `GIT_CONFIG_COUNT` passes to git; 0 when it is not set.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn git_config_count() -> usize {
        let count = std::env::var("GIT_CONFIG_COUNT").ok();
        count.and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// Returns the protocols that `GIT_ALLOW_PROTOCOL` lets git use; `None` when it is not set.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn git_allow_protocol() -> Option<String> {
        std::env::var("GIT_ALLOW_PROTOCOL").ok()
    }

    /// Returns `PATH` without its relative folders, `.` and the empty one included; `None` when it has none.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn path_without_relative() -> Option<OsString> {
        let path = std::env::var_os(PATH)?;
        let all: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let kept: Vec<&PathBuf> = all.iter().filter(|folder| folder.is_absolute()).collect();
        let same = kept.len() == all.len();
        std::env::join_paths(kept).ok().filter(|_| !same)
    }

    /// Returns the folder of the mirrors of config repositories, `$XDG_CACHE_HOME/claude-env/mirrors`; `None` without a home.
    pub fn mirrors(&self) -> Option<PathBuf> {
        self.cache_home.as_ref().map(|base| base.join("claude-env").join("mirrors"))
    }

    /// Returns how old a mirror may be before a hook fetches. Fails when the variable is not a number.
    pub fn freshness(&self) -> Result<Duration, VariableError> {
        let Some(text) = &self.freshness else { return Ok(FRESHNESS) };
        seconds(text).ok_or_else(|| VariableError::new(CLAUDE_ENV_FRESHNESS, text))
    }

    /// Returns how long a fetch from one address may take. Fails when the variable is not a number above 0.
    pub fn fetch_timeout(&self) -> Result<Duration, VariableError> {
        let default = if self.unattended { UNATTENDED_TIMEOUT } else { FETCH_TIMEOUT };
        let Some(text) = &self.fetch_timeout else { return Ok(default) };
        let limit = seconds(text).filter(|limit| !limit.is_zero());
        limit.ok_or_else(|| VariableError::new(CLAUDE_ENV_FETCH_TIMEOUT, text))
    }

    /// Returns how long to wait for another run in the same workspace. Fails when the variable is not a number.
    pub fn lock_wait(&self) -> Result<Wait, VariableError> {
        let Some(text) = &self.lock_timeout else { return Ok(Wait::default()) };
        let wait = seconds(text).map(Wait);
        wait.ok_or_else(|| VariableError::new(CLAUDE_ENV_LOCK_TIMEOUT, text))
    }
}

/// An environment variable whose value is not a number of seconds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is `{value}`, which is not a number of seconds")]
pub struct VariableError {
    name: &'static str,
    value: String,
}

impl VariableError {
    fn new(name: &'static str, value: &OsStr) -> Self {
        Self { name, value: value.to_string_lossy().into_owned() }
    }
}

fn seconds(text: &OsStr) -> Option<Duration> {
    let seconds = text.to_str()?.trim().parse::<u32>().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// Returns how many threads are worth using; 1 when the system does not tell. Costs as much as reading a few files.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
