use std::ffi::OsString;

use clap::Args;

/// Run a git hook (called by git)
///
/// After a checkout, a merge or a rebase (post-checkout, post-merge, post-rewrite), syncs the workspace as `sync` does. If
/// nothing changed, prints nothing. Never makes git fail.
///
/// Before a commit in a config repository (pre-commit), checks what is staged. Rejects commits that add errors.
#[derive(Debug, Args)]
#[command(after_help = "\
Environment:
  CLAUDE_ENV=0                   disables the hooks

Examples:
  claude-env hook post-checkout OLD NEW 1
  CLAUDE_ENV=0 git checkout main

Exit codes: post-*: always 0; pre-commit: 1 for a commit with new errors, otherwise 0; 2 unknown hook")]
pub(crate) struct HookArgs {
    /// Name of the hook, such as post-checkout
    #[arg(value_name = "NAME")]
    pub(crate) hook: OsString,
    /// Arguments that git passes to the hook
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}
