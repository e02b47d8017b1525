//! What an agent reads from the front matter of a kind of file, as data.

use crate::diagnostic::Severity;

/// A kind of file with front matter.
#[derive(Debug)]
pub struct Form {
    /// What such a file is called in messages, with its article.
    pub words: &'static str,
    /// The keys that the agent reads.
    pub fields: &'static [Field],
    /// What the agent needs; `None` if it uses files without front matter, too.
    pub needs: Option<Needs>,
    /// Returns help for a key that the agent does not read, written in lower case without `-` and `_`; `None` if the key is not
    /// known from elsewhere.
    pub instead: fn(&str) -> Option<&'static str>,
}

/// Keys that an agent needs.
#[derive(Debug)]
pub struct Needs {
    /// Their names.
    pub keys: &'static [&'static str],
    /// How bad it is if one is missing.
    pub severity: Severity,
    /// What the agent does then.
    pub consequence: &'static str,
}

/// A key that an agent reads.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub shape: FieldShape,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldShape {
    /// Anything, or nothing that could be checked.
    Any,
    /// One line of text; numbers and booleans count as text.
    Text,
    /// A text with commas, or a list of texts.
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
    /// The name of an agent, by which it is called.
    AgentName,
}
