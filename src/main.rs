//! The `claude-env` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    claude_env::run(std::env::args_os()).into()
}
