use clap::Args;

use super::PlainFormat;

/// Say where a value comes from: who set it, what it beat, and by which rule
///
/// Given the code of a finding, such as CE050, it prints the page about it instead.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env explain settings.model --team payments
  claude-env explain 'permissions.allow[0]' --format json
  claude-env explain CE050")]
pub(crate) struct ExplainArgs {
    /// A dotted key such as `settings.model`, or the code of a finding
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}
