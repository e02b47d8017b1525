//! The answers of the program: what was found or done, as data, and as text, JSON, Markdown, SARIF and workflow commands.
//!
//! The only place that turns results into something to read. Pure: the command line chooses a renderer and a stream.

pub mod findings;
mod remedy;
