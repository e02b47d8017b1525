use crate::cli::args::{SchemaArgs, SchemaFile};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::schema::{self as answers, AnswerSchema};
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::schema::{SchemaOf, schema as make};

/// Runs `schema`.
pub(in crate::cli) fn schema(args: &SchemaArgs, printer: &Printer) -> Result<ExitStatus, Failure> {
    let of = match (args.file, &args.name) {
        (SchemaFile::Answer, name) => return answer(name.as_deref(), printer),
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

/// Prints the schema of an answer, or the names of all of them.
fn answer(name: Option<&str>, printer: &Printer) -> Result<ExitStatus, Failure> {
    let Some(name) = name else {
        let line = |answer: &AnswerSchema| format!("{:14} {}", answer.name, answer.when);
        printer.result(&answers::ALL.iter().map(line).collect::<Vec<_>>().join("\n"));
        return Ok(ExitStatus::Done);
    };
    let Some(answer) = answers::find(name) else {
        return Err(Failure::usage(format!("there is no answer `{name}`"))
            .hint("`claude-env schema answer` lists them"));
    };
    printer.result(&format!("{:#}", answer.schema()));
    Ok(ExitStatus::Done)
}
