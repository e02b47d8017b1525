//! Stamping a workspace: noting all that its files depend on, so that a hook can tell that nothing has changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::edge::config_source::ConfigSource;
use crate::edge::env::Env;
use crate::edge::file_stamp::{file_stamp, read_short};
use crate::edge::fingerprint::{self as edge, CurrentInputs};
use crate::edge::fs::Root;
use crate::edge::git::ResolvedRef;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{SourceKey, Workspace};
use claude_env_core::fingerprint::{
    Dependency, FileStamp, Fingerprint, FingerprintBuilder, Timestamp,
};
use claude_env_core::layer::{BINDING_FILE, MANIFEST_FILE};
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{LOCAL_LOCK_FILE, LOCK_FILE, PENDING_SUFFIX};

/// What a run saw of a workspace.
#[derive(Debug)]
pub struct Saw<'a> {
    /// Every path of the workspace that its plans are about.
    pub paths: &'a [RepoPath],
    /// What else was looked at, links followed.
    pub others: Vec<PathBuf>,
    /// What is left as it is, line by line.
    pub left: Vec<String>,
    /// Whether what differs is all among that: not so where the team watches for what is foreign.
    pub all_told: bool,
    /// Whether looking again would show the same. Not so where something could not be read, or git was asked.
    pub settled: bool,
}

/// Whether nothing has changed since a workspace that is an ordinary repository was stamped: a run would find nothing to do, and
/// nothing new to say. `false` for any other folder.
pub fn holds_at_usual(root: &Path, env: &Env) -> bool {
    holds_in(&edge::default_folder(root), root, env)
}

/// The same for a workspace that is not; `false` for one that is.
pub fn holds_elsewhere(root: &Path, start: &Path, env: &Env) -> bool {
    edge::folder(root, env)
        .filter(|folder| *folder != edge::default_folder(root) || root != start)
        .is_some_and(|folder| holds_in(&folder, root, env))
}

/// The same for a workspace wherever it lies.
pub fn holds_for(root: &Path, env: &Env) -> bool {
    edge::folder(root, env).is_some_and(|folder| holds_in(&folder, root, env))
}

/// Whether nothing has changed since the workspace was stamped, when nothing in it differed from what it should be.
pub fn is_clean(root: &Path, env: &Env) -> bool {
    let Ok(freshness) = env.freshness() else { return false };
    said(root, env, |stamp| stamp.is_clean() && edge::holds(stamp, root, env, freshness))
}

/// The same for all but the files that were written: the configuration, the binding and the locks. A mirror may be this old.
pub fn is_clean_beside_files(root: &Path, env: &Env, freshness: Duration) -> bool {
    said(root, env, |stamp| {
        let inputs = CurrentInputs::new(root, env, freshness);
        stamp.is_clean()
            && stamp.dependencies().all(|claim| is_about_a_file(&claim) || inputs.holds(claim))
    })
}

/// Whether a claim is about a file that was written into the workspace, or a folder of it.
fn is_about_a_file(claim: &Option<Dependency<'_>>) -> bool {
    let Some(Dependency::Path { path, .. }) = claim else { return false };
    let ours = [BINDING_FILE, LOCK_FILE, LOCAL_LOCK_FILE];
    let ours = ours.contains(&path.strip_suffix(PENDING_SUFFIX).unwrap_or(path));
    !ours && Path::new(path).is_relative()
}

fn said(root: &Path, env: &Env, about: impl Fn(&Fingerprint<'_>) -> bool) -> bool {
    let text = edge::folder(root, env).and_then(|folder| edge::read(&folder));
    text.as_deref().and_then(Fingerprint::parse).is_some_and(|stamp| about(&stamp))
}

fn holds_in(folder: &Path, root: &Path, env: &Env) -> bool {
    let Ok(freshness) = env.freshness() else { return false };
    let text = edge::read(folder);
    let stamp = text.as_deref().and_then(Fingerprint::parse);
    stamp.is_some_and(|stamp| edge::holds(&stamp, root, env, freshness))
}

/// What a person was told last that is left as it is; `None` if that is not known.
pub fn told(root: &Path, env: &Env) -> Option<String> {
    let text = edge::read(&edge::folder(root, env)?)?;
    Fingerprint::parse(&text).map(|stamp| stamp.reported().to_owned())
}

/// Asks the run that is under way in a workspace to begin anew when it is done.
pub fn ask_for_another(root: &Path, env: &Env) {
    if let Some(folder) = edge::folder(root, env) {
        edge::request_rerun(&folder);
    }
}

/// Whether that was asked for since this was called last.
pub fn another_was_asked_for(root: &Path, env: &Env) -> bool {
    edge::folder(root, env).is_some_and(|folder| edge::take_rerun_request(&folder))
}

/// Notes that a person took this revision of the configuration back: hooks do not bring it again.
pub fn hold(root: &Path, env: &Env, revision: &str) {
    let Some(folder) = edge::folder(root, env).filter(|_| !revision.is_empty()) else { return };
    if let Err(error) = edge::hold_revision(&folder, revision) {
        tracing::info!("a rollback that hooks do not know of, `{}`: {error}", folder.display());
    }
}

/// Whether a person took back what would be brought now.
pub fn is_held(opened: &Opened, root: &Path, env: &Env) -> bool {
    let held = edge::folder(root, env).and_then(|folder| edge::held_revision(&folder));
    held.is_some() && held.as_deref() == opened.repository.source.commit()
}

/// Notes that a hook reports this revision; false when one has reported it before.
pub fn reports_first(root: &Path, env: &Env, revision: &str) -> bool {
    let Some(folder) = edge::folder(root, env) else { return true };
    if edge::reported_revision(&folder).as_deref() == Some(revision) {
        return false;
    }
    if let Err(error) = edge::note_reported_revision(&folder, revision) {
        tracing::info!("not noted what was reported, in `{}`: {error}", folder.display());
    }
    true
}

/// Notes what a person was told, and nothing to be relied on.
pub fn note_told(root: &Path, env: &Env, told: &str) {
    let Some(folder) = edge::folder(root, env) else { return };
    let mut draft = FingerprintBuilder::new(began(env), told, false);
    draft.mark_volatile();
    let _ = edge::write(&folder, &draft.finish(), began(env));
}

/// Stamps a workspace after a run. Comes before the run lets others write.
pub fn note(opened: &Opened, workspace: &Workspace, reached: &mut Root, env: &Env, saw: &Saw<'_>) {
    let root = &workspace.root;
    let Some(folder) = edge::folder(root, env) else { return };
    edge::clear_held_revision(&folder);
    let text = draft(opened, root, reached, env, saw).finish();
    if let Err(error) = edge::write(&folder, &text, began(env)) {
        tracing::info!("no stamp in `{}`: {error}", folder.display());
    }
}

/// When the run began, as file systems count time.
fn began(env: &Env) -> Timestamp {
    Timestamp {
        seconds: i64::try_from(env.began.as_secs()).unwrap_or(i64::MAX),
        nanos: env.began.subsec_nanos().into(),
    }
}

fn draft(
    opened: &Opened,
    root: &Path,
    reached: &mut Root,
    env: &Env,
    saw: &Saw<'_>,
) -> FingerprintBuilder {
    let told = claude_env_core::fingerprint::digest(saw.left.iter().map(String::as_str));
    let clean = saw.all_told && saw.left.is_empty();
    let draft = FingerprintBuilder::new(began(env), &told, clean);
    let mut notes = Notes { draft, root, reached };
    if !saw.settled {
        notes.draft.mark_volatile();
        return notes.draft;
    }
    for (key, value) in edge::values(env) {
        match value {
            Some(value) => notes.draft.value(key, &value),
            None => notes.draft.mark_volatile(),
        }
    }
    notes.configuration(opened);
    notes.workspace(saw.paths);
    for path in &saw.others {
        notes.path(path, true, false);
    }
    notes.draft
}

struct Notes<'a> {
    draft: FingerprintBuilder,
    root: &'a Path,
    /// The same folder, as the run reached into it.
    reached: &'a mut Root,
}

impl Notes<'_> {
    /// Where the config repository is read, and what decides what is read there.
    fn configuration(&mut self, opened: &Opened) {
        match &opened.source_key {
            SourceKey::Options => self.draft.mark_volatile(),
            SourceKey::Folder => {}
            SourceKey::Name { repository, name, mirror } => {
                if let Some(folder) = mirror {
                    match folder.to_str() {
                        Some(folder) => self.draft.fresh(folder),
                        None => self.draft.mark_volatile(),
                    }
                }
                self.name(opened, repository, name);
            }
            SourceKey::Bare(repository) => {
                // With this file in it, it would be a folder to read.
                self.path(&repository.join(MANIFEST_FILE), true, false);
                self.name(opened, repository, "HEAD");
            }
        }
        for accessed in opened.repository.accessed_paths() {
            self.path(&accessed.path, accessed.traversed, accessed.traversed);
        }
    }

    /// What decides which commit a name stands for.
    fn name(&mut self, opened: &Opened, repository: &Path, name: &str) {
        let commit = opened.repository.source.commit().unwrap_or_default();
        match ResolvedRef::new(repository, name) {
            // Asked for only now, so that whatever came between is seen.
            Ok(Some(resolved)) if stands_for(repository, &resolved.id, commit) => {
                self.resolved_ref(&resolved);
            }
            _ => self.draft.mark_volatile(),
        }
    }

    fn resolved_ref(&mut self, resolved: &ResolvedRef) {
        for path in &resolved.repository_paths {
            self.path(path, true, true);
        }
        for path in &resolved.paths {
            self.path(path, true, false);
        }
        for path in &resolved.texts {
            match path.to_str() {
                Some(text) => self.draft.text(text, read_short(path).as_deref()),
                None => self.draft.mark_volatile(),
            }
        }
    }

    /// The binding, the locks, the files that are ours, and the folders on the way to them.
    fn workspace(&mut self, paths: &[RepoPath]) {
        self.below(BINDING_FILE, false);
        for lock in [LOCK_FILE, LOCAL_LOCK_FILE] {
            self.below(lock, false);
            self.below(&format!("{lock}{PENDING_SUFFIX}"), false);
        }
        let mut folders = BTreeSet::new();
        for path in paths {
            self.below(path.as_str(), false);
            let mut parent = path.parent();
            while let Some(folder) = parent.filter(|folder| folders.insert(*folder)) {
                parent = folder.rsplit_once('/').map(|(above, _)| above);
            }
        }
        for folder in folders {
            self.below(folder, true);
        }
    }

    fn below(&mut self, path: &str, identity: bool) {
        let seen = self.reached.file_stamp(path, identity);
        let seen = self.noted(path, false, seen);
        if seen.is_some_and(FileStamp::is_link) {
            self.noted(path, true, file_stamp(&self.root.join(path), true, identity));
        }
    }

    /// Notes a path outside of the workspace.
    fn path(&mut self, path: &Path, follow: bool, identity: bool) {
        // It is read from another folder later, perhaps.
        let absolute = std::path::absolute(path).ok();
        match absolute.as_deref().and_then(Path::to_str) {
            Some(text) => {
                self.noted(text, follow, file_stamp(path, follow, identity));
            }
            None => self.draft.mark_volatile(),
        }
    }

    fn noted(&mut self, text: &str, follow: bool, seen: Option<FileStamp>) -> Option<FileStamp> {
        match seen {
            Some(seen) => self.draft.path(text, follow, seen),
            None => self.draft.mark_volatile(),
        }
        seen
    }
}

/// Whether an object is a commit, or a tag of it.
fn stands_for(repository: &Path, id: &str, commit: &str) -> bool {
    id == commit
        || ConfigSource::revision(repository, id).is_ok_and(|tag| tag.commit() == Some(commit))
}
