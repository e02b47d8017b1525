use clap::Args;

use super::PlainFormat;

/// Show where a value comes from
///
/// Prints the layer that sets the value, the values that it shadows, and the merge strategy. With the code of a finding, such as
/// CE050, prints the page of that rule.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env explain settings.model --team payments
  claude-env explain 'permissions.allow[0]' --format json
  claude-env explain CE050

Exit codes: 0 printed; 2 no such key or code, or unusable configuration; 3 the configuration could not be read")]
pub(crate) struct ExplainArgs {
    /// Dotted key, such as `settings.model`, or code of a finding
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// Output format
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        default_value_if("json", "true", "json")
    )]
    pub(crate) format: PlainFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}
