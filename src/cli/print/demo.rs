use crate::{cli::output::Printer, exit::ExitStatus, ops::Failure};
pub(in crate::cli) fn demo(_p: &Printer) -> Result<ExitStatus, Failure> {
    Ok(ExitStatus::Done)
}
