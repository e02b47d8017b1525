//! The personal files of a workspace whose shared files are committed: the difference of two models.
//!
//! An agent merges a personal JSON file over the shared one: tables key by key, arrays united, the personal value otherwise.
//! It reads a personal text file after the shared one. So a personal file can add and override, but not remove; the rest is
//! [`Unrepresentable`].

mod difference;

use std::collections::BTreeMap;

use super::{RenderedFile, Rendering, target};
use crate::agent::{self, Format, Layout, Target};
use crate::model::{Fragment, Model, ModelFile, Server};
use crate::source::{RepoPath, Span};

const OR_LOCAL: &str = "or use mode `local`";

/// The personal files, and what they cannot represent.
#[derive(Clone, Debug, Default)]
pub struct Personal {
    /// The personal files.
    pub rendering: Rendering,
    /// The settings of the user layer that no personal file can represent.
    pub unrepresentable: Vec<Unrepresentable>,
}

/// A setting of a user layer that no file outside of git can represent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrepresentable {
    /// The file that it belongs in.
    pub path: String,
    /// The entry in the file; empty for a whole file.
    pub entry: String,
    /// Why, as a sentence without a full stop.
    pub message: String,
    /// What to do instead.
    pub help: String,
    /// Where a layer sets it, or sets the value that the user layer removes; `None` for a file.
    pub place: Option<Span>,
    /// The path of the layer's file, for a file; `None` for an entry.
    pub file: Option<String>,
}

/// Renders what the personal model adds to the shared one.
pub fn render(shared: &Model, personal: &Model) -> Personal {
    let mut unrepresentable = Vec::new();
    let left_out = files(shared, personal, &mut unrepresentable);
    let mut files: Vec<RenderedFile> = Vec::new();
    for target in agent::rendered_targets() {
        match (&target.format, target.personal) {
            (Format::Block, Some(path)) => {
                files.extend(instructions(target, path, shared, personal, &mut unrepresentable));
            }
            (Format::Json(format), Some(path)) => {
                let whole = difference::PersonalFile { target, format, path };
                files.extend(whole.render(shared, personal, &left_out, &mut unrepresentable));
            }
            (_, None) => servers(target, shared, personal, &mut unrepresentable),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Personal { rendering: Rendering { files }, unrepresentable }
}

/// Renders the fragments that the shared instructions lack; `None` when there are none.
fn instructions(
    target: &Target,
    path: &str,
    shared: &Model,
    personal: &Model,
    unrepresentable: &mut Vec<Unrepresentable>,
) -> Option<RenderedFile> {
    for fragment in shared.fragments().iter().filter(|one| !personal.fragments().contains(one)) {
        unrepresentable.push(Unrepresentable {
            path: target.path.to_owned(),
            entry: "block".to_owned(),
            message: format!(
                "the user layer replaces or unsets `{}`, which stays",
                fragment.origin
            ),
            help: format!("write the replacement into {path}, {OR_LOCAL}"),
            place: None,
            file: Some(fragment.origin.to_string()),
        });
    }
    let added: Vec<&Fragment> =
        personal.fragments().iter().filter(|one| !shared.fragments().contains(one)).collect();
    target::instructions::render(path, &[], &added)
}

/// Reports the files that are left out, and returns the paths of those that the shared layers do not have.
fn files<'m>(
    shared: &'m Model,
    personal: &'m Model,
    unrepresentable: &mut Vec<Unrepresentable>,
) -> Vec<&'m str> {
    let by_path = |model: &'m Model| -> BTreeMap<&'m RepoPath, &'m ModelFile> {
        model.files().iter().map(|file| (&file.path, file)).collect()
    };
    let (lower, higher) = (by_path(shared), by_path(personal));
    // The number of files of each pack, and the folder of the workspace that they are in.
    let mut packs: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    let mut left_out = Vec::new();
    for (path, file) in &higher {
        let below = lower.get(path);
        if below
            .is_some_and(|below| below.bytes == file.bytes && below.executable == file.executable)
        {
            continue;
        }
        if below.is_none() {
            left_out.push(path.as_str());
        }
        match file.pack.as_deref() {
            Some(pack) => {
                let folder = path.as_str().split('/').next().unwrap_or_default();
                packs.entry(pack).or_insert((0, folder)).0 += 1;
            }
            None => unrepresentable.push(of_file(
                file,
                match below {
                    None => "the file of the user layer is left out: it would be committed",
                    Some(_) => "the user layer replaces the file, and the shared one stays",
                },
            )),
        }
    }
    for (pack, (count, folder)) in packs {
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        unrepresentable.push(Unrepresentable {
            path: folder.to_owned(),
            entry: format!("pack {pack}"),
            message: format!("{files} of the pack are left out: the user layer names it, and they would be committed"),
            help: format!("name it in a shared layer, {OR_LOCAL}"),
            place: None,
            file: None,
        });
    }
    let gone = lower.iter().filter(|(path, _)| !higher.contains_key(*path));
    unrepresentable.extend(
        gone.map(|(_, file)| of_file(file, "the user layer unsets the file, and it stays")),
    );
    left_out
}

/// Returns the report about one file.
fn of_file(file: &ModelFile, message: &str) -> Unrepresentable {
    let path = file.path.as_str();
    let is_script = agent::content_of(&file.path).is_some_and(|(folder, _)| folder.has_scripts());
    let help = if is_script {
        format!("keep the script outside of the workspace and name it by its path, {OR_LOCAL}")
    } else {
        format!("keep your own in ~/{path}, {OR_LOCAL}")
    };
    Unrepresentable {
        path: path.to_owned(),
        entry: String::new(),
        message: message.to_owned(),
        help,
        place: None,
        file: Some(file.origin.to_string()),
    }
}

/// Reports the MCP servers that are left out: the agent reads them from the committed file only.
fn servers(
    target: &Target,
    shared: &Model,
    personal: &Model,
    unrepresentable: &mut Vec<Unrepresentable>,
) {
    let (Some(Layout::Members(key)), Some(advice)) =
        (target.json().map(|format| &format.layout), target.advice)
    else {
        return;
    };
    let mut report = |name: &str, place: Span, message: &str, help: fn(&str) -> String| {
        unrepresentable.push(Unrepresentable {
            path: target.path.to_owned(),
            entry: format!("{key}/{name}"),
            message: message.to_owned(),
            help: format!("{}, {OR_LOCAL}", help(name)),
            place: Some(place),
            file: None,
        });
    };
    let find = |model: &Model, name: &str| {
        model.servers().iter().find(|server| *server.name == *name).map(Server::to_json)
    };
    for server in personal.servers() {
        let (name, place) = (&*server.name, server.origin);
        match find(shared, name) {
            Some(lower) if lower == server.to_json() => {}
            Some(_) => {
                let message = "the user layer changes the server, and the shared one stays";
                report(name, place, message, advice.changed);
            }
            None => {
                let message = "the MCP server of the user layer is left out: it would be committed";
                report(name, place, message, advice.added);
            }
        }
    }
    for server in shared.servers().iter().filter(|server| find(personal, &server.name).is_none()) {
        let message = "the user layer unsets the server, and it stays";
        report(&server.name, server.origin, message, advice.removed);
    }
}

#[cfg(test)]
mod tests;
