//! The agents that a workspace is rendered for: their files, formats and rules.
//!
//! An [`Agent`] is a table of plain data. Other modules read the table and never name a file of an agent. To add an agent,
//! add a folder and a line in [`AGENTS`].

pub mod claude_code;
mod content;
#[cfg(test)]
mod fixture;
mod front_matter;
mod installation;
mod target;

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::layer::{ContentFile, ContentKind};
use crate::source::{Pointer, RepoPath};
pub use content::{ContentFolder, Place};
pub use front_matter::{Field, FieldShape, Form, Needs};
pub use installation::{Installation, ManagedFolder};
pub use target::{
    Advice, Agent, BLOCK_BEGIN, BLOCK_END, Content, EntryKind, Format, JsonFormat, Layout,
    MergeRules, SplitEntry, Target,
};

/// The agents that are known.
pub static AGENTS: &[&Agent] = &[
    &claude_code::AGENT,
    #[cfg(test)]
    &fixture::AGENT,
];

/// Returns the target that a path of a workspace belongs to; `None` for files that are rendered whole, and for paths that no
/// agent reads.
pub fn target(path: &RepoPath) -> Option<&'static Target> {
    let path = path.as_str();
    let mut targets = AGENTS.iter().flat_map(|agent| agent.targets);
    targets.find(|target| target.path == path || target.personal == Some(path))
}

/// Returns the JSON format of the file at a path; `None` where no target renders JSON.
pub fn json_format(path: &RepoPath) -> Option<&'static JsonFormat> {
    target(path).and_then(Target::json)
}

/// Returns the first target with a part of the configuration; `None` if no agent has one.
pub fn target_of(content: Content) -> Option<&'static Target> {
    rendered_targets().find(|target| target.content == content)
}

/// Returns the path of [`target_of`], for messages; empty if no agent has one.
pub fn path_of(content: Content) -> &'static str {
    target_of(content).map_or("", |target| target.path)
}

/// Returns the targets that workspaces are rendered to, in the order of the tables.
pub fn rendered_targets() -> impl Iterator<Item = &'static Target> {
    AGENTS.iter().filter(|agent| agent.is_rendered).flat_map(|agent| agent.targets)
}

/// Returns how agents read the content folders of layers, in the order of the tables.
pub fn content_folders() -> impl Iterator<Item = &'static ContentFolder> {
    AGENTS.iter().filter(|agent| agent.is_rendered).flat_map(|agent| agent.content)
}

/// Returns how an agent reads a content folder; `None` if no agent reads it.
pub fn content_folder(kind: ContentKind) -> Option<&'static ContentFolder> {
    content_folders().find(|folder| folder.kind == kind)
}

/// Returns what an agent reads from the front matter of a file; `None` if its front matter is ignored.
pub fn form_of(file: &ContentFile) -> Option<&'static Form> {
    content_folder(file.kind)?.form_of(file)
}

/// Returns the folders of a workspace that files of layers go to.
pub fn workspace_folders() -> impl Iterator<Item = &'static str> {
    content_folders().filter_map(|folder| match folder.place {
        Place::Folder(folder) => Some(folder),
        Place::Block | Place::Imported(_) => None,
    })
}

/// Returns the content folder that a path of a workspace belongs to, and the path inside it; `None` for all other paths.
pub fn content_of(path: &RepoPath) -> Option<(&'static ContentFolder, &str)> {
    content_folders().find_map(|folder| {
        let inside = path.as_str().strip_prefix(folder.target()?)?.strip_prefix('/')?;
        Some((folder, inside))
    })
}

/// Returns true for a path at which a whole file of a layer can be rendered.
pub fn is_content(path: &RepoPath) -> bool {
    let folders = AGENTS.iter().flat_map(|agent| agent.content);
    let mut targets = folders.filter_map(ContentFolder::target);
    targets
        .any(|folder| path.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// Returns the lines by which the instructions block imports documents of packs, in order.
pub fn imports(files: &[&ContentFile]) -> Vec<String> {
    let line = |file: &&ContentFile| {
        let folder = content_folder(file.kind)?;
        let Place::Imported(target) = folder.place else { return None };
        Some(format!("@{target}/{}", file.path.as_str().replace(' ', "\\ ")))
    };
    files.iter().filter_map(line).collect()
}

/// Returns the shared JSON files that managed entries are written to.
pub fn json_files() -> impl Iterator<Item = RepoPath> {
    let targets = rendered_targets().filter(|target| target.json().is_some());
    targets.filter_map(|target| RepoPath::parse(target.path).ok())
}

/// Returns the personal JSON files that managed entries are written to.
pub fn personal_json_files() -> impl Iterator<Item = RepoPath> {
    let targets = rendered_targets().filter(|target| target.json().is_some());
    targets.filter_map(|target| RepoPath::parse(target.personal?).ok())
}

/// Returns the paths of the personal files, which are kept out of git.
pub fn personal_files() -> impl Iterator<Item = &'static str> {
    rendered_targets().filter_map(|target| target.personal)
}

/// Returns the value of an entry in a normal form, in which values that the agent reads alike are equal.
pub fn normalize<'v>(path: &RepoPath, value: &'v Json) -> Cow<'v, Json> {
    match json_format(path).and_then(|format| format.normalize) {
        Some(normalize) => normalize(value),
        None => Cow::Borrowed(value),
    }
}

/// Returns true if `value`, at a pointer of the document at `path`, is a table or a list whose content is made of entries of
/// its own.
pub fn holds_entries(path: &RepoPath, pointer: &Pointer, value: &Json) -> bool {
    json_format(path).is_some_and(|format| format.layout.holds_entries(pointer, value))
}

/// Returns all entries of a document at a path, managed or not; `None` where no target renders JSON.
pub fn split(path: &RepoPath, document: &Json) -> Option<Vec<SplitEntry>> {
    json_format(path).map(|format| format.layout.split(document))
}

/// Returns the content of a JSON file without entries, which a new file starts from.
pub fn skeleton(path: &RepoPath) -> Json {
    json_format(path).map_or_else(|| Json::Object(serde_json::Map::new()), JsonFormat::skeleton)
}

#[cfg(test)]
mod tests;
