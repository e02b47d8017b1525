//! The content files of layers.

use std::sync::Arc;

use super::LayerName;
use crate::source::RepoPath;

/// The kinds of content files: the content folders of a layer, and the documents of packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentKind {
    /// Fragments of the instructions block.
    Memory,
    /// Subagents.
    Agents,
    /// Slash commands.
    Commands,
    /// Skills, one folder each.
    Skills,
    /// Rules for files that match a pattern.
    Rules,
    /// Output styles.
    OutputStyles,
    /// Scripts that hooks run.
    Hooks,
    /// Documents of a pack, which the instructions block imports. A layer has no folder of this kind.
    Documents,
}

impl ContentKind {
    /// The kinds that a layer has a folder for.
    pub const ALL: [ContentKind; 7] = [
        ContentKind::Memory,
        ContentKind::Agents,
        ContentKind::Commands,
        ContentKind::Skills,
        ContentKind::Rules,
        ContentKind::OutputStyles,
        ContentKind::Hooks,
    ];

    /// Returns the folder's name in a layer. Where its files go is in the table of each agent.
    pub fn folder(self) -> &'static str {
        match self {
            ContentKind::Memory => "memory",
            ContentKind::Agents => "agents",
            ContentKind::Commands => "commands",
            ContentKind::Skills => "skills",
            ContentKind::Rules => "rules",
            ContentKind::OutputStyles => "output-styles",
            ContentKind::Hooks => "hooks",
            // Nobody writes it: `unset` names documents by it.
            ContentKind::Documents => "superclaude",
        }
    }

    /// Returns true for a file at a path inside the folder that is content. Dotfiles are files like any other, except for
    /// those that only keep a folder or a desktop's state; a dotfile is no fragment.
    pub fn reads(self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let no_content = matches!(name, ".gitkeep" | ".keep" | ".DS_Store")
            || name.starts_with(".#")
            || name.starts_with('.') && [".swp", ".swo", "~"].iter().any(|end| name.ends_with(end));
        !no_content && (self != ContentKind::Memory || !name.starts_with('.'))
    }

    /// Returns the kind of the content folder with this name; `None` without one.
    pub fn of_folder(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.folder() == name)
    }
}

/// One file of a content folder.
#[derive(Clone, Debug)]
pub struct ContentFile {
    /// The kind of the file.
    pub kind: ContentKind,
    /// The path for messages: in the config repository, or absolute for a user layer outside of it.
    pub origin: Arc<str>,
    /// The layer that it comes from.
    pub layer: LayerName,
    /// The pack that it comes from; `None` for the file of a layer.
    pub pack: Option<Arc<str>>,
    /// Path inside the content folder, such as `git/commit.md`.
    pub path: RepoPath,
    /// Whether the file is executable.
    pub executable: bool,
    /// The content of the file.
    pub bytes: Arc<[u8]>,
}

impl ContentFile {
    /// Returns the key by which a higher layer replaces the file: its kind and path.
    pub fn key(&self) -> (ContentKind, &RepoPath) {
        (self.kind, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotfiles_are_content_unless_they_only_keep_a_folder() {
        for path in [
            "deploy/.env.example",
            "deploy/.github/workflows/ci.yml",
            "a/.prettierrc",
            ".editorconfig",
        ] {
            assert!(ContentKind::Skills.reads(path), "{path}");
        }
        for path in [".gitkeep", "a/.keep", "a/.DS_Store", "a/.SKILL.md.swp", "a/.#SKILL.md"] {
            assert!(!ContentKind::Skills.reads(path), "{path}");
        }
        assert!(!ContentKind::Memory.reads(".10-draft.md"));
    }

    #[test]
    fn a_layer_has_no_folder_for_documents() {
        for kind in ContentKind::ALL {
            assert_eq!(ContentKind::of_folder(kind.folder()), Some(kind));
        }
        assert_eq!(ContentKind::of_folder(ContentKind::Documents.folder()), None);
    }
}
