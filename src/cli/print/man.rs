use crate::cli::args::ManArgs;
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::repository::locate::Request;

/// Runs `man`.
pub(in crate::cli) fn man(
    args: &ManArgs,
    command: clap::Command,
    request: &Request,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let Some(folder) = &args.output else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| Failure::io(format!("cannot make the manual page: {error}")))?;
        printer.result(&String::from_utf8_lossy(&page));
        return Ok(ExitStatus::Done);
    };
    let folder = &request.directory.join(folder);
    let here = |error: std::io::Error| {
        Failure::io(format!("cannot write manual pages to `{}`: {error}", folder.display()))
    };
    std::fs::create_dir(folder).or_else(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(here(error)),
    })?;
    clap_mangen::generate_to(command, folder).map_err(here)?;
    Ok(ExitStatus::Done)
}
