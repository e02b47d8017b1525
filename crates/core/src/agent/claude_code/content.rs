//! The content folders that Claude Code reads.

use super::front_matter;
use crate::agent::content::{ContentFolder, Place};
use crate::layer::ContentKind;

/// The main file of a skill.
pub const SKILL_FILE: &str = "SKILL.md";

/// The defaults of a folder of Markdown files.
const MARKDOWN: ContentFolder = ContentFolder {
    kind: ContentKind::Rules,
    place: Place::Block,
    ending: Some("md"),
    nested: true,
    main_file: None,
    takes_readme: false,
    form: None,
    aliases: &[],
};

/// The folders, one row each.
pub(super) static CONTENT: &[ContentFolder] = &[
    ContentFolder {
        kind: ContentKind::Memory,
        place: Place::Block,
        nested: false,
        aliases: &["instructions", "claude-md", "context", "memories"],
        ..MARKDOWN
    },
    ContentFolder {
        kind: ContentKind::Agents,
        place: Place::Folder(".claude/agents"),
        form: Some(&front_matter::AGENT),
        aliases: &["subagents", "agent"],
        ..MARKDOWN
    },
    ContentFolder {
        kind: ContentKind::Commands,
        place: Place::Folder(".claude/commands"),
        takes_readme: true,
        form: Some(&front_matter::COMMAND),
        aliases: &["prompts", "slash-commands", "workflows"],
        ..MARKDOWN
    },
    ContentFolder {
        kind: ContentKind::Skills,
        place: Place::Folder(".claude/skills"),
        ending: None,
        main_file: Some(SKILL_FILE),
        form: Some(&front_matter::SKILL),
        ..MARKDOWN
    },
    ContentFolder {
        kind: ContentKind::Rules,
        place: Place::Folder(".claude/rules"),
        form: Some(&front_matter::RULE),
        ..MARKDOWN
    },
    ContentFolder {
        kind: ContentKind::OutputStyles,
        place: Place::Folder(".claude/output-styles"),
        form: Some(&front_matter::OUTPUT_STYLE),
        aliases: &["styles", "outputStyles"],
        ..MARKDOWN
    },
    ContentFolder {
        kind: ContentKind::Hooks,
        place: Place::Folder(".claude/hooks"),
        ending: None,
        aliases: &["scripts"],
        ..MARKDOWN
    },
    ContentFolder {
        kind: ContentKind::Documents,
        // Claude Code does not read this folder by itself, only the documents that are imported.
        place: Place::Imported(".claude/superclaude"),
        ending: None,
        ..MARKDOWN
    },
];
