use clap::{Args, ValueEnum};

/// Print the merged configuration, or one value of it
///
/// The value itself, in the layers' own words, with references unresolved.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env show --team payments                    everything, as JSON
  claude-env show permissions.deny --format toml     one value, as TOML
  claude-env show 'mcp_servers.docs.headers'")]
pub(crate) struct ShowArgs {
    /// A dotted key such as `mcp_servers.docs`; everything if left out
    #[arg(value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) format: ShowFormat,
}

/// How the merged configuration is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    Json,
    Toml,
}
