//! What one person's layer adds to a workspace whose files are committed: the difference of two models.
//!
//! An agent reads a personal file over the shared one: of JSON it merges tables key by key, unites arrays, and lets the personal
//! file win otherwise; text it reads after the shared one. So only what adds or overrides can be said there; all else is
//! [`Unsaid`].

mod difference;

use std::collections::BTreeMap;

use super::{RenderedFile, Rendering, target};
use crate::agent::{self, Format, Layout, Target, claude_code};
use crate::model::{Fragment, Model, ModelFile, Server};
use crate::source::{RepoPath, Span};

const OR_LOCAL: &str = "or use mode `local`";

/// A person's own files, and what they cannot say.
#[derive(Clone, Debug, Default)]
pub struct Personal {
    /// The person's own files.
    pub rendering: Rendering,
    /// What they cannot say.
    pub unsaid: Vec<Unsaid>,
}

/// Something that a user layer wants and that no file outside of git can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaid {
    /// The file in which it would be said.
    pub path: String,
    /// The entry there; empty for a whole file.
    pub entry: String,
    /// Why, as a sentence without a full stop.
    pub message: String,
    /// What to do instead.
    pub help: String,
    /// Where a layer says it; for what was removed, the value that stays.
    pub place: Option<Span>,
    /// The same where the place is a file of a layer.
    pub file: Option<String>,
}

/// Renders what the full model has beyond the shared one.
pub fn render(shared: &Model, full: &Model) -> Personal {
    let mut unsaid = Vec::new();
    let left_out = files(shared, full, &mut unsaid);
    let mut files: Vec<RenderedFile> = Vec::new();
    for target in agent::rendered_targets() {
        match (&target.format, target.personal) {
            (Format::Block, Some(path)) => {
                files.extend(instructions(target, path, shared, full, &mut unsaid));
            }
            (Format::Json(format), Some(path)) => {
                let whole = difference::Whole { target, format, path };
                files.extend(whole.render(shared, full, &left_out, &mut unsaid));
            }
            (_, None) => servers(target, shared, full, &mut unsaid),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Personal { rendering: Rendering { files }, unsaid }
}

/// The fragments that the shared instructions lack.
fn instructions(
    target: &Target,
    personal: &str,
    shared: &Model,
    full: &Model,
    unsaid: &mut Vec<Unsaid>,
) -> Option<RenderedFile> {
    for fragment in shared.fragments().iter().filter(|one| !full.fragments().contains(one)) {
        unsaid.push(Unsaid {
            path: target.path.to_owned(),
            entry: "block".to_owned(),
            message: format!(
                "the user layer replaces or unsets `{}`, which stays",
                fragment.origin
            ),
            help: format!("say in {personal} what counts instead, {OR_LOCAL}"),
            place: None,
            file: Some(fragment.origin.to_string()),
        });
    }
    let own: Vec<&Fragment> =
        full.fragments().iter().filter(|one| !shared.fragments().contains(one)).collect();
    target::instructions::render(personal, &[], &own)
}

/// Says which files are left out, and returns the paths of those that the shared layers do not have.
fn files<'m>(shared: &'m Model, full: &'m Model, unsaid: &mut Vec<Unsaid>) -> Vec<&'m str> {
    let by_path = |model: &'m Model| -> BTreeMap<&'m RepoPath, &'m ModelFile> {
        model.files().iter().map(|file| (&file.path, file)).collect()
    };
    let (lower, higher) = (by_path(shared), by_path(full));
    let mut packs: BTreeMap<&str, usize> = BTreeMap::new();
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
            Some(pack) => *packs.entry(pack).or_default() += 1,
            None => unsaid.push(of_file(
                file,
                match below {
                    None => "the file of the user layer is left out: it would be committed",
                    Some(_) => "the user layer replaces the file, and the shared one stays",
                },
            )),
        }
    }
    for (pack, count) in packs {
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        unsaid.push(Unsaid {
            path: claude_code::FOLDER.to_owned(),
            entry: format!("pack {pack}"),
            message: format!("{files} of the pack are left out: the user layer names it, and they would be committed"),
            help: format!("name it in a shared layer, {OR_LOCAL}"),
            place: None,
            file: None,
        });
    }
    let gone = lower.iter().filter(|(path, _)| !higher.contains_key(*path));
    unsaid.extend(
        gone.map(|(_, file)| of_file(file, "the user layer unsets the file, and it stays")),
    );
    left_out
}

fn of_file(file: &ModelFile, message: &str) -> Unsaid {
    let path = file.path.as_str();
    let help = if path.starts_with(claude_code::HOOK_SCRIPTS) {
        format!("keep the script outside of the workspace and name it by its path, {OR_LOCAL}")
    } else {
        format!("keep your own in ~/{path}, {OR_LOCAL}")
    };
    Unsaid {
        path: path.to_owned(),
        entry: String::new(),
        message: message.to_owned(),
        help,
        place: None,
        file: Some(file.origin.to_string()),
    }
}

/// Says which MCP servers are left out: the agent has no file for them beside the committed one.
fn servers(target: &Target, shared: &Model, full: &Model, unsaid: &mut Vec<Unsaid>) {
    let (Some(Layout::Members(key)), Some(advice)) =
        (target.json().map(|format| &format.layout), target.advice)
    else {
        return;
    };
    let mut say = |name: &str, place: Span, message: &str, help: fn(&str) -> String| {
        unsaid.push(Unsaid {
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
    for server in full.servers() {
        let (name, place) = (&*server.name, server.origin);
        match find(shared, name) {
            Some(lower) if lower == server.to_json() => {}
            Some(_) => {
                let message = "the user layer changes the server, and the shared one stays";
                say(name, place, message, advice.changed);
            }
            None => {
                let message = "the MCP server of the user layer is left out: it would be committed";
                say(name, place, message, advice.added);
            }
        }
    }
    for server in shared.servers().iter().filter(|server| find(full, &server.name).is_none()) {
        let message = "the user layer unsets the server, and it stays";
        say(&server.name, server.origin, message, advice.removed);
    }
}

#[cfg(test)]
mod tests;
