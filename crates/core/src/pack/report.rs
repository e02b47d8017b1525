//! The answer of `pack list` about a pack.

use std::sync::Arc;

use super::{Archive, Excludes, Packs};
use crate::layer::{ContentKind, Layer, LayerKind, LayerName};
use crate::source::{Node, Sources};

/// A summary of a vendored pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackReport {
    /// The name of the pack.
    pub name: String,
    /// The version of the release.
    pub version: String,
    /// Where it was fetched, such as `pypi:superclaude`.
    pub source: String,
    /// The license, as an SPDX expression.
    pub license: String,
    /// The file name of the archive that it was unpacked from, and its SHA-256.
    pub archive: Option<Archive>,
    /// The number of commands.
    pub commands: usize,
    /// The number of subagents.
    pub agents: usize,
    /// The number of skills.
    pub skills: usize,
    /// The number of documents for the instructions block, without those about MCP servers.
    pub documents: usize,
    /// The MCP servers that the pack configures.
    pub servers: Vec<String>,
    /// The MCP servers that it documents, and that a layer must configure.
    pub other_servers: Vec<String>,
    /// The layers that name the pack, in the given order.
    pub used_by: Vec<LayerName>,
    /// The files that differ from `pack.toml`, by path inside the pack.
    pub modified: Vec<String>,
    /// Whether the files match `pack.toml`, and that is valid.
    pub verified: bool,
}

/// Returns a report of each pack, sorted by name.
pub fn reports(packs: &Packs, layers: &[Arc<Layer>], sources: &Sources) -> Vec<PackReport> {
    let report = |pack: &super::Pack| {
        let content = pack.content(&LayerName::unnamed(LayerKind::Base), &Excludes::default());
        let count = |kind| content.iter().filter(|file| file.kind == kind).count();
        let on = pack.toml.mcp_servers.as_ref().and_then(|servers| servers.as_table());
        let servers: Vec<String> =
            on.into_iter().flatten().map(|(name, _)| name.to_string()).collect();
        let about_servers = pack.toml.servers.values().flatten().count();
        let modified: Vec<String> =
            pack.mismatches().iter().map(|mismatch| mismatch.path().to_owned()).collect();
        PackReport {
            name: pack.name.to_string(),
            version: pack.toml.version.clone(),
            source: pack.toml.source.clone(),
            license: pack.toml.license.clone(),
            archive: pack.toml.archive.clone(),
            commands: count(ContentKind::Commands),
            agents: count(ContentKind::Agents),
            skills: (content.iter())
                .filter(|file| file.kind == ContentKind::Skills)
                .filter(|file| file.path.file_name() == "SKILL.md")
                .count(),
            documents: count(ContentKind::Documents).saturating_sub(about_servers),
            other_servers: (pack.toml.servers.keys())
                .filter(|server| !servers.contains(server))
                .cloned()
                .collect(),
            servers,
            used_by: (layers.iter())
                .filter(|layer| layer.documents.iter().any(|d| names(&d.root, &pack.name)))
                .map(|layer| layer.name.clone())
                .collect(),
            verified: pack.findings(sources).is_empty(),
            modified,
        }
    };
    packs.iter().map(report).collect()
}

fn names(document: &Node, pack: &str) -> bool {
    let items = document.get("packs").and_then(|list| list.as_array()).unwrap_or_default();
    items.iter().any(|item| item.as_str() == Some(pack))
}
