//! `pack.toml`: the release that a pack is a copy of, its settings, and the hash of every file.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use super::{PACK_FILE, PACKS_FOLDER, sha256};
use crate::diagnostic::{Code, Diagnostic, Sink, code};
use crate::layer::{ContentKind, ScopeName, parse_toml};
use crate::source::{Kind, Node, RepoPath, SourceId, Sources, Span, quote_segment};

/// A `pack.toml` as typed values. Missing values and values of the wrong type are empty, and were reported.
#[derive(Clone, Debug, Default)]
pub struct PackToml {
    /// The name of the pack.
    pub name: String,
    /// The version of the release.
    pub version: String,
    /// Where it was fetched, such as `pypi:superclaude`.
    pub source: String,
    /// The archive that it was unpacked from; `None` for a copy of a folder.
    pub archive: Option<Archive>,
    /// The license, as an SPDX expression.
    pub license: String,
    /// The folder below `.claude/commands/` for the commands of the pack; `None` for that folder itself.
    pub namespace: Option<String>,
    /// Documents for the instructions block, in the order of their imports.
    pub documents: Vec<String>,
    /// The MCP servers that the pack documents, each with its document.
    pub servers: BTreeMap<String, Option<String>>,
    /// The servers that the pack configures: the table of `[layer.mcp_servers.*]`.
    pub mcp_servers: Option<Arc<Node>>,
    /// Path inside the pack → hash.
    pub files: BTreeMap<String, Recorded>,
    /// Whether `pack.toml` has a list of files.
    pub files_listed: bool,
}

/// The archive that a pack was unpacked from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Its file name.
    pub file: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A recorded hash with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The hash in hexadecimal.
    pub value: String,
    /// Where the hash is written.
    pub span: Span,
}

impl PackToml {
    /// Returns the name with the version: `superclaude@4.3.0`.
    pub fn pin(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Returns true if the list of files has this path.
    pub fn lists(&self, inside: &str) -> bool {
        self.files.contains_key(inside)
    }

    /// Returns the content kind and path of a file; `None` for a document and for a file that is not content.
    pub(super) fn place(&self, inside: &str) -> Option<(ContentKind, RepoPath)> {
        let (folder, path) = inside.split_once('/')?;
        let name = path.rsplit('/').next()?;
        let hidden = path.split('/').any(|segment| segment.starts_with('.'));
        if hidden || name.eq_ignore_ascii_case("README.md") {
            return None;
        }
        let markdown = name.to_ascii_lowercase().ends_with(".md");
        let (kind, path) = match folder {
            "commands" if markdown => (
                ContentKind::Commands,
                match &self.namespace {
                    Some(namespace) => format!("{namespace}/{path}"),
                    None => path.to_owned(),
                },
            ),
            "agents" if markdown => (ContentKind::Agents, path.to_owned()),
            "skills" => (ContentKind::Skills, path.to_owned()),
            _ => return None,
        };
        Some((kind, RepoPath::parse(&path).ok()?))
    }
}

/// Reads a pack's `pack.toml`; `None` if there is none.
pub(super) fn read(
    name: &str,
    bytes: Option<&[u8]>,
    sources: &Sources,
) -> (SourceId, PackToml, Vec<Diagnostic>) {
    let path = format!("{PACKS_FOLDER}/{name}/{PACK_FILE}");
    let text = bytes.map(std::str::from_utf8);
    let shown = text.and_then(Result::ok).unwrap_or_default();
    let source = sources.add(path.as_str(), format!("pack {name}"), shown);
    let start = Span::new(source, 0..0);
    let problem = match text {
        None => Diagnostic::new(code::PACK_MODIFIED, start, format!("`{path}` is missing"))
            .note("without it nothing says what the files beside it are, so none is rendered")
            .help(format!(
                "restore it with git, or remove {PACKS_FOLDER}/{name} and add the pack again"
            )),
        Some(Err(_)) => Diagnostic::new(code::NOT_UTF8, start, "the file is not UTF-8")
            .help("restore it with git"),
        Some(Ok(text)) => {
            let mut sink = Sink::default();
            let root = parse_toml(source, text, &mut sink);
            let mut reader = Reader { root: &root, sink };
            let toml = reader.pack(name);
            return (source, toml, reader.sink.into_diagnostics());
        }
    };
    (source, PackToml { name: name.to_owned(), ..PackToml::default() }, vec![problem])
}

const KEYS: [&str; 11] = [
    "name",
    "version",
    "source",
    "archive",
    "sha256",
    "license",
    "namespace",
    "documents",
    "servers",
    "layer",
    "files",
];

struct Reader<'a> {
    root: &'a Node,
    sink: Sink,
}

impl Reader<'_> {
    fn pack(&mut self, folder: &str) -> PackToml {
        self.known_keys(self.root, &KEYS, "pack.toml");
        let name = self.required("name");
        if let (false, Some(node)) = (name.is_empty() || name == folder, self.root.get("name")) {
            let message = format!("the pack is called `{name}`, but its folder `{folder}`");
            self.report(code::INVALID_VALUE, node.span, message);
        }
        let (archive, sha256) = (self.optional("archive"), self.optional("sha256"));
        let mut toml = PackToml {
            name: folder.to_owned(),
            version: self.required("version"),
            source: self.required("source"),
            archive: archive.zip(sha256).map(|(file, sha256)| Archive { file, sha256 }),
            license: self.required("license"),
            namespace: self.namespace(),
            ..PackToml::default()
        };
        toml.mcp_servers = self.mcp_servers();
        if let Some(files) = self.table("files") {
            toml.files_listed = true;
            for (path, node) in files.as_table().into_iter().flatten() {
                if let Some(hash) = self.file(path, node) {
                    toml.files.insert(path.to_string(), hash);
                }
            }
        } else if self.root.get("files").is_none() {
            let message = "`[files]`, the list of the pack's files, is missing";
            self.report(code::MISSING_KEY, self.root.span, message);
        }
        self.servers(&mut toml);
        self.documents(&mut toml);
        toml
    }

    fn report(&mut self, code: &'static Code, span: Span, message: impl Into<String>) {
        self.sink.push(
            Diagnostic::new(code, span, message)
                .help("`pack add` and `pack update` write this file: restore it with git"),
        );
    }

    fn known_keys(&mut self, table: &Node, known: &[&str], of: &str) {
        for (key, node) in table.as_table().into_iter().flatten() {
            if !known.contains(&key.as_ref()) {
                let message = format!("`{key}` is no key of {of}");
                let diagnostic = Diagnostic::new(code::UNKNOWN_KEY, node.key, message);
                self.sink.push(diagnostic.did_you_mean(key, known.iter().copied()));
            }
        }
    }

    fn typed(&mut self, key: &str, node: &Node, wanted: Kind) -> bool {
        let fits = node.kind() == wanted;
        if !fits {
            let message = format!("`{key}` must be {wanted}, but is {}", node.kind());
            self.report(code::WRONG_TYPE, node.span, message);
        }
        fits
    }

    fn optional(&mut self, key: &str) -> Option<String> {
        let node = self.root.get(key)?;
        self.typed(key, node, Kind::Str).then(|| node.as_str().unwrap_or_default().to_owned())
    }

    fn required(&mut self, key: &str) -> String {
        if self.root.get(key).is_none() {
            self.report(code::MISSING_KEY, self.root.span, format!("`{key}` is missing"));
        }
        self.optional(key).unwrap_or_default()
    }

    fn table(&mut self, key: &str) -> Option<Arc<Node>> {
        let node = self.root.get(key)?;
        self.typed(key, node, Kind::Table).then(|| Arc::clone(node))
    }

    fn namespace(&mut self) -> Option<String> {
        let text = self.optional("namespace")?;
        let node = self.root.get("namespace")?;
        match ScopeName::parse(&text) {
            Ok(_) => Some(text),
            Err(problem) => {
                self.report(code::INVALID_VALUE, node.span, problem);
                None
            }
        }
    }

    fn file(&mut self, path: &str, node: &Node) -> Option<Recorded> {
        if let Err(problem) = RepoPath::parse(path) {
            self.report(code::PATH_ESCAPE, node.key, format!("`{path}`: {problem}"));
            return None;
        }
        if !self.typed(path, node, Kind::Str) {
            return None;
        }
        let value = node.as_str().unwrap_or_default();
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if value.len() != 64 || !value.bytes().all(digit) {
            let message = format!("`{value}` is no SHA-256: 64 digits of 0-9 and a-f");
            self.report(code::INVALID_VALUE, node.span, message);
        }
        // A malformed hash is kept: the file then differs from it, which is what counts.
        Some(Recorded { value: value.to_owned(), span: node.span })
    }

    /// Entries that name a file which the list of files does not have.
    fn listed(&mut self, toml: &PackToml, node: &Node) -> Option<String> {
        let path = node.as_str().unwrap_or_default();
        if !toml.lists(path) {
            let message = format!("`{path}` is not in the list of files");
            self.report(code::INVALID_VALUE, node.span, message);
            return None;
        }
        Some(path.to_owned())
    }

    fn servers(&mut self, toml: &mut PackToml) {
        let Some(servers) = self.table("servers") else { return };
        for (server, node) in servers.as_table().into_iter().flatten() {
            if self.typed(server, node, Kind::Str) {
                let document = match node.as_str() {
                    Some("") => None,
                    _ => self.listed(toml, node),
                };
                toml.servers.insert(server.to_string(), document);
            }
        }
    }

    fn documents(&mut self, toml: &mut PackToml) {
        let Some(node) = self.root.get("documents") else { return };
        if self.typed("documents", node, Kind::Array) {
            for item in node.as_array().unwrap_or_default() {
                if self.typed("documents", item, Kind::Str) {
                    let document = self.listed(toml, item);
                    toml.documents.extend(document);
                }
            }
        }
    }

    /// Returns the servers that the pack configures. Only servers of the catalogue are allowed: vendored files must not
    /// decide which programs run.
    fn mcp_servers(&mut self) -> Option<Arc<Node>> {
        let layer = self.table("layer")?;
        self.known_keys(&layer, &["mcp_servers"], "a pack's `[layer]`");
        let servers = layer.get("mcp_servers")?;
        if !self.typed("mcp_servers", servers, Kind::Table) {
            return None;
        }
        let mut fine = true;
        for (server, node) in servers.as_table().into_iter().flatten() {
            fine &= self.typed(server, node, Kind::Table);
            self.known_keys(node, &["kind", "version"], "a pack's server");
            for (key, value) in node.as_table().into_iter().flatten() {
                fine &= matches!(key.as_ref(), "kind" | "version");
                fine &= self.typed(key, value, Kind::Str);
            }
        }
        fine.then(|| Arc::clone(servers))
    }
}

/// A pack that was made from a release and is not written yet.
#[derive(Clone, Debug, Default)]
pub struct Vendored {
    /// The name of the pack.
    pub name: String,
    /// The version of the release.
    pub version: String,
    /// Where it was fetched, such as `pypi:superclaude`.
    pub source: String,
    /// The archive that it was unpacked from; `None` for a copy of a folder.
    pub archive: Option<Archive>,
    /// The license, as an SPDX expression.
    pub license: String,
    /// The folder below `.claude/commands/` that the commands go to; `None` for the folder itself.
    pub namespace: Option<String>,
    /// The documents for the instructions block, by path in the pack.
    pub documents: Vec<String>,
    /// The document of each server; empty if there is none.
    pub servers: BTreeMap<String, String>,
    /// The kind in the catalogue of each server that the pack configures.
    pub kinds: BTreeMap<String, String>,
    /// The files of the pack by path, without `pack.toml`.
    pub files: BTreeMap<String, Arc<[u8]>>,
}

impl Vendored {
    /// Returns all files of the pack's folder, `pack.toml` included.
    pub fn folder(&self) -> BTreeMap<String, Arc<[u8]>> {
        let mut files = self.files.clone();
        files.insert(PACK_FILE.to_owned(), Arc::from(self.toml().into_bytes()));
        files
    }

    /// Returns the text of `pack.toml`, which depends only on the release.
    fn toml(&self) -> String {
        let mut text = format!(
            "# Written by `claude-env pack add` and `pack update`; `claude-env check` compares the files with it.\n\
             # To change what is rendered, put a file of the same path into a layer, or leave parts out with `exclude`.\n\
             name = {}\nversion = {}\nsource = {}\n",
            quoted(&self.name),
            quoted(&self.version),
            quoted(&self.source)
        );
        let mut line = |line: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            let _ = text.write_fmt(line);
        };
        if let Some(archive) = &self.archive {
            line(format_args!("archive = {}\n", quoted(&archive.file)));
            line(format_args!("sha256 = {}\n", quoted(&archive.sha256)));
        }
        line(format_args!("license = {}\n", quoted(&self.license)));
        if let Some(namespace) = &self.namespace {
            line(format_args!("\n# Commands go to .claude/commands/{namespace}/.\n"));
            line(format_args!("namespace = {}\n", quoted(namespace)));
        }
        line(format_args!(
            "\n# What the instructions block imports, in this order.\ndocuments = [\n"
        ));
        for document in &self.documents {
            line(format_args!("    {},\n", quoted(document)));
        }
        line(format_args!(
            "]\n\n# The MCP servers that the pack knows. A document is imported only where its server is configured.\n[servers]\n"
        ));
        for (server, document) in &self.servers {
            line(format_args!("{} = {}\n", quote_segment(server), quoted(document)));
        }
        line(format_args!(
            "\n# The servers that the pack enables; their versions come from the catalog.\n"
        ));
        for (server, kind) in &self.kinds {
            line(format_args!(
                "[layer.mcp_servers.{}]\nkind = {}\n",
                quote_segment(server),
                quoted(kind)
            ));
        }
        line(format_args!("\n# SHA-256 of every file.\n[files]\n"));
        for (path, bytes) in &self.files {
            line(format_args!("{} = \"{}\"\n", quoted(path), sha256(bytes)));
        }
        text
    }
}

/// Returns a text as a TOML string.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, usize)]) {
        let sources = Sources::default();
        let (_, _, problems) = read("tiny", Some(text.as_bytes()), &sources);
        let found: Vec<(&str, usize)> = (problems.iter())
            .map(|problem| {
                (
                    problem.code.id,
                    sources.get(problem.span.source).line_column(problem.span.range().start).0,
                )
            })
            .collect();
        assert_eq!(found, expect, "{text}");
    }

    const HEAD: &str =
        "name = \"tiny\"\nversion = \"1\"\nsource = \"pypi:tiny\"\nlicense = \"MIT\"\n";

    #[test]
    fn every_slip_has_its_code_and_line() {
        let with = |rest: &str| format!("{HEAD}{rest}");
        check(&with("[files]\n"), &[]);
        check("", &[("CE013", 1); 5]);
        check(&with("files = 1\n"), &[("CE011", 5)]);
        check(&with("[files]\n\"a.md\" = \"xyz\"\n"), &[("CE012", 6)]);
        check(&with("[files]\n\"../a.md\" = \"xyz\"\n"), &[("CE008", 6)]);
        check(&with("documents = [\n\"core/A.md\",\n]\n[files]\n"), &[("CE012", 6)]);
        check(&with("namespace = \"../x\"\n[files]\n"), &[("CE012", 5)]);
        check(&with("versoin = \"1\"\n[files]\n"), &[("CE010", 5)]);
        check(&with("[files]\n[layer.permissions]\nallow = [\"Bash\"]\n"), &[("CE010", 6)]);
        let command = "[files]\n[layer.mcp_servers.x]\nkind = \"context7\"\ncommand = \"sh\"\n";
        check(&with(command), &[("CE010", 8)]);
        check(&HEAD.replace("tiny\"\nv", "huge\"\nv"), &[("CE012", 1), ("CE013", 1)]);
        check(&with("[files\n"), &[("CE001", 5)]);
    }
}
