#![expect(clippy::disallowed_methods, reason = "tests set the stage")]

//! The two laws, on random repositories and random edits of their workspaces.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::*;
use crate::ops::{check, drift, sync};
use claude_env_core::workspace::testing::Random;

const LAYERS: [&str; 4] = ["base", "teams/t", "projects/p", "users/u"];
const RULES: [&str; 6] = [
    "Bash(ls:*)",
    "Bash(git push:*)",
    "Read(./.env)",
    "Read(./x \\\"y\\\")",
    "Edit(./a/**)",
    "WebFetch",
];

/// The text of a layer, with comments that no edit may lose.
fn layer(random: &mut Random, index: usize) -> String {
    let mut out = format!("# keep top {index}\n\ndescription = \"layer {index}\"\n");
    if index > 0 && random.chance(3) {
        let gone = random.pick(&["environment.A", "settings.statusLine", "mcp_servers.one"]);
        let _ = writeln!(out, "unset = [\n  '{gone}', # why\n]");
    }
    let mut number = 0;
    let mut keep = |out: &mut String| {
        number += 1;
        let _ = write!(out, "\n# keep {index}-{number}\n\n");
    };
    keep(&mut out);
    out.push_str("[environment]\n");
    for name in random.subset(&["A", "B", "C"]) {
        let _ = writeln!(out, "{name} = \"{}\" # of {name}", random.below(3));
    }
    keep(&mut out);
    out.push_str("[settings]\n");
    if random.chance(2) {
        let _ = writeln!(out, "cleanupPeriodDays = {}", 1 + random.below(3));
    }
    if random.chance(2) {
        let _ = writeln!(out, "companyAnnouncements = [\"{}\", 'x']", random.pick(&["hi", "ho"]));
    }
    if random.chance(2) {
        let command = random.pick(&["a", "b"]);
        let _ = writeln!(out, "statusLine = {{ type = \"command\", command = \"{command}\" }}");
    }
    keep(&mut out);
    out.push_str("[permissions]\n");
    for list in random.subset(&["allow", "deny", "ask"]) {
        let rules = random.subset(&RULES);
        if random.chance(2) {
            let rules: Vec<String> = rules.iter().map(|rule| format!("\"{rule}\"")).collect();
            let _ = writeln!(out, "{list} = [{}]", rules.join(", "));
        } else {
            let _ = writeln!(out, "{list} = [ # of {list}");
            for rule in rules {
                let _ = writeln!(out, "    \"{rule}\", # because");
            }
            out.push_str("]\n");
        }
    }
    for name in random.subset(&["one", "two"]) {
        keep(&mut out);
        let _ = writeln!(out, "[mcp_servers.{name}]");
        match random.below(3) {
            0 => {
                let _ =
                    writeln!(out, "command = \"srv\"\nargs = [\"-v\", \"{}\"]", random.below(3));
            }
            1 => {
                out.push_str("env = { X = \"1\" }\ntimeout = 5\n");
            }
            _ => {
                let _ = writeln!(
                    out,
                    "command = \"run\"\nenv = {{ A = \"{}\", T = \"${{vault:a/b#c}}\" }}",
                    random.below(3)
                );
            }
        }
    }
    for matcher in random.subset(&["Bash", "Edit|Write"]) {
        keep(&mut out);
        let timeout = 1 + random.below(3);
        let _ = writeln!(
            out,
            "[[hooks.PreToolUse]]\nmatcher = \"{matcher}\"\nhooks = [{{ type = \"command\", command = \"true\", timeout = {timeout} }}]"
        );
    }
    if random.chance(4) {
        out = out.replace('\n', "\r\n");
    }
    out
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("written");
}

/// A config repository; `None` if it is one that `check` refuses, as random ones may be.
struct Stage {
    root: TempDir,
    env: Env,
}

impl Stage {
    fn new(random: &mut Random) -> Option<Self> {
        let root = TempDir::new().expect("a folder");
        let config = root.path().join("config");
        let union =
            if random.chance(2) { "[merge]\n\"permissions.allow\" = \"union\"\n" } else { "" };
        write(&config.join("claude-env.toml"), format!("version = 1\n{union}"));
        let mut with_user = false;
        for (index, folder) in LAYERS.into_iter().enumerate() {
            let folder = config.join(folder);
            write(&folder.join("layer.toml"), layer(random, index));
            with_user |= index == 3;
            if random.chance(3) {
                let name = random.pick(&["A", "B"]);
                let overlay = format!("# keep over {index}\n[environment]\n{name} = \"over\"\n");
                write(&folder.join("layer.development.toml"), overlay);
            }
            for name in random.subset(&["one", "two"]) {
                let agent = format!("---\nname: {name}\ndescription: Of {index}\n---\nHelp.\n");
                write(&folder.join(format!("agents/{name}.md")), agent);
            }
            if random.chance(2) {
                let script = folder.join("hooks/guard.sh");
                write(&script, format!("#!/bin/sh\n# of {index}\n"));
                let mode = PermissionsExt::from_mode(if random.chance(2) { 0o755 } else { 0o644 });
                fs::set_permissions(&script, mode).expect("a mode");
            }
            for name in random.subset(&["10-a", "20-b"]) {
                let text =
                    format!("# Part {name} of {index}\n\nfirst line {index}\nlast line {index}\n");
                write(&folder.join(format!("memory/{name}.md")), text);
            }
        }
        let mode = random.pick(&["committed", "local"]);
        let user = if with_user && random.chance(2) { "user = \"u\"\n" } else { "" };
        let binding = format!(
            "[source]\nrepository = \"../config\"\n[scope]\nteam = \"t\"\nproject = \"p\"\n{user}[render]\nmode = \"{mode}\"\n"
        );
        write(&root.path().join("ws/.claude-env.toml"), binding);
        let stage = Self { root, env: Env::default() };
        sync::sync(&stage.request(), &stage.env, sync::SyncOptions::default()).ok()?;
        Some(stage)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn request(&self) -> Request {
        Request::at(self.path("ws"))
    }

    /// All files below a folder, with their modes; the locks apart, which only sync writes.
    fn tree(&self, name: &str) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
        fn walk(folder: &Path, files: &mut BTreeMap<PathBuf, (Vec<u8>, u32)>) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(&path, files);
                } else if path.extension().is_none_or(|end| end != "lock") {
                    let mode = fs::metadata(&path).expect("metadata").permissions().mode();
                    files.insert(path.clone(), (fs::read(&path).expect("bytes"), mode));
                }
            }
        }
        let mut files = BTreeMap::new();
        walk(&self.path(name), &mut files);
        files
    }

    fn adopt(&self, entries: &[&str], layer: Option<LayerKind>) -> Adoption {
        let entries = entries.iter().map(|entry| (*entry).to_owned()).collect();
        adopt(&self.request(), &self.env, &AdoptOptions { entries, layer }).expect("an adoption")
    }

    /// Those of the names that are entries.
    fn known<'n>(&self, names: &'n [String]) -> Vec<&'n str> {
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        loop {
            let entries = names.iter().map(|name| (*name).to_owned()).collect();
            match adopt(&self.request(), &self.env, &AdoptOptions { entries, layer: None }) {
                Ok(_) => return names,
                Err(failure) => {
                    let quoted = failure.message.split('`').nth(1).unwrap_or_default().to_owned();
                    assert!(failure.message.contains("has no entry"), "{failure:?}");
                    names.retain(|name| *name != quoted);
                }
            }
        }
    }

    /// `FILE POINTER` of what is drift.
    fn drifted(&self) -> BTreeSet<(String, String, String)> {
        let report = drift::drift(&self.request(), &self.env).expect("a report");
        assert_eq!(report.problems, []);
        let entries = report.entries.into_iter();
        entries.map(|entry| (entry.file, entry.pointer, format!("{:?}", entry.expected))).collect()
    }

    fn errors(&self) -> BTreeSet<String> {
        let request = Request { config_repo: Some(self.path("config")), ..self.request() };
        let findings = check::run(&request, false, &self.env).expect("a report").findings;
        let errors = findings
            .iter()
            .filter(|one| one.severity == claude_env_core::diagnostic::Severity::Error);
        errors.map(|one| format!("{} {}", one.code.id, one.message)).collect()
    }

    /// Every comment of the layers that no value is right below.
    fn comments(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (path, (bytes, _)) in self.tree("config") {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let keeps = text.lines().filter(|line| line.starts_with("# keep"));
            found.extend(keeps.map(|line| format!("{} {line}", path.display())));
        }
        found.sort();
        found
    }
}

fn edit_json(random: &mut Random, path: &Path) {
    let Ok(text) = fs::read_to_string(path) else { return };
    let mut json: Json = serde_json::from_str(&text).expect("JSON");
    change(random, &mut json, 0);
    if json.get("mcpServers").is_some() && random.chance(3) {
        json["mcpServers"]["mine"] =
            json!({"type": "stdio", "command": "npx", "args": ["-y"], "env": {}});
    }
    fs::write(path, format!("{json:#}\n")).expect("written");
}

/// Changes some values somewhere.
fn change(random: &mut Random, json: &mut Json, depth: usize) {
    match json {
        Json::Object(map) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            for key in keys {
                if depth > 0 && random.chance(8) {
                    map.shift_remove(&key);
                } else if key != "$schema" && key != "type" {
                    change(random, &mut map[&key], depth + 1);
                }
            }
        }
        Json::Array(items) => {
            if !items.is_empty() && random.chance(5) {
                items.remove(random.below(items.len()));
            }
            if items.iter().all(Json::is_string) && random.chance(5) {
                let tool = random.pick(&["Bash(new:*)", "Read(./new)", "WebSearch"]);
                items.push(Json::from(tool));
            }
            for item in items {
                if item.is_object() && random.chance(4) {
                    change(random, item, depth + 1);
                }
            }
        }
        Json::String(text) if depth > 1 && random.chance(6) && !text.contains("${") => {
            *text = random.pick(&["other", "1", "two words", "ünïcode \"q\""]).to_owned();
        }
        Json::Number(_) if random.chance(3) => *json = json!(7),
        _ => {}
    }
}

/// Edits a workspace as people and programs do.
fn edit(random: &mut Random, stage: &Stage) {
    for name in [".mcp.json", ".claude/settings.json", ".claude/settings.local.json"] {
        edit_json(random, &stage.path("ws").join(name));
    }
    for (path, (bytes, mode)) in stage.tree("ws") {
        let inside = path.strip_prefix(stage.path("ws")).expect("inside").to_owned();
        let name = inside.to_string_lossy().into_owned();
        if name.ends_with(".json") || name.starts_with(".claude-env") {
            continue;
        }
        let text = String::from_utf8(bytes).expect("text");
        match random.below(6) {
            0 if !name.starts_with("CLAUDE") => fs::remove_file(&path).expect("removed"),
            1 => write(&path, text.replacen("line", "LINE", 1 + random.below(3))),
            2 => write(&path, text.replace("last line", "one more\nlast line")),
            3 if name.ends_with(".sh") => {
                fs::set_permissions(&path, PermissionsExt::from_mode(mode ^ 0o111))
                    .expect("a mode");
            }
            4 if name.ends_with(".md") => write(&path, text.replacen("Help", "Help more", 1)),
            _ => {}
        }
    }
    if random.chance(2) {
        let agent = "---\nname: mine\ndescription: Mine\n---\nHelp.\n";
        write(&stage.path("ws/.claude/agents/mine.md"), agent);
    }
}

/// Counts over all stories, so that a test that adopts nothing does not pass.
#[derive(Default, Debug)]
struct Counts {
    stories: usize,
    adopted: BTreeMap<String, usize>,
    refused: BTreeMap<String, usize>,
}

fn story(seed: u64, counts: &mut Counts) {
    let random = &mut Random::new(seed);
    let Some(stage) = Stage::new(random) else { return };
    counts.stories += 1;
    let pristine = stage.tree("config");
    let nothing = stage.adopt(&[], None);
    assert!(nothing.is_noop() && nothing.is_whole(), "seed {seed}: {nothing:?}");
    edit(random, &stage);
    let (before, errors, comments) = (stage.tree("ws"), stage.errors(), stage.comments());
    let all: Vec<String> = before
        .keys()
        .filter_map(|path| path.strip_prefix(stage.path("ws")).ok()?.to_str())
        .filter(|name| !name.starts_with(".claude-env"))
        .map(str::to_owned)
        .collect();
    let by_name = random.chance(2);
    let names = if by_name { stage.known(&all) } else { Vec::new() };
    let layer = match random.below(6) {
        0 => Some(LayerKind::Base),
        1 => Some(LayerKind::Project),
        _ => None,
    };
    let drifted = stage.drifted();
    let adoption = stage.adopt(&names, layer);
    assert_eq!(stage.tree("config"), pristine, "seed {seed}: nothing is written yet");
    for row in &adoption.adopted {
        *counts.adopted.entry(kind(row)).or_default() += 1;
    }
    for (row, why) in &adoption.refused {
        let reason: String = why.reason.chars().take(60).collect();
        *counts.refused.entry(format!("{} {reason}", kind(row))).or_default() += 1;
    }
    adoption.write().expect("written");
    if adoption.is_noop() {
        assert_eq!(stage.tree("config"), pristine, "seed {seed}");
    }
    assert!(stage.errors().is_subset(&errors), "seed {seed}: {:?}", stage.errors());
    let lost: Vec<String> = {
        let now: BTreeSet<String> = stage.comments().into_iter().collect();
        comments.into_iter().filter(|comment| !now.contains(comment)).collect()
    };
    assert_eq!(lost, [] as [String; 0], "seed {seed}: comments are kept");
    // What was adopted is no drift any more, and nothing else has become some.
    let after = stage.drifted();
    assert!(after.is_subset(&drifted), "seed {seed}: {after:?} of {drifted:?}");
    let left: Vec<&Row> = adoption
        .adopted
        .iter()
        .filter(|row| row.class != "foreign")
        .filter(|row| {
            let (file, pointer) = (&row.file, &row.pointer);
            let item = row.entry.split_once("  ").map(|(_, item)| item.to_owned());
            after.iter().any(|(f, p, expected)| {
                f == file
                    && p == pointer
                    && item.as_ref().is_none_or(|item| expected.contains(item.as_str()))
            })
        })
        .collect();
    assert!(left.is_empty(), "seed {seed}: {left:?} still in {after:?}");
    // The next sync finds nothing to write: what was adopted is as it is rendered, and all else is rendered as before.
    sync::sync(&stage.request(), &stage.env, sync::SyncOptions::default()).expect("a sync");
    assert_eq!(stage.tree("ws"), before, "seed {seed}");
    let again = stage.adopt(&if by_name { stage.known(&all) } else { Vec::new() }, layer);
    assert!(
        again.is_noop() || !again.adopted.iter().any(|row| known(row, adoption.adopted.iter())),
        "seed {seed}: {again:?}"
    );
}

fn kind(row: &Row) -> String {
    let first = row.key.split('.').next().unwrap_or_default();
    let local = if row.file.contains("local") { "local " } else { "" };
    format!("{local}{first}")
}

#[test]
fn some_stories_adopt_every_kind_of_entry() {
    let mut counts = Counts::default();
    for seed in 0..96 {
        story(seed, &mut counts);
    }
    assert!(counts.stories > 40, "{counts:#?}");
    for kind in
        ["environment", "settings", "permissions", "hooks", "mcp_servers", "files", "instructions"]
    {
        assert!(counts.adopted.get(kind).is_some_and(|number| *number > 4), "{kind}: {counts:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn adopting_makes_the_layers_say_what_the_workspace_has(seed in any::<u64>()) {
        story(seed, &mut Counts::default());
    }
}
