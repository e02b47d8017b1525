use crate::{
    cli::{args::PackArgs, output::Printer},
    edge::env::Env,
    exit::ExitStatus,
    ops::{Failure, locate::Request},
};
pub(in crate::cli) fn pack(
    _a: &PackArgs,
    _r: &Request,
    _e: &Env,
    _p: &Printer,
) -> Result<ExitStatus, Failure> {
    Ok(ExitStatus::Done)
}
