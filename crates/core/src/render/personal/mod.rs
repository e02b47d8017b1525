//! What one person's layer adds to a workspace whose files are committed: the difference of two models.
//!
//! Claude Code reads `.claude/settings.local.json` over `.claude/settings.json`: it merges tables key by key, unites arrays, and
//! lets the local file win otherwise. It reads `CLAUDE.local.md` after `CLAUDE.md`. So only what adds or overrides can be
//! said there; all else is [`Unsaid`].

mod difference;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::target::instructions;
use super::{Part, RenderedFile, Rendering};
use crate::model::{Model, ModelFile, Server};
use crate::source::{RepoPath, Span};

/// The settings of one person in one workspace.
pub const LOCAL_SETTINGS: &str = ".claude/settings.local.json";
/// The instructions of one person in one workspace.
pub const LOCAL_INSTRUCTIONS: &str = "CLAUDE.local.md";

const OR_LOCAL: &str = "or use mode `local`";

/// A person's own files, and what they cannot say.
#[derive(Clone, Debug, Default)]
pub struct Personal {
    pub rendering: Rendering,
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
    servers(shared, full, &mut unsaid);
    let mut files = Vec::new();
    files.extend(difference::render(shared, full, &left_out, &mut unsaid));
    files.extend(local_instructions(shared, full, &mut unsaid));
    files.sort_by(|a: &RenderedFile, b| a.path.cmp(&b.path));
    Personal { rendering: Rendering { files }, unsaid }
}

/// The fragments that the shared instructions lack.
fn local_instructions(
    shared: &Model,
    full: &Model,
    unsaid: &mut Vec<Unsaid>,
) -> Option<RenderedFile> {
    for fragment in shared.fragments().iter().filter(|one| !full.fragments().contains(one)) {
        unsaid.push(Unsaid {
            path: instructions::PATH.to_owned(),
            entry: "block".to_owned(),
            message: format!(
                "the user layer replaces or unsets `{}`, which stays",
                fragment.origin
            ),
            help: format!("say in {LOCAL_INSTRUCTIONS} what counts instead, {OR_LOCAL}"),
            place: None,
            file: Some(fragment.origin.to_string()),
        });
    }
    let own: Vec<_> =
        full.fragments().iter().filter(|one| !shared.fragments().contains(one)).collect();
    let text = instructions::block(&[], &own)?;
    let origins = own.iter().map(|fragment| Arc::clone(&fragment.origin)).collect();
    let path = RepoPath::parse(LOCAL_INSTRUCTIONS).ok()?;
    Some(RenderedFile { path, part: Part::Block { text }, origins })
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
        let pack = file.origin.strip_prefix("packs/").and_then(|rest| rest.split('/').next());
        match pack {
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
            path: ".claude".to_owned(),
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
    let help = if path.starts_with(".claude/hooks/") {
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

/// Says which MCP servers are left out: Claude Code has no file for them beside the committed one.
fn servers(shared: &Model, full: &Model, unsaid: &mut Vec<Unsaid>) {
    let mut say = |name: &str, place: Span, message: &str, help: String| {
        unsaid.push(Unsaid {
            path: ".mcp.json".to_owned(),
            entry: format!("mcpServers/{name}"),
            message: message.to_owned(),
            help: format!("{help}, {OR_LOCAL}"),
            place: Some(place),
            file: None,
        });
    };
    let find = |model: &Model, name: &str| {
        model.servers().iter().find(|server| *server.name == *name).map(Server::to_json)
    };
    for server in full.servers() {
        let name = &*server.name;
        match find(shared, name) {
            Some(lower) if lower == server.to_json() => {}
            Some(_) => say(
                name,
                server.origin,
                "the user layer changes the server, and the shared one stays",
                format!("`claude mcp add -s local {name} …` beats it"),
            ),
            None => say(
                name,
                server.origin,
                "the MCP server of the user layer is left out: it would be committed",
                format!("add it for yourself with `claude mcp add -s user {name} …`"),
            ),
        }
    }
    for server in shared.servers().iter().filter(|server| find(full, &server.name).is_none()) {
        let name = &*server.name;
        say(
            name,
            server.origin,
            "the user layer unsets the server, and it stays",
            format!(
                "write `disabledMcpjsonServers = [\"{name}\"]` into the user layer's `[settings]`"
            ),
        );
    }
}

#[cfg(test)]
mod tests;
