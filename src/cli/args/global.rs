use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Run as if started in this directory
    // With an id of its own: a global option would take the value of any argument that is called the same.
    #[arg(id = "start", short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// Config repository: a directory or a URL [default: from the binding, or the current repository]
    #[arg(long, value_name = "REPO", global = true)]
    pub(crate) config_repo: Option<PathBuf>,
    /// Read the config repository at this commit, branch or tag instead of its working tree
    #[arg(long, value_name = "REV", global = true)]
    pub(crate) rev: Option<String>,
    /// Do not fetch; use a config repository with a URL as last fetched
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
    /// When to use colors
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: ColorChoice,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print progress; repeat for more detail
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

/// When to use colors.
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
    /// Text with source lines
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, shown by GitHub as annotations
    Github,
    /// Markdown, for a pull request comment
    Markdown,
}

/// How the answers of `sync` and `status` are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Text
    Human,
    /// One JSON object
    Json,
    /// Markdown, for a pull request comment
    Markdown,
}

/// How other results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    /// Text
    Human,
    /// One JSON object
    Json,
}
