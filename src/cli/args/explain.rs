use clap::Args;

use super::PlainFormat;

/// Say where a value comes from: who set it, what it beat, and by which rule
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env explain settings.model --team payments
  claude-env explain 'permissions.allow[0]' --format json")]
pub(crate) struct ExplainArgs {
    /// A dotted key such as `settings.model`
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}
