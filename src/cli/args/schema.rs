use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use claude_env_core::report::schema::{self, AnswerSchema};

/// Print the JSON Schema of a file or of a command's JSON output
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env schema layer > schema/layer.schema.json
  claude-env schema answer                              list the answers
  claude-env schema answer drift > drift.schema.json

Exit codes: 0 printed; 2 bad usage")]
pub(crate) struct SchemaArgs {
    /// What the schema describes
    #[arg(value_name = "FILE")]
    pub(crate) file: SchemaFile,
    /// With `answer`: which one [default: list them]
    #[arg(value_name = "NAME", value_parser = answers())]
    pub(crate) name: Option<&'static AnswerSchema>,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFile {
    /// layer.toml and its overlays
    Layer,
    /// claude-env.toml
    Manifest,
    /// .claude-env.toml
    Binding,
    /// Output of a command with `--format json`
    Answer,
}

/// Returns the parser of the name of an answer. It knows all of them, for help, completions and "did you mean".
fn answers() -> impl TypedValueParser<Value = &'static AnswerSchema> {
    let names = schema::ALL.iter().map(|answer| PossibleValue::new(answer.name).help(answer.when));
    PossibleValuesParser::new(names)
        .try_map(|name| schema::find(&name).ok_or("there is no answer of this name"))
}
