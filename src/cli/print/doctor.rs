use crate::cli::args::{DoctorArgs, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::doctor::Doctor;
use claude_env_core::report::{Answer, hooks};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::doctor::{self, Diagnosis};
use claude_env_engine::ops::repository::locate::Request;

/// Runs `doctor`.
pub(in crate::cli) fn doctor(
    args: &DoctorArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let Diagnosis { lines, hooks } = doctor::doctor(request, env, args.online);
    let hooks = hooks.as_ref().map(|hooks| hooks::Status::from(hooks).hooks);
    let report = Doctor::new(lines, &hooks.unwrap_or_default());
    let ok = report.is_well();
    match args.format {
        PlainFormat::Human => printer.text(&report.text()),
        PlainFormat::Json => printer.result(&Answer::new("doctor", ok, &report).json()),
    }
    Ok(ExitStatus::done_if(ok))
}
