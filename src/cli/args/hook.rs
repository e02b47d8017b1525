use std::ffi::OsString;

use clap::Args;

/// Do what a git hook is for; git calls this
///
/// After a checkout, a merge or a rebase (post-checkout, post-merge, post-rewrite) the workspace follows its configuration, as
/// with `sync`. Where nothing has changed, that takes no longer than starting a program. Says nothing where there is nothing
/// to say, and never makes git fail.
///
/// Before a commit in a config repository (pre-commit) what is staged is checked. Errors that the last commit does not have refuse
/// it.
#[derive(Debug, Args)]
#[command(after_help = "\
Environment:
  CLAUDE_ENV=0                   switches the hooks off

Examples:
  claude-env hook post-checkout OLD NEW 1
  CLAUDE_ENV=0 git checkout main

Exit codes: post-* always 0; pre-commit 1 for a commit with new errors; 2 for a hook that there is not")]
pub(crate) struct HookArgs {
    /// The hook, as git calls it
    #[arg(value_name = "NAME")]
    pub(crate) hook: OsString,
    /// What git tells the hook
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}
