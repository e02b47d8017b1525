//! SuperClaude: making the files of a pack from an unpacked release.
//!
//! The folders are those of the installer of 4.3.0 (`superclaude/cli/install_*.py`): commands in `commands/sc/`, agents in
//! `agents/`, skills in `skills/`, all from the folder of the package. It no longer installs the core, mode and MCP
//! documents; the installer of 4.1.0 imported them into `CLAUDE.md`, core first, then modes, then MCP, each sorted by name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::manifest::{Archive, Vendored};
use super::wheel::{Files, metadata};
use crate::source::RepoPath;

/// The name of the pack, and of the project on PyPI.
pub const NAME: &str = "superclaude";

/// The folder of the package: in a wheel, and in a source checkout.
const ROOTS: [&str; 2] = ["superclaude/", "src/superclaude/"];

/// The names of servers in SuperClaude's list and in the catalogue, and whether the pack configures them. Magic needs an API
/// key, so a layer must configure it.
const CATALOGUE: [(&str, &str, bool); 4] = [
    ("sequential-thinking", "sequential", true),
    ("context7", "context7", true),
    ("magic", "magic", false),
    ("playwright", "playwright", true),
];

/// Keeps git from changing line endings, which would change hashes, and marks the files as vendored.
const GIT_ATTRIBUTES: &str = "* -text linguist-vendored\n";

/// Why a release cannot be vendored.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// The layout is unknown.
    #[error(
        "unknown layout of SuperClaude: {} missing (4.1.9, 4.2.0 and 4.3.0 are known)",
        missing.join(", ")
    )]
    Unknown {
        /// The paths that every known layout has and this one lacks.
        missing: Vec<String>,
    },
    /// A file of the release cannot be used.
    #[error("`{path}` {problem}")]
    File {
        /// The path of the file in the release.
        path: String,
        /// What is wrong with it, as the end of a sentence that starts with the path.
        problem: String,
    },
}

/// Returns true if the pack needs this file of a release.
pub fn wanted(path: &str) -> bool {
    let inside = ROOTS.iter().find_map(|root| path.strip_prefix(root));
    if inside.is_some_and(|inside| inside == "__version__.py" || place(inside)) {
        return true;
    }
    match path.split_once('/') {
        None => path == "LICENSE",
        Some((folder, rest)) => {
            folder.ends_with(".dist-info")
                && matches!(rest, "METADATA" | "RECORD" | "LICENSE" | "licenses/LICENSE")
        }
    }
}

/// Returns true if a file in the folder of the package belongs in the pack, where it has the same path.
fn place(inside: &str) -> bool {
    let Some((folder, rest)) = inside.split_once('/') else { return false };
    let name = rest.rsplit('/').next().unwrap_or(rest);
    let flat = !rest.contains('/');
    let markdown = name.ends_with(".md") && !name.eq_ignore_ascii_case("README.md");
    match folder {
        "commands" | "agents" | "core" | "modes" => flat && markdown,
        "mcp" => match rest.strip_prefix("configs/") {
            Some(config) => config.ends_with(".json") && !config.contains('/'),
            None => flat && markdown && rest.starts_with("MCP_"),
        },
        // Python files are there for packaging only.
        "skills" => {
            let hidden = rest.split('/').any(|s| s.starts_with('.') || s == "__pycache__");
            !flat && !hidden && !name.ends_with(".py") && !name.eq_ignore_ascii_case("README.md")
        }
        _ => false,
    }
}

/// Makes the pack from the [`wanted`] files. `archive` is the archive that they were unpacked from. Fails when the layout is
/// unknown or a file is invalid.
pub fn vendor(files: &Files, archive: Option<Archive>) -> Result<Vendored, LayoutError> {
    let has_commands =
        |root: &&&str| files.keys().any(|path| path.starts_with(&format!("{root}commands/")));
    let root = ROOTS.iter().find(has_commands).unwrap_or(&ROOTS[0]);
    let mut pack: Files = (files.iter())
        .filter_map(|(path, bytes)| Some((path.strip_prefix(root)?, bytes)))
        .filter(|(inside, _)| place(inside))
        .map(|(inside, bytes)| (inside.to_owned(), Arc::clone(bytes)))
        .collect();
    let version = version(files, root);
    let license_text = (files.iter())
        .find(|(path, _)| path.ends_with("/LICENSE") || path.as_str() == "LICENSE")
        .map(|(_, bytes)| Arc::clone(bytes));
    let missing = missing(&pack, root, version.is_some(), license_text.is_some());
    let (Some(version), Some(license_text), []) = (version, license_text, missing.as_slice())
    else {
        return Err(LayoutError::Unknown { missing });
    };
    let license = license(files, &license_text);
    pack.insert("LICENSE".to_owned(), license_text);
    pack.insert(".gitattributes".to_owned(), Arc::from(GIT_ATTRIBUTES.as_bytes()));
    check_files(&pack)?;
    let documents = documents(&pack)?;
    let names = server_names(&pack)?;
    let servers: BTreeMap<String, String> = (documents.iter())
        .filter_map(|path| Some((topic(path)?, path)))
        .map(|(topic, path)| (names.get(&topic).cloned().unwrap_or(topic), path.clone()))
        .chain(names.values().map(|name| (name.clone(), String::new())))
        .rev()
        .collect();
    let kinds = (CATALOGUE.iter())
        .filter(|(_, kind, on)| *on && servers.contains_key(*kind))
        .map(|(_, kind, _)| ((*kind).to_owned(), (*kind).to_owned()))
        .collect();
    Ok(Vendored {
        name: NAME.to_owned(),
        version,
        source: format!("pypi:{NAME}"),
        archive,
        license,
        namespace: Some("sc".to_owned()),
        documents,
        servers,
        kinds,
        files: pack,
    })
}

fn missing(pack: &Files, root: &str, version: bool, license: bool) -> Vec<String> {
    let has = |start: &str, end: &str| {
        pack.keys().any(|path| path.starts_with(start) && path.ends_with(end))
    };
    let needed = [
        (format!("{root}commands/*.md"), has("commands/", ".md")),
        (format!("{root}agents/*.md"), has("agents/", ".md")),
        (format!("{root}skills/*/SKILL.md"), has("skills/", "/SKILL.md")),
        (format!("{root}core/*.md"), has("core/", ".md")),
        (format!("{root}modes/*.md"), has("modes/", ".md")),
        ("a version".to_owned(), version),
        ("LICENSE".to_owned(), license),
    ];
    needed.into_iter().filter(|(_, there)| !there).map(|(what, _)| what).collect()
}

/// Returns the release's version: from the wheel's metadata, or from the package itself.
fn version(files: &Files, root: &str) -> Option<String> {
    if let Some(version) = metadata(files, "Version") {
        return Some(version.to_owned());
    }
    let text = std::str::from_utf8(files.get(&format!("{root}__version__.py"))?).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("__version__")?.split_once('='))?.1;
    Some(value.trim().trim_matches(['"', '\'']).to_owned())
}

fn license(files: &Files, text: &[u8]) -> String {
    let named = metadata(files, "License-Expression").or_else(|| metadata(files, "License"));
    let first_line = || std::str::from_utf8(text).ok()?.lines().next()?.strip_suffix(" License");
    named.or_else(first_line).unwrap_or("see LICENSE").to_owned()
}

fn check_files(pack: &Files) -> Result<(), LayoutError> {
    let bad =
        |path: &str, problem: String| Err(LayoutError::File { path: path.to_owned(), problem });
    let mut seen = BTreeSet::new();
    for (path, bytes) in pack {
        if let Err(problem) = RepoPath::parse(path) {
            return bad(path, format!("cannot be vendored: {problem}"));
        }
        if std::str::from_utf8(bytes).is_err() {
            return bad(path, "is not UTF-8".to_owned());
        }
        if !seen.insert(path.to_lowercase()) {
            return bad(path, "differs from another file in nothing but letter case".to_owned());
        }
    }
    Ok(())
}

/// Returns the documents in the order of their imports. They are rendered into one folder, so their names must be unique.
fn documents(pack: &Files) -> Result<Vec<String>, LayoutError> {
    let mut documents = Vec::new();
    let mut names = BTreeSet::new();
    for folder in ["core/", "modes/", "mcp/MCP_"] {
        for path in pack.keys().filter(|path| path.starts_with(folder)) {
            if !names.insert(path.rsplit('/').next().unwrap_or(path).to_lowercase()) {
                let problem = "has the name of another document".to_owned();
                return Err(LayoutError::File { path: path.clone(), problem });
            }
            documents.push(path.clone());
        }
    }
    Ok(documents)
}

/// Returns the server of an MCP document: `mcp/MCP_Context7.md` → `context7`; also the stem of the server's configuration
/// file.
fn topic(path: &str) -> Option<String> {
    Some(path.strip_prefix("mcp/MCP_")?.strip_suffix(".md")?.to_lowercase())
}

/// Returns the name of the server that each configuration file holds, by the file's stem; for the catalogue's, the name used
/// here.
fn server_names(pack: &Files) -> Result<BTreeMap<String, String>, LayoutError> {
    let mut names = BTreeMap::new();
    for (path, bytes) in pack {
        let stem = path.strip_prefix("mcp/configs/").and_then(|name| name.strip_suffix(".json"));
        let Some(stem) = stem else { continue };
        let json: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| {
            LayoutError::File { path: path.clone(), problem: format!("is no JSON: {error}") }
        })?;
        let keys = json.as_object().into_iter().flat_map(serde_json::Map::keys);
        if let Some(name) = keys.into_iter().find(|key| !key.starts_with('_')) {
            let known = CATALOGUE.iter().find(|(theirs, _, _)| theirs == name);
            let name = known.map_or(name.as_str(), |(_, ours, _)| ours);
            names.insert(stem.to_owned(), name.to_owned());
        }
    }
    Ok(names)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns a wheel with SuperClaude's layout, as small as it can be.
    pub(in crate::pack) fn tiny_wheel() -> Files {
        let text = [
            ("superclaude/__init__.py", ""),
            ("superclaude/__version__.py", "__version__ = \"9.9.9\"\n"),
            ("superclaude/commands/README.md", "read me\n"),
            ("superclaude/commands/__init__.py", ""),
            ("superclaude/commands/pm.md", "---\ndescription: pm\n---\n"),
            ("superclaude/agents/README.md", "read me\n"),
            ("superclaude/agents/tester.md", "---\nname: tester\ndescription: t\n---\n"),
            ("superclaude/skills/check/SKILL.md", "---\nname: check\n---\n"),
            ("superclaude/skills/check/check.ts", "export {}\n"),
            ("superclaude/skills/check/__init__.py", ""),
            ("superclaude/core/RULES.md", "rules\n"),
            ("superclaude/core/FLAGS.md", "flags\n"),
            ("superclaude/modes/MODE_A.md", "a\n"),
            ("superclaude/mcp/MCP_Morphllm.md", "morph\n"),
            ("superclaude/mcp/MCP_Sequential.md", "think\n"),
            ("superclaude/mcp/MCP_Magic.md", "magic\n"),
            ("superclaude/mcp/configs/sequential.json", "{\"sequential-thinking\": {}}"),
            ("superclaude/mcp/configs/magic.json", "{\"magic\": {}}"),
            (
                "superclaude/mcp/configs/morphllm.json",
                "{\"_n\": \"\", \"morphllm-fast-apply\": {}}",
            ),
            ("superclaude/hooks/hooks.json", "{}"),
            ("superclaude/cli/main.py", "print()\n"),
            ("superclaude/_src/superclaude/commands/pm.md", "a mirror\n"),
            (
                "superclaude-9.9.9.dist-info/METADATA",
                "Name: superclaude\nVersion: 9.9.9\nLicense: MIT\n\nVersion: 0\n",
            ),
            ("superclaude-9.9.9.dist-info/licenses/LICENSE", "MIT License\n"),
        ];
        (text.into_iter())
            .map(|(path, text)| (path.to_owned(), Arc::from(text.as_bytes())))
            .collect()
    }

    fn check(change: impl Fn(&mut Files), expect: Result<&[&str], &str>) {
        let mut files = tiny_wheel();
        files.retain(|path, _| wanted(path));
        change(&mut files);
        let vendored = vendor(&files, None).map_err(|error| error.to_string());
        let paths =
            vendored.as_ref().map(|pack| pack.files.keys().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(paths.as_deref().map_err(|error| error.as_str()), expect);
    }

    const PATHS: &[&str] = &[
        ".gitattributes",
        "LICENSE",
        "agents/tester.md",
        "commands/pm.md",
        "core/FLAGS.md",
        "core/RULES.md",
        "mcp/MCP_Magic.md",
        "mcp/MCP_Morphllm.md",
        "mcp/MCP_Sequential.md",
        "mcp/configs/magic.json",
        "mcp/configs/morphllm.json",
        "mcp/configs/sequential.json",
        "modes/MODE_A.md",
        "skills/check/SKILL.md",
        "skills/check/check.ts",
    ];

    #[test]
    fn the_pack_holds_content_and_nothing_that_runs() {
        check(|_| {}, Ok(PATHS));
    }

    #[test]
    fn a_checkout_gives_the_same_pack() {
        let to_checkout = |files: &mut Files| {
            let moved = |(path, bytes): (String, Arc<[u8]>)| match path.split_once(".dist-info/") {
                Some((_, "licenses/LICENSE")) => Some(("LICENSE".to_owned(), bytes)),
                Some(_) => None,
                None => Some((format!("src/{path}"), bytes)),
            };
            *files = std::mem::take(files).into_iter().filter_map(moved).collect();
        };
        check(to_checkout, Ok(PATHS));
        let mut files = tiny_wheel();
        to_checkout(&mut files);
        let pack = vendor(&files, None).expect("a checkout");
        assert_eq!((pack.version.as_str(), pack.license.as_str()), ("9.9.9", "MIT"));
    }

    #[test]
    fn what_is_missing_is_named() {
        check(
            |files| files.retain(|path, _| !path.starts_with("superclaude/")),
            Err(concat!(
                "unknown layout of SuperClaude: superclaude/commands/*.md, ",
                "superclaude/agents/*.md, superclaude/skills/*/SKILL.md, superclaude/core/*.md, ",
                "superclaude/modes/*.md missing (4.1.9, 4.2.0 and 4.3.0 are known)"
            )),
        );
        let put = |path: &'static str, bytes: &'static [u8]| {
            move |files: &mut Files| {
                files.insert(path.to_owned(), Arc::from(bytes));
            }
        };
        check(put("superclaude/core/X.md", b"\xff"), Err("`core/X.md` is not UTF-8"));
        check(
            put("superclaude/core/flags.md", b""),
            Err("`core/flags.md` differs from another file in nothing but letter case"),
        );
        check(
            put("superclaude/modes/FLAGS.md", b""),
            Err("`modes/FLAGS.md` has the name of another document"),
        );
    }

    #[test]
    fn servers_are_mapped_to_the_catalogue() {
        let pack = vendor(&tiny_wheel(), None).expect("a pack");
        let servers: Vec<(&str, &str)> =
            pack.servers.iter().map(|(server, path)| (server.as_str(), path.as_str())).collect();
        assert_eq!(
            servers,
            [
                ("magic", "mcp/MCP_Magic.md"),
                ("morphllm-fast-apply", "mcp/MCP_Morphllm.md"),
                ("sequential", "mcp/MCP_Sequential.md"),
            ]
        );
        assert_eq!(pack.kinds.into_keys().collect::<Vec<_>>(), ["sequential"]);
        assert_eq!(
            pack.documents,
            [
                "core/FLAGS.md",
                "core/RULES.md",
                "modes/MODE_A.md",
                "mcp/MCP_Magic.md",
                "mcp/MCP_Morphllm.md",
                "mcp/MCP_Sequential.md",
            ]
        );
    }
}
