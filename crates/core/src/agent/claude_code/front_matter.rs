//! What Claude Code reads from the front matter of each kind of file.

use crate::layer::{ContentFile, ContentKind};

/// A kind of file with front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Agent,
    Command,
    Skill,
    Rule,
    OutputStyle,
}

/// A key that the client reads.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
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
    Bool,
    OneOf(&'static [&'static str]),
    Model,
    /// A word or an integer.
    Effort,
    /// A whole number above zero.
    Count,
    /// The name of an agent, by which it is called.
    AgentName,
}

const fn field(name: &'static str, shape: FieldShape) -> Field {
    Field { name, shape }
}

use FieldShape::{Any, Bool, Count, Effort, Model, OneOf, Text, Texts};

const AGENT: &[Field] = &[
    field("name", FieldShape::AgentName),
    field("description", Text),
    field("tools", Texts),
    field("disallowedTools", Texts),
    field("model", Model),
    field("effort", Effort),
    field(
        "permissionMode",
        OneOf(&["default", "acceptEdits", "plan", "auto", "dontAsk", "bypassPermissions"]),
    ),
    field("mcpServers", Any),
    field("hooks", Any),
    field("maxTurns", Count),
    field("skills", Texts),
    field("initialPrompt", Text),
    field("memory", OneOf(&["user", "project", "local"])),
    field("background", Bool),
    field("isolation", OneOf(&["worktree", "remote"])),
    field("color", OneOf(&["red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"])),
    field("autoCompactWindow", Any),
    field("omitClaudeMd", Any),
    field("experimental", Any),
];

/// Commands are an older form of skills and are read by the same code.
const SKILL: &[Field] = &[
    field("name", Text),
    field("description", Text),
    field("when_to_use", Text),
    field("allowed-tools", Texts),
    field("disallowed-tools", Texts),
    field("argument-hint", Any),
    field("arguments", Any),
    field("disable-model-invocation", Bool),
    field("user-invocable", Bool),
    field("model", Model),
    field("effort", Effort),
    field("shell", OneOf(&["bash", "powershell"])),
    field("paths", Texts),
    field("hooks", Any),
    field("context", OneOf(&["inline", "fork"])),
    field("agent", Text),
    field("background", Bool),
    field("version", Any),
    field("metadata", Any),
    // Words of the Agent Skills format that the client knows and does not use.
    field("license", Any),
    field("compatibility", Any),
    field("author", Any),
    field("homepage", Any),
    field("repository", Any),
    field("keywords", Any),
];

/// `name` and `description` are for people: the client passes over them without harm.
const RULE: &[Field] = &[field("paths", Texts), field("name", Any), field("description", Any)];

const OUTPUT_STYLE: &[Field] = &[
    field("name", Text),
    field("description", Text),
    field("keep-coding-instructions", Bool),
    field("force-for-plugin", Bool),
];

impl Form {
    /// The form of a content file; `None` if its front matter means nothing.
    pub fn of(file: &ContentFile) -> Option<Self> {
        let markdown = file.path.as_str().ends_with(".md");
        match file.kind {
            ContentKind::Agents if markdown => Some(Form::Agent),
            ContentKind::Commands if markdown => Some(Form::Command),
            ContentKind::Skills if file.path.file_name() == "SKILL.md" => Some(Form::Skill),
            ContentKind::Rules if markdown => Some(Form::Rule),
            ContentKind::OutputStyles if markdown => Some(Form::OutputStyle),
            _ => None,
        }
    }

    /// The keys that the client reads.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Form::Agent => AGENT,
            Form::Command | Form::Skill => SKILL,
            Form::Rule => RULE,
            Form::OutputStyle => OUTPUT_STYLE,
        }
    }

    /// What such a file is called in messages, with its article.
    pub fn words(self) -> &'static str {
        match self {
            Form::Agent => "an agent",
            Form::Command => "a command",
            Form::Skill => "a skill",
            Form::Rule => "a rule",
            Form::OutputStyle => "an output style",
        }
    }
}
