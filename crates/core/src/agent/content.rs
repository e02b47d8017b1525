//! How an agent reads the content folders of layers.

use super::front_matter::Form;
use crate::layer::{ContentFile, ContentKind};

/// How an agent reads one content folder of layers. Everything else reads this row.
#[derive(Debug)]
pub struct ContentFolder {
    /// The folder.
    pub kind: ContentKind,
    /// Where its files go.
    pub place: Place,
    /// The ending of the files that the agent reads, without the dot; `None` if it reads all.
    pub ending: Option<&'static str>,
    /// Whether the agent also reads files in subfolders.
    pub nested: bool,
    /// The main file of an item that is a subfolder, such as a skill; `None` where each file is an item.
    pub main_file: Option<&'static str>,
    /// Whether the agent reads every file with the ending as an item, including a README.
    pub takes_readme: bool,
    /// What the agent reads from the front matter of [`ContentFolder::main_file`], or of the files with the ending.
    pub form: Option<&'static Form>,
    /// Names that people use for the folder by mistake.
    pub aliases: &'static [&'static str],
}

/// Beginnings of the names of files that are for people, in lower case.
const NOTES: &[&str] = &["readme", "license", "licence", "changelog", "contributing", "codeowners"];

/// Returns true for the name of a file or folder that is kept beside others for people: `README.md`, `_shared`, a dotfile.
pub(crate) fn is_for_people(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with(['.', '_']) || NOTES.iter().any(|known| lower.starts_with(known))
}

/// Where the files of a content folder go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The text goes into the instructions block.
    Block,
    /// The files go into this folder of the workspace.
    Folder(&'static str),
    /// The files go into this folder of the workspace, and the instructions block imports each. Only packs have such files.
    Imported(&'static str),
}

impl ContentFolder {
    /// Returns the folder of the workspace that the files go to; `None` for those that go into the instructions block.
    pub fn target(&self) -> Option<&'static str> {
        match self.place {
            Place::Block => None,
            Place::Folder(folder) | Place::Imported(folder) => Some(folder),
        }
    }

    /// Returns the path in the workspace of a file at a path inside the folder; `None` if it is not rendered as a file.
    pub fn path(&self, inside: &str) -> Option<String> {
        self.target().map(|folder| format!("{folder}/{inside}"))
    }

    /// Returns true if hooks run the files of the folder.
    pub fn has_scripts(&self) -> bool {
        self.kind == ContentKind::Hooks
    }

    /// Returns true for a file with the ending of the folder.
    pub fn has_ending(&self, name: &str) -> bool {
        let same = |ending| name.rsplit_once('.').is_some_and(|(_, found)| found == ending);
        self.ending.is_none_or(same)
    }

    /// Returns what is read from the front matter of a file of the folder; `None` if its front matter is ignored.
    pub fn form_of(&self, file: &ContentFile) -> Option<&'static Form> {
        let has_form = match self.main_file {
            Some(name) => file.path.file_name() == name,
            None => self.has_ending(file.path.as_str()),
        };
        self.form.filter(|_| has_form)
    }
}
