use crate::{
    cli::{args::InitArgs, output::Printer},
    edge::env::Env,
    exit::ExitStatus,
    ops::{Failure, locate::Request},
};
pub(in crate::cli) fn init(
    _a: &InitArgs,
    _r: &Request,
    _e: &Env,
    _p: &Printer,
) -> Result<ExitStatus, Failure> {
    Ok(ExitStatus::Done)
}
