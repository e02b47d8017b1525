use crate::{
    cli::{args::SyncArgs, output::Printer},
    edge::env::Env,
    exit::ExitStatus,
    ops::{Failure, locate::Request},
};
pub(in crate::cli) fn sync(
    _a: &SyncArgs,
    _r: &Request,
    _e: &Env,
    _p: &Printer,
) -> Result<ExitStatus, Failure> {
    Ok(ExitStatus::Done)
}
