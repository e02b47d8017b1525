use crate::cli::args::{SchemaArgs, SchemaFile};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::schema::{ALL, AnswerSchema};
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::schema::{SchemaOf, schema as make};

/// Runs `schema`.
pub(in crate::cli) fn schema(args: &SchemaArgs, printer: &Printer) -> Result<ExitStatus, Failure> {
    let of = match (args.file, args.name) {
        (SchemaFile::Answer, Some(answer)) => {
            printer.result(&format!("{:#}", answer.schema()));
            return Ok(ExitStatus::Done);
        }
        (SchemaFile::Answer, None) => {
            let line = |answer: &AnswerSchema| format!("{:14} {}", answer.name, answer.when);
            printer.result(&ALL.iter().map(line).collect::<Vec<_>>().join("\n"));
            return Ok(ExitStatus::Done);
        }
        (_, Some(_)) => {
            return Err(Failure::usage("only `schema answer` takes a NAME"));
        }
        (SchemaFile::Layer, None) => SchemaOf::Layer,
        (SchemaFile::Manifest, None) => SchemaOf::Manifest,
        (SchemaFile::Binding, None) => SchemaOf::Binding,
    };
    printer.result(&format!("{:#}", make(of)));
    Ok(ExitStatus::Done)
}
