//! What Claude Code reads from the front matter of each kind of file.

use super::targets::SERVERS_KEY;
use crate::agent::front_matter::{Field, FieldShape, Form, Needs};
use crate::diagnostic::Severity;

const fn field(name: &'static str, shape: FieldShape) -> Field {
    Field { name, shape }
}

use FieldShape::{Any, Bool, Count, Effort, Model, OneOf, Text, Texts};

const AGENT_FIELDS: &[Field] = &[
    field("name", FieldShape::AgentName),
    field("description", FieldShape::NeededText),
    field("tools", Texts),
    field("disallowedTools", Texts),
    field("model", Model),
    field("effort", Effort),
    field(
        "permissionMode",
        OneOf(&["default", "acceptEdits", "plan", "auto", "dontAsk", "bypassPermissions"]),
    ),
    field(SERVERS_KEY, Any),
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
const SKILL_FIELDS: &[Field] = &[
    field("name", Text),
    field("description", Text),
    field("when_to_use", Text),
    field("allowed-tools", Texts),
    field("disallowed-tools", Texts),
    // Read as well, in the spelling of agents.
    field("disallowedTools", Texts),
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
    // Keys of the Agent Skills format that Claude Code knows and does not use.
    field("license", Any),
    field("compatibility", Any),
    field("author", Any),
    field("homepage", Any),
    field("repository", Any),
    field("keywords", Any),
];

/// `name` and `description` are for people: Claude Code ignores them.
const RULE_FIELDS: &[Field] =
    &[field("paths", Texts), field("name", Any), field("description", Any)];

const OUTPUT_STYLE_FIELDS: &[Field] = &[
    field("name", Text),
    field("description", Text),
    field("keep-coding-instructions", Bool),
    field("force-for-plugin", Bool),
];

/// An agent: `agents/*.md`.
pub static AGENT: Form = Form {
    words: "an agent",
    fields: AGENT_FIELDS,
    needs: Some(Needs {
        keys: &["name", "description"],
        severity: Severity::Error,
        consequence: "Claude Code silently ignores such a file",
    }),
    instead: |key| match key {
        "allowedtools" => Some("an agent's tools are `tools`"),
        "tool" => Some("did you mean `tools`?"),
        "mcp" | "mcptools" => Some("write `mcpServers`"),
        _ => None,
    },
};

/// A command: `commands/**/*.md`.
pub static COMMAND: Form =
    Form { words: "a command", fields: SKILL_FIELDS, needs: None, instead: of_skills };

/// A skill: `skills/*/SKILL.md`.
pub static SKILL: Form = Form {
    words: "a skill",
    fields: SKILL_FIELDS,
    // Without a description a skill works, but Claude does not know when to use it.
    needs: Some(Needs {
        keys: &["description"],
        severity: Severity::Warning,
        consequence: "without a description Claude does not know when to use the skill",
    }),
    instead: of_skills,
};

/// A rule: `rules/**/*.md`.
pub static RULE: Form = Form {
    words: "a rule",
    fields: RULE_FIELDS,
    needs: None,
    instead: |key| match key {
        "globs" | "glob" | "path" | "files" | "applyto" => Some("write `paths`"),
        "alwaysapply" => Some("a rule without `paths` always applies; remove the line"),
        _ => None,
    },
};

/// An output style: `output-styles/**/*.md`.
pub static OUTPUT_STYLE: Form =
    Form { words: "an output style", fields: OUTPUT_STYLE_FIELDS, needs: None, instead: |_| None };

/// Returns help for keys that skills and commands do not have.
fn of_skills(key: &str) -> Option<&'static str> {
    match key {
        "tools" => Some("write `allowed-tools`"),
        "globs" => Some("write `paths`"),
        "arguments" | "args" | "argument" => Some("write `argument-hint`"),
        _ => None,
    }
}
