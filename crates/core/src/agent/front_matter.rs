//! What an agent reads from the front matter of a kind of file, as data.

use crate::diagnostic::Severity;

/// A kind of file with front matter.
#[derive(Debug)]
pub struct Form {
    /// The name of such a file in messages, with its article.
    pub words: &'static str,
    /// The keys that the agent reads.
    pub fields: &'static [Field],
    /// The required keys; `None` if the front matter may be missing.
    pub needs: Option<Needs>,
    /// Returns help for a key that the agent does not read, written in lower case without `-` and `_`; `None` if there is
    /// none.
    pub instead: fn(&str) -> Option<&'static str>,
}

/// The keys that an agent requires.
#[derive(Debug)]
pub struct Needs {
    /// Their names.
    pub keys: &'static [&'static str],
    /// The severity of a missing key.
    pub severity: Severity,
    /// What the agent does with a file that lacks one, as a sentence without a full stop.
    pub consequence: &'static str,
}

/// A key that an agent reads.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// The values that it accepts.
    pub shape: FieldShape,
}

/// The values that a key accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldShape {
    /// Any value: nothing is checked.
    Any,
    /// One line of text; numbers and booleans count as text.
    Text,
    /// A comma-separated text, or a list of texts.
    Texts,
    /// `true` or `false`.
    Bool,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// The name of a model.
    Model,
    /// A word or an integer.
    Effort,
    /// A whole number above zero.
    Count,
    /// Text, without which the file is not loaded: no number, no boolean.
    NeededText,
    /// The name of an agent.
    AgentName,
}
