//! Doors for `fuzz/`: what must hold for any bytes, one function for each kind of file.
//!
//! Each panics where it does not. Compiled for cargo-fuzz, and for a test that goes through each door once.

#![expect(clippy::expect_used, reason = "a door says with a panic what does not hold")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use claude_env_core::agent::claude_code::permission::{List, PermissionRule};
use claude_env_core::agent::claude_code::{MCP_SERVERS, regex_syntax};
use claude_env_core::diagnostic::secret;
use claude_env_core::fingerprint::{self, Fingerprint};
use claude_env_core::git::exclude;
use claude_env_core::layer::front_matter;
use claude_env_core::layer::reference;
use claude_env_core::layer::{Scope, ScopeName};
use claude_env_core::render::{self, Part};
use claude_env_core::report::findings::{self as show, text as human};
use claude_env_core::workspace::text::block;
use claude_env_core::workspace::text::json_text::Document;
use claude_env_core::workspace::{Desired, DigestCache, Generation, Header, Lock};
use claude_env_engine::edge::config_source::{ConfigSource, EditedFile};
use claude_env_engine::ops::repository::load::Repository;

/// The files of a repository, in the order in which a fuzzer's bytes are cut up.
const FILES: [&str; 6] = [
    "base/layer.toml",
    "teams/t/layer.toml",
    "claude-env.toml",
    "base/agents/a.md",
    "base/memory/m.md",
    "workspaces/w.toml",
];

/// What no text of a repository has, so that it can stand between two.
const CUT: u8 = 0xff;

/// A config repository of any files: findings with places, or files that Claude Code can read.
pub fn config_repository(bytes: &[u8]) {
    let mut files: BTreeMap<String, Option<EditedFile>> =
        (FILES.iter().zip(bytes.split(|b| *b == CUT)))
            .map(|(path, bytes)| {
                let file = EditedFile { bytes: Arc::from(bytes), executable: None };
                ((*path).to_owned(), Some(file))
            })
            .collect();
    let manifest = EditedFile { bytes: Arc::from(&b"version = 1\n"[..]), executable: None };
    files.entry("claude-env.toml".to_owned()).or_insert(Some(manifest));
    let source = ConfigSource::planned(Path::new("fuzz"), files);
    let Ok(repository) = Repository::open(source) else { return };
    let scope = Scope { team: ScopeName::parse("t").ok(), ..Scope::default() };
    let Ok(loaded) = repository.stack(&scope, None) else { return };
    let mut diagnostics = repository.check(&loaded);
    diagnostics.extend(loaded.own_diagnostics().chain(&repository.diagnostics).cloned());
    let findings = repository.findings(&diagnostics);
    for finding in &findings {
        assert!(finding.at.place.line >= 1 && finding.at.place.column >= 1, "{finding:?}");
        assert!(!finding.at.file.is_empty(), "{finding:?}");
    }
    let look = human::Look { color: false, width: 80 };
    assert_eq!(findings.is_empty(), human::render(&findings, look).is_empty());
    show::sarif::render("check", &findings, true);
    match repository.usable(&loaded) {
        Err(_) => assert!(!findings.is_empty(), "nothing is said about what cannot be used"),
        Ok((_, model)) => rendered(&render::render(&model)),
    }
}

/// What is rendered can be read, and is named in a lock that can be read.
fn rendered(rendering: &render::Rendering) {
    let desired = Desired::new(rendering, &mut DigestCache::default());
    for file in desired.files() {
        let Some(bytes) = file.pristine() else { continue };
        match &file.file.part {
            Part::Json(_) => {
                serde_json::from_slice::<Json>(&bytes).expect("JSON");
            }
            Part::Block { text, .. } if block::can_hold(text) => {
                let written = std::str::from_utf8(&bytes).expect("UTF-8");
                assert!(block::read(written).expect("a block").is_some());
            }
            Part::Block { .. } | Part::Whole { .. } => {}
        }
    }
    let lock = Lock::of(Header::default(), &desired);
    assert_eq!(Lock::parse("lock", &lock.to_text()), Ok(lock));
}

/// A file of people and Claude Code: read and written as it is, and edited in one place alone.
pub fn json_document(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(mut document) = Document::parse(text) else { return };
    assert_eq!(document.to_text(), text);
    let Json::Object(before) = document.to_json() else { return };
    let place = ["claude-env fuzz"].into_iter().collect();
    let there = before.contains_key("claude-env fuzz");
    document.set(&place, &Json::from(1));
    let set = Document::parse(&document.to_text()).expect("what was written").to_json();
    let mut expected = before.clone();
    expected.insert("claude-env fuzz".to_owned(), Json::from(1));
    assert_eq!(set, Json::Object(expected.clone()));
    if there {
        return;
    }
    document.remove(&place);
    let removed = Document::parse(&document.to_text()).expect("what was written").to_json();
    assert_eq!(removed, Json::Object(before));
}

/// A lock: what is read is written and read as the same.
pub fn lock(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let revision = Lock::revision_of(text);
    if let Ok(lock) = Lock::parse("lock", text) {
        assert_eq!(Lock::parse("lock", &lock.to_text()).as_ref(), Ok(&lock));
        assert_eq!(Lock::revision_of(&lock.to_text()), lock.header.revision);
        // A head that does not read by itself names nothing.
        assert!(revision.is_empty() || revision == lock.header.revision);
    }
}

/// A generation: what is read is written and read as the same.
pub fn generation(bytes: &[u8]) {
    if let Some(generation) = Generation::parse(bytes) {
        assert_eq!(Generation::parse(&generation.to_bytes()), Some(generation));
    }
}

/// A stamp: whatever it says is a claim, or is not understood.
pub fn stamp(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let sealed = fingerprint::sealed(format!("claude-env stamp 1\ntold nothing clean\n{text}\n"));
    for text in [text, &sealed] {
        if let Some(stamp) = Fingerprint::parse(text) {
            assert!(stamp.dependencies().count() <= text.lines().count());
        }
    }
}

/// A text with our block in it: it is put in and taken out, and the rest stays.
pub fn block_of_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(found) = block::read(text) else { return };
    let written = block::write(text, "ours").expect("a block can be written where one can be read");
    let ours = block::read(&written).expect("one block");
    assert_eq!(ours.map(str::trim_end), Some("ours"));
    assert_eq!(block::write(&written, "ours").expect("the same"), written);
    if found.is_none() {
        assert_eq!(block::remove(&written).expect("one block"), text);
    }
}

/// git's list of files that it does not show: our section comes and goes, every other byte stays.
pub fn exclude_file(bytes: &[u8]) {
    let section = exclude::Section::default();
    let patterns = [format!("/{MCP_SERVERS}")];
    let Ok(written) = exclude::edit(bytes, &section, &patterns, |_| true) else { return };
    assert_eq!(exclude::patterns(&written, &section).expect("a section"), patterns);
    assert_eq!(exclude::edit(&written, &section, &patterns, |_| true).expect("the same"), written);
}

/// Texts in which something is looked for: what is found lies in the text.
pub fn text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for hit in secret::find(text) {
        assert!(text.get(hit.range).is_some_and(|found| !found.is_empty()));
    }
    if let Some(found) = front_matter::find(text) {
        let entries = found.entries.iter().map(|entry| entry.range.clone());
        let faults = found.faults.iter().map(|fault| fault.range.clone());
        for range in entries.chain(faults).chain([found.opening.clone()]) {
            assert!(text.get(range.clone()).is_some(), "{range:?}");
        }
    }
    reference::find(text);
    reference::rendered(text);
    let _ = regex_syntax::check(text);
    for list in [List::Allow, List::Ask, List::Deny] {
        if let Ok(rule) = PermissionRule::parse(text, list) {
            let covers = rule.covered_by().contains(&Some(rule.coverage()));
            assert!(covers, "{text:?} does not cover itself");
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_door_opens() {
        let layer =
            "[environment]\nA = \"1\"\n[mcp_servers.docs]\nurl = \"https://docs.example\"\n";
        super::config_repository(layer.as_bytes());
        super::config_repository(b"x = [\xff\xffversion = 2");
        super::json_document(b"{ // mine\n  \"a\": [1,],\n}\n");
        super::lock(b"version = 1\nrevision = \"x\"\n# end\n");
        super::generation(b"{}\n\nend\n");
        super::stamp(b"claude-env stamp 1\n");
        super::block_of_text(b"# Mine\n");
        super::exclude_file(b"*.o\n");
        super::text(b"---\nname: a\n---\n${env:A} Bash(ls:*)");
    }
}
