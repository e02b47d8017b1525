use clap::{Args, ValueEnum};

/// Print the merged configuration or one value
///
/// Uses the key names of the layers. Secret references are not resolved.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env show --team payments                    everything, as JSON
  claude-env show permissions.deny --format toml     one value, as TOML
  claude-env show 'mcp_servers.docs.headers'

Exit codes: 0 printed; 2 no such key, or unusable configuration; 3 the configuration could not be read")]
pub(crate) struct ShowArgs {
    /// Dotted key, such as `mcp_servers.docs` [default: everything]
    #[arg(value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Output format [default: json]
    #[arg(long, value_name = "FORMAT", default_value_if("json", "true", "json"))]
    pub(crate) format: Option<ShowFormat>,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

/// How the merged configuration is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    Json,
    Toml,
}
