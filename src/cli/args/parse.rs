//! Parsing the command line, with no more of the command tree than it needs.
//!
//! clap copies every global option into every command before it looks at an argument. That is more memory, and more time,
//! than all else that `--version` does. So the tree has only the command that is named; whatever does not parse is parsed again
//! with all of them, for the right help and the right errors.

use std::ffi::OsString;

use clap::{Args, Command, CommandFactory, FromArgMatches, Parser};

use super::{
    AdoptArgs, CheckArgs, Cli, CompletionsArgs, DoctorArgs, DriftArgs, ExplainArgs, GlobalArgs,
    HookArgs, HooksArgs, InitArgs, ManArgs, NewArgs, PackArgs, RenderArgs, RollbackArgs,
    SchemaArgs, ShowArgs, StatusArgs, SyncArgs,
};

/// What adds the options of a command.
type Augment = fn(Command) -> Command;

/// The commands by name.
const COMMANDS: &[(&str, Augment)] = &[
    ("check", CheckArgs::augment_args),
    ("show", ShowArgs::augment_args),
    ("explain", ExplainArgs::augment_args),
    ("render", RenderArgs::augment_args),
    ("init", InitArgs::augment_args),
    ("sync", SyncArgs::augment_args),
    ("status", StatusArgs::augment_args),
    ("drift", DriftArgs::augment_args),
    ("doctor", DoctorArgs::augment_args),
    ("adopt", AdoptArgs::augment_args),
    ("hooks", HooksArgs::augment_args),
    ("hook", HookArgs::augment_args),
    ("rollback", RollbackArgs::augment_args),
    ("new", NewArgs::augment_args),
    ("pack", PackArgs::augment_args),
    ("demo", |command| command),
    ("schema", SchemaArgs::augment_args),
    ("completions", CompletionsArgs::augment_args),
    ("man", ManArgs::augment_args),
];

impl Cli {
    /// Parses the arguments, the program's name first.
    pub(crate) fn of(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        let mut named = COMMANDS.iter().filter(|(name, _)| arguments.iter().any(|a| a == name));
        match (named.next(), named.next()) {
            (None, _) => {
                // No command, so there is help, the version or an error to print, and no option to be found in a command.
                // The program ends with it, so the tree is not taken apart.
                let command = Cli::command().mut_args(|option| option.global(false));
                let command = Box::leak(Box::new(command));
                Self::from_arg_matches(&command.try_get_matches_from_mut(arguments)?)
            }
            (Some(only), None) => {
                only_with(only, &arguments).map_or_else(|| Self::try_parse_from(arguments), Ok)
            }
            (Some(_), Some(_)) => Self::try_parse_from(arguments),
        }
    }
}

/// Returns the command that is named, or the program, if arguments that do not parse ask for JSON; `None` if they do not.
pub(crate) fn asks_for_json(arguments: &[OsString]) -> Option<&'static str> {
    let options: Vec<&str> = arguments
        .iter()
        .map(|a| a.to_str().unwrap_or_default())
        .take_while(|a| *a != "--")
        .collect();
    let asked = options.iter().any(|a| matches!(*a, "--json" | "--format=json"))
        || options.windows(2).any(|pair| pair == ["--format", "json"]);
    let command = COMMANDS.iter().map(|(name, _)| *name).find(|name| options.contains(name));
    asked.then_some(command.unwrap_or("claude-env"))
}

/// Parses with one command alone.
fn only_with((name, augment): &(&'static str, Augment), arguments: &[OsString]) -> Option<Cli> {
    let program = GlobalArgs::augment_args(Command::new("claude-env")).subcommand_required(true);
    let program = program.subcommand(augment(Command::new(*name)));
    Cli::from_arg_matches(&program.try_get_matches_from(arguments).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_known_with_its_options() {
        let full = Cli::command();
        let names: Vec<&str> = full.get_subcommands().map(Command::get_name).collect();
        assert_eq!(names, COMMANDS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        let options =
            |command: &Command| format!("{:?}", command.get_arguments().collect::<Vec<_>>());
        for ((name, augment), full) in COMMANDS.iter().zip(full.get_subcommands()) {
            assert_eq!(options(&augment(Command::new(*name))), options(full));
        }
    }

    #[test]
    fn the_result_is_that_of_the_whole_tree() {
        for line in [
            "check --staged",
            "-C check show settings.model",
            "--team payments show check",
            "-q render --output out --all",
            "check --bogus",
            "chekc",
            "",
            "--version",
            "-V check",
            "--help",
            "help check",
            "check --help",
            "-C check",
            "--rev",
            "pack add superclaude@4.3.0",
            "show -C",
            "demo",
            "hook post-checkout 0 1 1",
            "-C ws hook post-rewrite --odd -C check sync",
            "hook",
            "hooks install --shim --dry-run",
            "hooks status",
            "hooks",
            "hooks status --json",
            "hooks --json status --format human",
            "drift --json",
            "drift --json --format sarif",
            "show --json",
        ] {
            let arguments = || {
                let words = std::iter::once("claude-env").chain(line.split_whitespace());
                words.map(OsString::from).collect::<Vec<_>>()
            };
            let shown = |parsed: Result<Cli, clap::Error>| match parsed {
                Ok(cli) => format!("{cli:?}"),
                Err(error) => format!("{:?} {error}", error.kind()),
            };
            assert_eq!(
                shown(Cli::of(arguments())),
                shown(Cli::try_parse_from(arguments())),
                "{line}"
            );
        }
    }
}
