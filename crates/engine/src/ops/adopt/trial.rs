//! Tries edits in memory: renders the edited layers, and compares the result with the workspace.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::candidate::Candidates;
use crate::edge::config_source::{ConfigSource, EditedFile};
use crate::edge::env::Env;
use crate::ops::repository::load::{Opened, Repository};
use crate::ops::repository::mode::{Layered, Renderings};
use crate::ops::state::target::TargetState;
use crate::ops::{Failure, FailureKind, check};
use claude_env_core::adopt::{
    Audience, Draft, FileContent, Home, LayerContext, Refusal, Unit, propose,
};
use claude_env_core::diagnostic::{Finding, Identity, Severity, code};
use claude_env_core::layer::{LayerKind, Mode};
use claude_env_core::model::Fragment;
use claude_env_core::render::personal::Unrepresentable;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Desired, Digest, DigestCache, EntryKey};

/// The result of a trial.
pub(super) struct Outcome {
    /// The units that can be adopted, with the layers that are edited.
    pub(super) accepted: Vec<(Unit, Vec<String>)>,
    /// The units that cannot be adopted, with the reason.
    pub(super) refused: Vec<(Unit, Refusal)>,
    /// The edited files.
    pub(super) draft: Draft,
    /// New findings in the edited layers.
    pub(super) warnings: Vec<Finding>,
}

/// The current layers, on which edits are tried.
pub(super) struct Trial<'o> {
    /// The target state with the current layers.
    pub(super) target: TargetState<'o>,
    /// The working folder of the config repository.
    folder: &'o Path,
    user_folder: Option<PathBuf>,
    mode: Mode,
    chosen: Option<LayerKind>,
    layered: Layered,
    findings: Vec<Finding>,
    /// The digests of the target state.
    digests: OnceCell<Digests>,
}

type Digests = BTreeMap<(RepoPath, EntryKey), Digest>;

impl<'o> Trial<'o> {
    /// Reads and renders the current layers. Fails when they have errors.
    pub(super) fn new(
        opened: &'o Opened,
        folder: &'o Path,
        env: &Env,
        chosen: Option<LayerKind>,
    ) -> Result<Self, Failure> {
        let workspace = opened.bound()?;
        let mode = workspace.binding.mode;
        let repository = &opened.repository;
        let user_folder = opened.machine_folder(env);
        let machine = opened.machine_layer(env)?;
        let layered = Layered::new(repository, &opened.scope, machine, mode)?;
        let target = TargetState::of(opened, workspace, layered.render());
        let findings = check::check(repository, None)?.findings;
        let digests = OnceCell::new();
        Ok(Self { target, folder, user_folder, mode, chosen, layered, findings, digests })
    }

    /// Tries to adopt these units, together and then one by one. Fails when the repository cannot be read.
    pub(super) fn run(&self, units: Vec<Unit>, seen: &Candidates) -> Result<Outcome, Failure> {
        let mut outcome = Outcome {
            accepted: Vec::new(),
            refused: Vec::new(),
            draft: Draft::default(),
            warnings: Vec::new(),
        };
        for unit in units {
            match self.propose(&unit, &mut outcome.draft)? {
                Ok(layers) => outcome.accepted.push((unit, layers)),
                Err(why) => outcome.refused.push((unit, why)),
            }
        }
        if outcome.accepted.is_empty() {
            return Ok(outcome);
        }
        match self.judge(&outcome.draft, &outcome.accepted, seen)? {
            Ok(warnings) => {
                outcome.warnings = warnings;
                return Ok(outcome);
            }
            Err(why) if outcome.accepted.len() == 1 => {
                let accepted = std::mem::take(&mut outcome.accepted);
                outcome.refused.extend(
                    accepted.into_iter().map(|(unit, _)| self.advised(unit, why.clone(), seen)),
                );
                outcome.draft = Draft::default();
                return Ok(outcome);
            }
            Err(_) => {}
        }
        // One of them cannot be adopted: try each on top of those before it, what belongs together first as one.
        let all = std::mem::take(&mut outcome.accepted);
        outcome.draft = Draft::default();
        for group in groups(all.into_iter().map(|(unit, _)| unit)) {
            if self.add(&group, &mut outcome, seen)?.is_none() {
                continue;
            }
            let mut left = group;
            // A unit may need one that comes after it, so refused ones are tried again as long as others are accepted.
            loop {
                let (count, mut refused) = (left.len(), Vec::new());
                for unit in left {
                    let one = std::slice::from_ref(&unit);
                    if let Some(why) = self.add(one, &mut outcome, seen)? {
                        refused.push((unit, why));
                    }
                }
                if refused.is_empty() || refused.len() == count {
                    outcome.refused.extend(
                        refused.into_iter().map(|(unit, why)| self.advised(unit, why, seen)),
                    );
                    break;
                }
                left = refused.into_iter().map(|(unit, _)| unit).collect();
            }
        }
        Ok(outcome)
    }

    /// Accepts these units together, on top of those that were accepted before. Returns the reason against it, if any.
    fn add(
        &self,
        units: &[Unit],
        outcome: &mut Outcome,
        seen: &Candidates,
    ) -> Result<Option<Refusal>, Failure> {
        let mut draft = outcome.draft.clone();
        let before = outcome.accepted.len();
        for unit in units {
            match self.propose(unit, &mut draft)? {
                Ok(layers) => outcome.accepted.push((unit.clone(), layers)),
                Err(why) => {
                    outcome.accepted.truncate(before);
                    return Ok(Some(why));
                }
            }
        }
        match self.judge(&draft, &outcome.accepted, seen)? {
            Ok(warnings) => {
                outcome.draft = draft;
                outcome.warnings = warnings;
                Ok(None)
            }
            Err(why) => {
                outcome.accepted.truncate(before);
                Ok(Some(why))
            }
        }
    }

    /// Edits a draft; returns the layers that were edited, or the reason against it.
    fn propose(
        &self,
        unit: &Unit,
        draft: &mut Draft,
    ) -> Result<Result<Vec<String>, Refusal>, Failure> {
        let audience = unit.change.audience;
        let layers = match (audience, &self.layered.full) {
            (Audience::Personal, Some(full)) => full,
            _ => &self.layered.shared,
        };
        let repository = &self.target.opened.repository;
        let files = repository.content(&layers.loaded, &layers.merged);
        let shared = self.layered.shared.model.fragments();
        let fragments: Vec<Fragment> = (layers.model.fragments().iter())
            .filter(|one| audience == Audience::Shared || !shared.contains(one))
            .cloned()
            .collect();
        let context = LayerContext {
            stack: &layers.loaded.stack,
            merged: &layers.merged,
            files: &files,
            fragments: &fragments,
            strategies: &repository.strategies,
            sources: &repository.sources,
            locked: &repository.manifest.policy.locked,
            append_only: &repository.manifest.policy.append_only,
            audience,
            scope: &self.target.opened.scope,
            with_user: self.mode == Mode::Local || audience == Audience::Personal,
            chosen: self.chosen,
        };
        let mut next = draft.clone();
        let layers = match propose(&context, unit, &mut next) {
            Ok(layers) => layers,
            Err(why) => return Ok(Err(why)),
        };
        for place in next.files.keys().filter(|place| !draft.files.contains_key(*place)) {
            if place.home == Home::Repository
                && let Some(why) = self.uncommitted(&place.path)?
            {
                return Ok(Err(why));
            }
        }
        *draft = next;
        Ok(Ok(layers))
    }

    /// Returns why a file must not be edited: it has uncommitted changes. `None` when it has none.
    fn uncommitted(&self, path: &str) -> Result<Option<Refusal>, Failure> {
        let source = &self.target.opened.repository.source;
        if source.commit().is_none() {
            return Ok(None);
        }
        let current = ConfigSource::folder(self.folder)?.read(path)?;
        let same = current == source.read(path)?;
        Ok((!same).then(|| {
            Refusal::new(format!("`{path}` has changes that are not committed"))
                .help("commit them; or adopt into the files as they are, with `--config-repo DIR`")
        }))
    }

    /// Checks that the edited layers render to the workspace's values of these entries, and change nothing else.
    ///
    /// Returns the new findings, or the reason against the edit.
    fn judge(
        &self,
        draft: &Draft,
        accepted: &[(Unit, Vec<String>)],
        seen: &Candidates,
    ) -> Result<Result<Vec<Finding>, Refusal>, Failure> {
        match self.try_out(draft) {
            Ok((after, findings)) => {
                let known: HashSet<Identity> =
                    self.findings.iter().map(Finding::identity).collect();
                let new: Vec<&Finding> = findings
                    .iter()
                    .filter(|finding| !known.contains(&finding.identity()))
                    .collect();
                let bad = |finding: &&&Finding| {
                    finding.severity == Severity::Error
                        || finding.code.id == code::SECRET_LITERAL.id
                };
                if let Some(finding) = new.iter().find(bad) {
                    return Ok(Err(found(finding)));
                }
                if let Some(why) = self.differs(&after, accepted, seen) {
                    return Ok(Err(why));
                }
                Ok(Ok(new.into_iter().cloned().collect()))
            }
            Err(failure) if matches!(failure.kind, FailureKind::Usage | FailureKind::Findings) => {
                let why = failure.findings.first().map_or_else(
                    || {
                        Refusal::new(format!(
                            "the edited layers cannot be used: {}",
                            failure.message
                        ))
                    },
                    found,
                );
                Ok(Err(why))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Merges, checks and renders the edited layers. Fails when they have errors.
    fn try_out(&self, draft: &Draft) -> Result<(Renderings, Vec<Finding>), Failure> {
        let files = |home: Home| -> BTreeMap<String, Option<EditedFile>> {
            let of_home = draft.files.iter().filter(|(place, _)| place.home == home);
            of_home
                .map(|(place, content)| (place.path.clone(), content.as_ref().map(edited)))
                .collect()
        };
        let source = self.reopen()?.edited(files(Home::Repository));
        let repository = Repository::open(source)?;
        let of_user = files(Home::User);
        let machine = match &self.user_folder {
            Some(folder) if folder.is_dir() => {
                let source = ConfigSource::folder(folder)?;
                repository.user_layer_of(&source.edited(of_user))?
            }
            Some(folder) if !of_user.is_empty() => {
                repository.user_layer_of(&ConfigSource::planned(folder, of_user))?
            }
            _ => None,
        };
        let mut findings = match &machine {
            Some(layer) => repository.findings(&layer.diagnostics),
            None => Vec::new(),
        };
        let layered = Layered::new(&repository, &self.target.opened.scope, machine, self.mode)?;
        findings.extend(check::check(&repository, None)?.findings);
        Ok((layered.render(), findings))
    }

    /// Opens the current layers again, since the edited ones are read from the start.
    fn reopen(&self) -> Result<ConfigSource, Failure> {
        let source = match self.target.opened.repository.source.commit() {
            Some(commit) => ConfigSource::revision(self.folder, commit),
            None => ConfigSource::folder(self.folder),
        };
        Ok(source?)
    }

    /// Returns the reason against the edits when they render to something else than the workspace has; else `None`.
    fn differs(
        &self,
        after: &Renderings,
        accepted: &[(Unit, Vec<String>)],
        seen: &Candidates,
    ) -> Option<Refusal> {
        let mut expected = self.digests.get_or_init(|| digests(&self.target.renderings)).clone();
        let made = digests(after);
        for change in accepted.iter().flat_map(|(unit, _)| unit.changes()) {
            let name = (change.path.clone(), change.entry.clone());
            match seen.digest(change) {
                Some(digest) => expected.insert(name, digest),
                None => expected.remove(&name),
            };
        }
        let names = expected.keys().chain(made.keys());
        let different: Vec<String> = (names.filter(|name| expected.get(*name) != made.get(*name)))
            .map(|(path, entry)| format!("{path} {entry}").trim_end().to_owned())
            .collect();
        let is_adopted = |name: &str| {
            accepted
                .iter()
                .flat_map(|(unit, _)| unit.changes())
                .any(|change| format!("{} {}", change.path, change.entry).trim_end() == name)
        };
        if let Some(name) = different.first() {
            let reason = match is_adopted(name) {
                true => format!(
                    "rendering the edited layers would not give what the workspace has: {name}"
                ),
                false => format!("the edit would change something else too: {name}"),
            };
            return Some(Refusal::new(reason).help("edit the layer by hand"));
        }
        let is_new = |unrepresentable: &&Unrepresentable| {
            !self.target.renderings.personal.unrepresentable.iter().any(|known| {
                (&known.path, &known.entry, &known.message)
                    == (&unrepresentable.path, &unrepresentable.entry, &unrepresentable.message)
            })
        };
        let unrepresentable = after.personal.unrepresentable.iter().find(is_new)?;
        let entry = format!("{} {}", unrepresentable.path, unrepresentable.entry);
        let reason = format!(
            "then a part of the user layer could not be rendered: {}: {}",
            entry.trim_end(),
            unrepresentable.message
        );
        Some(Refusal::new(reason).help(unrepresentable.help.clone()))
    }

    /// Adds a hint about `exclude` when the entry comes from a pack.
    fn advised(&self, unit: Unit, why: Refusal, seen: &Candidates) -> (Unit, Refusal) {
        let part = unit.changes().find_map(|change| {
            let pack =
                self.target.opened.repository.packs().ok()?.by_source(seen.source(change)?)?;
            match change.key.segments() {
                [table, server] if &**table == "mcp_servers" => {
                    Some(format!("{}/mcp/{server}", pack.name))
                }
                _ => None,
            }
        });
        let why = match part {
            Some(part) => why
                .help(format!("write `exclude = [\"{part}\"]` into the layer that names the pack")),
            None => why,
        };
        (unit, why)
    }
}

/// Puts units together that are parts of one value or one folder: the keys of `settings.statusLine`, the files of a skill.
fn groups(units: impl Iterator<Item = Unit>) -> Vec<Vec<Unit>> {
    let mut groups: Vec<(String, Vec<Unit>)> = Vec::new();
    for unit in units {
        let name = group_of(unit.change.key.segments());
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(unit),
            None => groups.push((name, vec![unit])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Returns the name of the group of a key of a layer.
fn group_of<S: AsRef<str>>(key: &[S]) -> String {
    let parts: Vec<&str> = key.iter().take(2).map(AsRef::as_ref).collect();
    match parts.as_slice() {
        ["files", path] => {
            let folders: Vec<&str> = path.split('/').take(2).collect();
            format!("files/{}", folders.join("/"))
        }
        parts => parts.join("."),
    }
}

fn edited(content: &FileContent) -> EditedFile {
    EditedFile { bytes: content.bytes.clone(), executable: content.executable }
}

/// Returns the reason that a new finding is.
fn found(finding: &Finding) -> Refusal {
    let Finding { code, message, at, help, .. } = finding;
    let place = format!("{}:{}", at.file, at.place.line);
    Refusal {
        reason: format!("`check` would find {} at {place}: {message}", code.id),
        help: help.clone().unwrap_or_default(),
    }
}

/// Returns the digest of every entry of both renderings.
fn digests(renderings: &Renderings) -> Digests {
    let mut all = Digests::new();
    let cache = &mut DigestCache::default();
    for rendering in [&renderings.shared, &renderings.personal.rendering] {
        for file in Desired::new(rendering, cache).files() {
            let path = &file.file.path;
            let entries = file.entries.iter();
            all.extend(entries.map(|entry| ((path.clone(), entry.key.clone()), entry.digest)));
        }
    }
    all
}
