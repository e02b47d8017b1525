use crate::cli::args::{SchemaArgs, SchemaFile};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::schema::{SchemaOf, schema as make};

/// `schema`.
pub(in crate::cli) fn schema(args: &SchemaArgs, printer: &Printer) -> Result<ExitStatus, Failure> {
    let of = match args.file {
        SchemaFile::Layer => SchemaOf::Layer,
        SchemaFile::Manifest => SchemaOf::Manifest,
        SchemaFile::Binding => SchemaOf::Binding,
    };
    printer.result(&format!("{:#}", make(of)));
    Ok(ExitStatus::Done)
}
