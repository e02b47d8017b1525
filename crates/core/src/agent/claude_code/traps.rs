//! Conditions under which Claude Code overrides or ignores rendered settings, found in the files that it reads.
//!
//! All of them were observed with the oldest and the newest supported version, or read in their code.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::client_files::{ClientFiles, SettingsFile};
use super::rule::discarded_settings;
use crate::doctor::{Area, Line};
use crate::layer::reference::{self, What};
use crate::source::Pointer;

/// The rendered settings that other files can override or disable.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The names of the MCP servers.
    pub servers: BTreeSet<String>,
    /// The values of the shared settings, each with its place.
    pub values: Vec<(Pointer, Json)>,
    /// The places of the values that are rendered into the personal settings.
    pub personal: BTreeSet<Pointer>,
    /// Whether hooks are rendered.
    pub has_hooks: bool,
    /// Whether `permissions.allow` or `additionalDirectories` is rendered, which have an effect only in a trusted folder.
    pub allows: bool,
}

type Settings = Map<String, Json>;

/// The settings that Claude Code reads, without those that it discards.
struct Read<'f> {
    user: Settings,
    project: Settings,
    local: Settings,
    managed: Vec<(&'f SettingsFile, Settings)>,
}

/// Returns a line for each problem. `is_set` returns true for an environment variable that has a value.
pub fn traps(files: &ClientFiles, rendered: &Rendered, is_set: &dyn Fn(&str) -> bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut read = |file: &SettingsFile| {
        settings(file).unwrap_or_else(|line| {
            lines.push(line);
            Settings::new()
        })
    };
    let read = Read {
        user: read(&files.user),
        project: read(&files.project),
        local: read(&files.local),
        managed: files.managed.iter().map(|file| (file, read(file))).collect(),
    };
    let servers = servers(files, &mut lines);
    if let Some(servers) = &servers {
        variables(servers, &read, is_set, &mut lines);
    }
    switches(files, rendered, &read, &mut lines);
    approvals(files, rendered, &read, &mut lines);
    others(files, rendered, &mut lines);
    shadows(files, rendered, &read, &mut lines);
    lines
}

fn note(message: impl Into<String>, help: impl Into<String>) -> Line {
    Line::note(Area::ClaudeCode, message, help)
}

fn fail(message: impl Into<String>, help: impl Into<String>) -> Line {
    Line::fail(Area::ClaudeCode, message, help)
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn listed<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    names.join(", ")
}

/// Returns the settings of a file. Fails with a line when Claude Code discards the whole file.
fn settings(file: &SettingsFile) -> Result<Settings, Line> {
    let discarded = |why: &str, help: &str| {
        fail(
            format!(
                "{} {why}: Claude Code discards the whole file, and only `claude doctor` reports it",
                file.shown
            ),
            help,
        )
    };
    let map = file.settings().map_err(|why| {
        discarded(&why, "fix the file: strict JSON, without comments and trailing commas")
    })?;
    if let Some((key, _)) = map.iter().find(|(_, value)| value.is_null()) {
        return Err(discarded(&format!("has null at `{key}`"), "remove the key"));
    }
    match discarded_settings(&Json::Object(map.clone())) {
        Some(why) => {
            let key = why.split('`').nth(1).unwrap_or_default();
            Err(discarded(
                &format!("has a value of the wrong type at `{key}`"),
                "correct the value, or remove the key",
            ))
        }
        None => Ok(map),
    }
}

/// Returns the servers of `.mcp.json`; `None` if there are none or Claude Code discards the file.
fn servers(files: &ClientFiles, lines: &mut Vec<Line>) -> Option<Settings> {
    let shown = &files.mcp.shown;
    let refused = |why: &str| {
        fail(
            format!("{shown} {why}: Claude Code rejects the whole file"),
            "fix the file, then run `claude-env sync`",
        )
    };
    let map = match files.mcp.object() {
        Ok(None) => return None,
        Ok(Some(map)) => map,
        Err(why) => {
            lines.push(refused(&why));
            return None;
        }
    };
    let Some(Json::Object(servers)) = map.get("mcpServers") else {
        lines.push(refused("has no object `mcpServers`"));
        return None;
    };
    for (name, server) in servers {
        if let Some(why) = skipped(server) {
            lines.push(fail(
                format!("{shown}: Claude Code skips the server `{name}`: {why}"),
                "correct the entry, or remove it",
            ));
        }
    }
    Some(servers.clone())
}

/// Returns why Claude Code skips a server; `None` if it does not.
fn skipped(server: &Json) -> Option<&'static str> {
    let text = |key: &str| server.get(key).and_then(Json::as_str);
    let texts = |key: &str| {
        let all = |value: &Json| match value {
            Json::Array(items) => items.iter().all(Json::is_string),
            Json::Object(map) => map.values().all(Json::is_string),
            _ => false,
        };
        server.get(key).is_none_or(all)
    };
    let kind = server.get("type").map_or(Some("stdio"), Json::as_str);
    match kind {
        _ if !server.is_object() => Some("it is not an object"),
        Some("stdio") if text("command").is_none_or(str::is_empty) => match text("url") {
            Some(_) => Some("it has a `url` and no `type`"),
            None => Some("it has no `command`"),
        },
        Some("http" | "streamable-http" | "sse" | "ws") if text("url").is_none() => {
            Some("it has no `url`")
        }
        Some("stdio" | "http" | "streamable-http" | "sse" | "ws") => ["args", "env", "headers"]
            .iter()
            .any(|key| !texts(key))
            .then_some("`args`, `env` or `headers` has a value that is not a string"),
        _ => Some("its `type` is unknown"),
    }
}

/// Reports variables without a value that servers name.
fn variables(
    servers: &Settings,
    read: &Read<'_>,
    is_set: &dyn Fn(&str) -> bool,
    lines: &mut Vec<Line>,
) {
    let mut missing = BTreeSet::new();
    let of_settings = |name: &str| {
        let all = [&read.user, &read.project, &read.local].into_iter();
        all.chain(read.managed.iter().map(|(_, settings)| settings))
            .any(|settings| settings.get("env").and_then(|env| env.get(name)).is_some())
    };
    for server in servers.values() {
        each_text(server, &mut |text| {
            for found in reference::find(text) {
                if let What::Variable { name, default: None } = found.what
                    && !is_set(&name)
                    && !of_settings(&name)
                {
                    missing.insert(name);
                }
            }
        });
    }
    if !missing.is_empty() {
        lines.push(note(
            format!("MCP servers name variables that are not set here: {}", listed(&missing)),
            "set them where Claude Code is started: without a value, the server gets the text `${NAME}`",
        ));
    }
}

fn each_text(json: &Json, visit: &mut dyn FnMut(&str)) {
    match json {
        Json::String(text) => visit(text),
        Json::Array(items) => items.iter().for_each(|item| each_text(item, visit)),
        Json::Object(map) => map.values().for_each(|value| each_text(value, visit)),
        _ => {}
    }
}

fn is_on(settings: &Settings, key: &str) -> bool {
    settings.get(key).and_then(Json::as_bool) == Some(true)
}

/// Reports switches that disable rendered settings.
fn switches(files: &ClientFiles, rendered: &Rendered, read: &Read<'_>, lines: &mut Vec<Line>) {
    let own =
        [(&files.user, &read.user), (&files.project, &read.project), (&files.local, &read.local)];
    let managed = read.managed.iter().map(|(file, settings)| (*file, settings));
    for (file, settings) in own.into_iter().chain(managed.clone()) {
        if rendered.has_hooks && is_on(settings, "disableAllHooks") {
            lines.push(fail(
                format!("`disableAllHooks` in {} disables the configured hooks", file.shown),
                "remove the key",
            ));
        }
    }
    let only = [
        ("allowManagedHooksOnly", rendered.has_hooks, "the configured hooks"),
        ("allowManagedPermissionRulesOnly", rendered.allows, "the configured permission rules"),
    ];
    for (file, settings) in managed {
        for (key, concerned, what) in only {
            if concerned && is_on(settings, key) {
                lines.push(fail(
                    format!("`{key}` in {} disables {what}", file.shown),
                    "ask the administrators of this machine",
                ));
            }
        }
    }
    if files.managed_mcp.is_there() && !rendered.servers.is_empty() {
        lines.push(fail(
            format!("{} exists: Claude Code loads no other MCP servers", files.managed_mcp.shown),
            "ask the administrators of this machine",
        ));
    }
}

/// Returns the name of a server in the form in which Claude Code compares names.
fn plain(name: &str) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    name.chars().map(|c| if fine(c) { c } else { '_' }).collect()
}

fn names(settings: &Settings, key: &str) -> BTreeSet<String> {
    let items = settings.get(key).and_then(Json::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(plain)).collect()
}

/// Reports servers that are disabled or not approved yet.
fn approvals(files: &ClientFiles, rendered: &Rendered, read: &Read<'_>, lines: &mut Vec<Line>) {
    let trusted = files.state.trusted;
    let own =
        [(&files.user, &read.user), (&files.project, &read.project), (&files.local, &read.local)];
    let managed = || read.managed.iter().map(|(file, settings)| (*file, settings));
    let mut off: BTreeSet<&String> = BTreeSet::new();
    for (file, settings) in own.into_iter().chain(managed()) {
        let disabled = names(settings, "disabledMcpjsonServers");
        let denied: BTreeSet<String> = entries(settings, "deniedMcpServers", "serverName");
        for (key, listed) in [("disabledMcpjsonServers", disabled), ("deniedMcpServers", denied)] {
            for name in rendered.servers.iter().filter(|name| listed.contains(&plain(name))) {
                off.insert(name);
                lines.push(fail(
                    format!("`{key}` in {} disables the MCP server `{name}`", file.shown),
                    "remove it from the list, or unset the server in a layer",
                ));
            }
        }
        if let Some(Json::Array(allowed)) = settings.get("allowedMcpServers") {
            let by_name = allowed.iter().all(|entry| entry.get("serverName").is_some());
            let known = entries(settings, "allowedMcpServers", "serverName");
            let left_out: Vec<&String> =
                rendered.servers.iter().filter(|name| !known.contains(&plain(name))).collect();
            if by_name && !left_out.is_empty() {
                off.extend(&left_out);
                lines.push(fail(
                    format!(
                        "`allowedMcpServers` in {} does not list {}",
                        file.shown,
                        listed(left_out)
                    ),
                    "add them to the list, or remove it",
                ));
            }
        }
    }
    // Approvals in project and local settings have an effect only in a trusted folder.
    let everywhere: Vec<&Settings> =
        std::iter::once(&read.user).chain(managed().map(|(_, settings)| settings)).collect();
    let here = [&read.project, &read.local];
    let approves = |settings: &Settings, name: &str| {
        is_on(settings, "enableAllProjectMcpServers")
            || names(settings, "enabledMcpjsonServers").contains(&plain(name))
    };
    let counts = |name: &String| {
        everywhere.iter().any(|settings| approves(settings, name))
            || (trusted && here.iter().any(|settings| approves(settings, name)))
    };
    let waits = |name: &&String| !off.contains(name) && !counts(name);
    let waiting: Vec<&String> = rendered.servers.iter().filter(waits).collect();
    let inert = !trusted
        && here.iter().any(|settings| rendered.servers.iter().any(|name| approves(settings, name)));
    if !waiting.is_empty() {
        let number = count(waiting.len(), "MCP server");
        let verb = if waiting.len() == 1 { "waits" } else { "wait" };
        let why = if inert {
            "; approvals in the workspace's settings have an effect only in a trusted folder"
        } else {
            ""
        };
        lines.push(note(
            format!("{number} {verb} for your approval: {}{why}", listed(waiting)),
            format!(
                "start `claude` here and approve them, or add them to `enabledMcpjsonServers` in {}",
                files.user.shown
            ),
        ));
    }
    if rendered.allows && !trusted {
        lines.push(note(
            "the folder is not trusted yet: rules in `permissions.allow` and `additionalDirectories` of the workspace have no effect",
            "start `claude` here once, and trust the folder",
        ));
    }
}

fn entries(settings: &Settings, list: &str, key: &str) -> BTreeSet<String> {
    let items = settings.get(list).and_then(Json::as_array).into_iter().flatten();
    items.filter_map(|item| item.get(key)?.as_str().map(plain)).collect()
}

/// Reports servers that are also defined elsewhere, and instructions that are not read.
fn others(files: &ClientFiles, rendered: &Rendered, lines: &mut Vec<Line>) {
    for name in rendered.servers.intersection(&files.state.local_servers) {
        lines.push(fail(
            format!(
                "{} has a server `{name}` for this folder, which overrides the configured one",
                files.state_shown
            ),
            format!("`claude mcp remove -s local {name}`"),
        ));
    }
    for name in rendered.servers.intersection(&files.state.servers) {
        lines.push(note(
            format!(
                "{} also has a server `{name}`; the configured one overrides it here",
                files.state_shown
            ),
            format!("`claude mcp remove -s user {name}`, if it is the same"),
        ));
    }
    if files.unread_agents {
        lines.push(note(
            "AGENTS.md is not read beside CLAUDE.md",
            "add a line `@AGENTS.md` to CLAUDE.md, outside of the block",
        ));
    }
}

/// Reports values that a file with higher precedence overrides.
fn shadows(files: &ClientFiles, rendered: &Rendered, read: &Read<'_>, lines: &mut Vec<Line>) {
    let at = |settings: &Settings, path: &Pointer| -> Option<Json> {
        let (first, rest) = path.segments().split_first()?;
        rest.iter().try_fold(settings.get(&**first)?, |json, key| json.get(&**key)).cloned()
    };
    let differs = |settings: &Settings| -> Vec<String> {
        // Claude Code unites lists.
        let plain = rendered.values.iter().filter(|(_, value)| !value.is_array());
        plain
            .filter(|(path, value)| at(settings, path).is_some_and(|other| other != *value))
            .filter(|(path, _)| !rendered.personal.contains(path))
            .map(|(path, _)| path.segments().join("."))
            .collect()
    };
    let own = differs(&read.local);
    if !own.is_empty() {
        lines.push(note(
            format!("{} overrides configured values: {}", files.local.shown, listed(&own)),
            "remove the keys there to use the configured values",
        ));
    }
    for (file, settings) in &read.managed {
        let managed = differs(settings);
        if !managed.is_empty() {
            lines.push(note(
                format!("{} overrides configured values: {}", file.shown, listed(&managed)),
                "ask the administrators of this machine",
            ));
        }
    }
}

#[cfg(test)]
mod tests;
