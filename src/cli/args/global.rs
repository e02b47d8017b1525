use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Act as if started in this folder
    // With an id of its own: a global option would take the value of any argument that is called the same.
    #[arg(id = "start", short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// The config repository, a folder or a URL [default: the binding's, or the one around the folder]
    #[arg(long, value_name = "REPO", global = true)]
    pub(crate) config_repo: Option<PathBuf>,
    /// Read the config repository at this commit, branch or tag instead of as it stands
    #[arg(long, value_name = "REV", global = true)]
    pub(crate) rev: Option<String>,
    /// Fetch nothing: use a config repository with a URL as it was fetched last
    #[arg(long, global = true)]
    pub(crate) offline: bool,
    /// Merge the layer of this team
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) team: Option<String>,
    /// Merge the layer of this project
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) project: Option<String>,
    /// Merge the layer of this user
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) user: Option<String>,
    /// Apply the overlays of this environment [default: development]
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) environment: Option<String>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: ColorChoice,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what is done; twice for more
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// For people, with the source line
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, which GitHub shows beside the lines
    Github,
}

/// How other results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
}
