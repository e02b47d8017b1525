use clap::{Args, ValueEnum};

/// Print a JSON Schema for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-env schema layer > schema/layer.schema.json

Exit codes: 0 printed; 2 bad usage")]
pub(crate) struct SchemaArgs {
    /// File that the schema describes
    #[arg(value_name = "FILE")]
    pub(crate) file: SchemaFile,
}

/// The files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFile {
    /// layer.toml and its overlays
    Layer,
    /// claude-env.toml
    Manifest,
    /// .claude-env.toml
    Binding,
}
