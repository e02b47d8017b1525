use crate::{
    cli::{args::RenderArgs, output::Printer},
    edge::env::Env,
    exit::ExitStatus,
    ops::{Failure, locate::Request},
};
pub(in crate::cli) fn render(
    _a: &RenderArgs,
    _r: &Request,
    _e: &Env,
    _p: &Printer,
) -> Result<ExitStatus, Failure> {
    Ok(ExitStatus::Done)
}
