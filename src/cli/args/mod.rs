//! The command line as types; their doc comments are the help texts and manual pages.

mod adopt;
mod check;
mod completions;
mod doctor;
mod drift;
mod explain;
mod global;
mod hook;
mod hooks;
mod init;
mod new;
mod pack;
mod parse;
mod render;
mod rollback;
mod schema;
mod show;
mod status;
mod sync;

use clap::{Parser, Subcommand};

pub(crate) use adopt::{AdoptArgs, LayerArg};
pub(crate) use check::CheckArgs;
pub(crate) use completions::{CompletionsArgs, ManArgs};
pub(crate) use doctor::DoctorArgs;
pub(crate) use drift::{DriftArgs, DriftFormat};
pub(crate) use explain::ExplainArgs;
pub(crate) use global::{ColorChoice, FindingsFormat, GlobalArgs, PlainFormat, ReportFormat};
pub(crate) use hook::HookArgs;
pub(crate) use hooks::{HooksArgs, HooksCommand};
pub(crate) use init::{InitArgs, ModeArg};
pub(crate) use new::NewArgs;
pub(crate) use pack::{PackArgs, PackCommand};
pub(crate) use parse::asks_for_json;
pub(crate) use render::RenderArgs;
pub(crate) use rollback::RollbackArgs;
pub(crate) use schema::{SchemaArgs, SchemaFile};
pub(crate) use show::{ShowArgs, ShowFormat};
pub(crate) use status::StatusArgs;
pub(crate) use sync::SyncArgs;

/// GitOps for Claude Code: layers in git, rendered into every workspace.
///
/// A config repository holds layers (base < team < project < user). claude-env validates and merges them, and renders the result
/// into a workspace as the files that Claude Code reads. It never changes files and entries that it did not write.
#[derive(Debug, Parser)]
#[command(name = "claude-env", version, max_term_width = 100)]
#[command(
    after_help = "Try `claude-env demo` first: it runs the main workflow in a temporary directory."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(CheckArgs),
    Show(ShowArgs),
    Explain(ExplainArgs),
    Render(RenderArgs),
    Init(InitArgs),
    Sync(SyncArgs),
    Status(StatusArgs),
    Drift(DriftArgs),
    Doctor(DoctorArgs),
    Adopt(AdoptArgs),
    Hooks(HooksArgs),
    Hook(HookArgs),
    Rollback(RollbackArgs),
    New(NewArgs),
    Pack(PackArgs),
    /// Run the main workflow on an example in a temporary directory
    #[command(after_help = "\
Example:
  claude-env demo

Exit codes: 0 done; 3 the directory could not be written")]
    Demo,
    Schema(SchemaArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

impl Command {
    /// Returns the name of the command if its answer is to be JSON; `None` for every other format.
    pub(crate) fn json(&self) -> Option<&'static str> {
        let plain = |name, format: PlainFormat| (name, format == PlainFormat::Json);
        let report = |name, format: ReportFormat| (name, format == ReportFormat::Json);
        let (name, json) = match self {
            Self::Check(args) => ("check", args.format == Some(FindingsFormat::Json)),
            // Not by default, though its answer is JSON then.
            Self::Show(args) => ("show", args.format == Some(ShowFormat::Json)),
            Self::Drift(args) => ("drift", args.format == DriftFormat::Json),
            Self::Sync(args) => report("sync", args.format),
            Self::Status(args) => report("status", args.format),
            Self::Explain(args) => plain("explain", args.format),
            Self::Render(args) => plain("render", args.format),
            Self::Init(args) => plain("init", args.format),
            Self::Doctor(args) => plain("doctor", args.format),
            Self::Adopt(args) => plain("adopt", args.format),
            Self::Hooks(args) => plain("hooks", args.format),
            Self::Rollback(args) => plain("rollback", args.format),
            Self::Pack(args) => plain("pack", args.format),
            Self::Hook(_)
            | Self::New(_)
            | Self::Demo
            | Self::Schema(_)
            | Self::Completions(_)
            | Self::Man(_) => return None,
        };
        json.then_some(name)
    }
}
