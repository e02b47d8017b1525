//! The command line: parse, one line per verb, print.

mod args;
mod output;
mod print;

use std::ffi::OsString;
use std::sync::Arc;

use clap::CommandFactory;

use crate::exit::ExitStatus;
use args::{Cli, Command, GlobalArgs, asks_for_json};
use claude_env_core::layer::{Scope, ScopeName};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::notice::{Listener, Notice};
use claude_env_engine::ops::repository::locate::{Request, directory_of};
use claude_env_engine::ops::repository::remote::Fetching;
use output::Printer;

/// Runs the program with the given arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match hook_of(&arguments) {
        Some((name, rest)) => output::report_bugs(ExitStatus::Done, || run_hook(name, rest)),
        None => output::report_bugs(ExitStatus::Bug, || run_command(&arguments)),
    }
}

fn run_hook(name: &OsString, arguments: &[OsString]) -> ExitStatus {
    let env = Env::read();
    start_log(0, &env);
    print::hook(name, arguments, &env.current_dir, &env, &Arc::new(Printer::plain()))
}

fn run_command(arguments: &[OsString]) -> ExitStatus {
    let cli = match Cli::of(arguments.to_vec()) {
        Ok(cli) => cli,
        Err(error) => {
            // clap knows which stream help and errors belong to.
            let _ = error.print();
            if !error.use_stderr() {
                return ExitStatus::Done;
            }
            if let Some(command) = asks_for_json(arguments.get(1..).unwrap_or_default()) {
                Printer::plain().failed(command, &usage(&error), false);
            }
            return ExitStatus::Usage;
        }
    };
    let env = Env::read();
    start_log(cli.global.verbose, &env);
    let printer = Arc::new(Printer::new(&cli.global, &env));
    match dispatch(&cli, &env, &printer) {
        Ok(status) => match printer.lost() {
            None => status,
            Some(why) => printer.failure(&Failure::io(why)),
        },
        Err(failure) => {
            if let Some(command) = cli.command.json() {
                // A watch prints one object a line.
                let line = matches!(&cli.command, Command::Sync(args) if args.watch);
                printer.failed(command, &failure, line);
            }
            printer.failure(&failure)
        }
    }
}

/// Returns an error of the parser as a failure.
fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim);
    let message = lines.next().unwrap_or_default();
    let failure = Failure::usage(message.strip_prefix("error: ").unwrap_or(message));
    let tips = lines.filter_map(|line| line.strip_prefix("tip: "));
    tips.fold(failure, Failure::hint)
}

/// The hook of git's that is called, as `claude-env hook post-checkout …`. Whatever else git may pass one day, such a call is not
/// refused; and it has no time to lose.
fn hook_of(arguments: &[OsString]) -> Option<(&OsString, &[OsString])> {
    match arguments {
        [_, verb, name, rest @ ..]
            if verb == "hook" && name.to_string_lossy().starts_with("post-") =>
        {
            Some((name, rest))
        }
        _ => None,
    }
}

fn dispatch(cli: &Cli, env: &Env, printer: &Arc<Printer>) -> Result<ExitStatus, Failure> {
    let mut request = request(&cli.global, env)?;
    let hears = Arc::clone(printer);
    request.listener = Listener::new(move |notice| match notice {
        Notice::Progress(text) => hears.progress(&text),
        Notice::Warning(text) => hears.warning(&text),
    });
    match &cli.command {
        Command::Check(args) => print::check(args, &request, env, printer),
        Command::Show(args) => print::show(args, &request, env, printer),
        Command::Explain(args) => print::explain(args, &request, env, printer),
        Command::Render(args) => print::render(args, &request, env, printer),
        Command::Init(args) => print::init(args, &request, env, printer),
        Command::Sync(args) => print::sync(args, &request, env, printer),
        Command::Status(args) => print::status(args, &request, env, printer),
        Command::Drift(args) => print::drift(args, &request, env, printer),
        Command::Doctor(args) => print::doctor(args, &request, env, printer),
        Command::Adopt(args) => print::adopt(args, &request, env, printer),
        Command::Hooks(args) => print::hooks(args, &request, env, printer),
        Command::Hook(args) => {
            Ok(print::hook(&args.hook, &args.arguments, &request.directory, env, printer))
        }
        Command::Rollback(args) => print::rollback(args, &request, env, printer),
        Command::New(args) => print::new(args, &request, printer),
        Command::Pack(args) => print::pack(args, &request, printer),
        Command::Demo => print::demo(printer),
        Command::Schema(args) => print::schema(args, printer),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "claude-env", &mut script);
            printer.result(&String::from_utf8_lossy(&script));
            Ok(ExitStatus::Done)
        }
        Command::Man(args) => print::man(args, Cli::command(), &request, printer),
    }
}

fn request(global: &GlobalArgs, env: &Env) -> Result<Request, Failure> {
    let name = |option: &str, value: &Option<String>| match value {
        None => Ok(None),
        Some(text) => ScopeName::parse(text)
            .map(Some)
            .map_err(|problem| Failure::usage(format!("--{option}: {problem}"))),
    };
    Ok(Request {
        config_repo: global.config_repo.clone(),
        revision: global.rev.clone(),
        scope: Scope {
            team: name("team", &global.team)?,
            project: name("project", &global.project)?,
            user: name("user", &global.user)?,
            environment: name("environment", &global.environment)?,
        },
        fetching: if global.offline { Fetching::Never } else { Fetching::Always },
        ..Request::at(directory_of(global.directory.as_deref(), env)?)
    })
}

/// Logs to stderr, if it was asked for; nothing is set up otherwise.
fn start_log(verbose: u8, env: &Env) {
    let filter = match (&env.log, verbose) {
        (Some(filter), _) => filter.as_str(),
        (None, 0) => return,
        (None, 1) => "claude_env=info",
        (None, _) => "claude_env=trace",
    };
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| output::MaskedStderr)
        .with_ansi(false)
        .without_time()
        .try_init();
}
