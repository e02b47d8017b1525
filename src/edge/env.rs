//! The environment, read once. Every variable that claude-env looks at is a constant here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Switches colours off, whatever its value (<https://no-color.org>).
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// Forces colours on when not `0` (<https://bixense.com/clicolors/>).
pub(crate) const CLICOLOR_FORCE: &str = "CLICOLOR_FORCE";
/// `dumb` means no colours.
pub(crate) const TERM: &str = "TERM";
/// Set by GitHub Actions: `check` then prints workflow commands unless told otherwise.
pub(crate) const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// The config repository, when neither flag nor binding names one.
pub(crate) const CLAUDE_ENV_CONFIG_REPO: &str = "CLAUDE_ENV_CONFIG_REPO";
/// What to log to stderr, such as `debug`; see `-v`.
pub(crate) const CLAUDE_ENV_LOG: &str = "CLAUDE_ENV_LOG";
/// Set by git in hooks: the index of the commit that is being made, which may be a temporary one.
pub(crate) const GIT_INDEX_FILE: &str = "GIT_INDEX_FILE";
/// Base of the user's configuration (XDG base directories).
pub(crate) const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// The user's home.
pub(crate) const HOME: &str = "HOME";

/// A snapshot of what the environment says to us.
#[derive(Clone, Debug, Default)]
pub(crate) struct Env {
    pub(crate) current_dir: PathBuf,
    no_color: bool,
    clicolor_force: bool,
    dumb_terminal: bool,
    pub(crate) github_actions: bool,
    pub(crate) config_repo: Option<OsString>,
    pub(crate) log: Option<String>,
    pub(crate) git_index_file: Option<PathBuf>,
    config_home: Option<PathBuf>,
}

impl Env {
    /// Reads the environment. A current folder that is gone reads as `.`.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn read() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = set(HOME).map(PathBuf::from);
        Self {
            current_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            no_color: set(NO_COLOR).is_some(),
            clicolor_force: set(CLICOLOR_FORCE).is_some_and(|value| value != "0"),
            dumb_terminal: set(TERM).is_some_and(|value| value == "dumb"),
            github_actions: set(GITHUB_ACTIONS).is_some_and(|value| value == "true"),
            config_repo: set(CLAUDE_ENV_CONFIG_REPO),
            log: set(CLAUDE_ENV_LOG).and_then(|value| value.into_string().ok()),
            git_index_file: set(GIT_INDEX_FILE).map(PathBuf::from),
            config_home: set(XDG_CONFIG_HOME)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
                .or_else(|| home.map(|home| home.join(".config"))),
        }
    }

    /// The same as if the program had been started in this folder (`-C`): every path on the command line is relative to it.
    pub(crate) fn started_in(self, folder: Option<&Path>) -> Self {
        match folder {
            Some(folder) => Self { current_dir: self.current_dir.join(folder), ..self },
            None => self,
        }
    }

    /// Whether to use colours when nobody asked: on a terminal, unless the environment says otherwise.
    pub(crate) fn colours(&self, terminal: bool) -> bool {
        !self.no_color && (self.clicolor_force || (terminal && !self.dumb_terminal))
    }

    /// The folder of the local user layer, `$XDG_CONFIG_HOME/claude-env/user`.
    pub(crate) fn user_layer(&self) -> Option<PathBuf> {
        self.config_home.as_ref().map(|base| base.join("claude-env").join("user"))
    }
}

/// How many things are worth doing at once. Asks the system, which takes as long as reading a few files.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
