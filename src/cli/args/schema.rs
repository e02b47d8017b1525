use clap::{Args, ValueEnum};

/// Print the JSON Schema of a file, for editors
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Which file
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
