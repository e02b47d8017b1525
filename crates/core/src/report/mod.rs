//! The answers of the program: what was found or done, as data, and as text, JSON, Markdown, SARIF and workflow commands.
//!
//! The only place that turns results into something to read. Each answer is a type in a file of its own, with public fields:
//! its JSON form is derived with serde, the schema of that with schemars ([`schema`]), and the other forms are methods.
//! Everything is a pure function, so that the command line, a server and a pull request comment show the same.
//!
//! A field marked `#[serde(skip)]` is for the text only.

pub mod adopt;
pub mod behind;
pub mod doctor;
pub mod drift;
pub mod explain;
pub mod failure;
pub mod findings;
pub mod fleet;
pub mod hooks;
pub mod init;
mod markdown;
pub mod pack;
pub mod plan;
mod remedy;
pub mod render;
pub mod rollback;
pub mod schema;
pub mod status;
pub mod sync;
mod text;
pub mod watch;
mod words;

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::escape;
pub use text::{Part, Style, Text, count, warning};

/// What a command answers with `--format json`: one JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Answer<T> {
    /// The command that was run.
    pub command: &'static str,
    /// True if nothing was found and nothing is left to do; then the exit code is 0.
    pub ok: bool,
    /// What the command has to say.
    #[serde(flatten)]
    pub body: T,
}

impl<T: Serialize> Answer<T> {
    /// Creates the answer of a command.
    pub fn new(command: &'static str, ok: bool, body: T) -> Self {
        Self { command, ok, body }
    }

    /// Returns the answer as JSON on several lines, without a final line feed.
    pub fn json(&self) -> String {
        json(self)
    }
}

/// Returns a value as JSON on several lines, without a final line feed. Characters that cannot be seen are escaped.
pub fn json(value: &impl Serialize) -> String {
    // Fails for maps with keys that are no strings only; no answer has one.
    escape::json(serde_json::to_string_pretty(value).unwrap_or_default())
}

/// Returns a value as JSON on one line, without a final line feed. Characters that cannot be seen are escaped.
pub fn json_line(value: &impl Serialize) -> String {
    // As above.
    escape::json(serde_json::to_string(value).unwrap_or_default())
}
