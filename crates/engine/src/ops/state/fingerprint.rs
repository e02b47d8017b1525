//! Records what the files of a workspace depend on, so that a hook can tell that nothing has changed.

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
use crate::ops::repository::locate::SourceKey;
use claude_env_core::fingerprint::{
    Dependency, FileStamp, Fingerprint, FingerprintBuilder, Timestamp, digest,
};
use claude_env_core::layer::{BINDING_FILE, MANIFEST_FILE};
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{LOCAL_LOCK_FILE, LOCK_FILE, PENDING_SUFFIX};

/// What a run observed in a workspace.
#[derive(Debug)]
pub struct Observed<'a> {
    /// Every path of the workspace that its plans are about.
    pub paths: &'a [RepoPath],
    /// Other paths that the result depends on; links in them are followed.
    pub other_paths: Vec<PathBuf>,
    /// What is left as it is, line by line.
    pub left: Vec<String>,
    /// Whether `left` has all differences; false when the configuration looks for foreign entries.
    pub all_reported: bool,
    /// Whether the next run would observe the same; false when something could not be read, or git was asked.
    pub cacheable: bool,
}

/// Returns the digest of what a run reports as left, by which the next run knows it again.
pub fn report_digest(left: &[String]) -> String {
    digest(left.iter().map(String::as_str))
}

/// The fingerprint of one workspace in its folder, with the notes that runs leave for the next ones.
#[derive(Debug, PartialEq, Eq)]
pub struct FingerprintStore<'w> {
    root: &'w Path,
    folder: PathBuf,
}

impl<'w> FingerprintStore<'w> {
    /// Returns the store of a workspace that is the root of an ordinary repository. Does no IO.
    pub fn in_repository(root: &'w Path) -> Self {
        Self { root, folder: edge::default_folder(root) }
    }

    /// Finds the store of a workspace; `None` when there is neither a git directory nor a home, or a path is not UTF-8.
    pub fn find(root: &'w Path, env: &Env) -> Option<Self> {
        Some(Self { root, folder: edge::folder(root, env)? })
    }

    /// Returns true when nothing has changed since the fingerprint was recorded, so that a sync would find nothing to do and
    /// nothing new to report. False without a fingerprint.
    pub fn holds(&self, env: &Env) -> bool {
        let Ok(freshness) = env.freshness() else { return false };
        self.read(|fingerprint| edge::holds(fingerprint, self.root, env, freshness))
            .unwrap_or_default()
    }

    /// Returns true when the fingerprint holds, and the workspace had no difference when it was recorded.
    pub fn is_clean(&self, env: &Env) -> bool {
        let Ok(freshness) = env.freshness() else { return false };
        self.read(|fingerprint| {
            fingerprint.is_clean() && edge::holds(fingerprint, self.root, env, freshness)
        })
        .unwrap_or_default()
    }

    /// Returns true when the workspace had no difference, and its configuration, binding and locks are unchanged. The files that
    /// were written are not looked at. `freshness` is how old a mirror may be.
    pub fn is_clean_except_files(&self, env: &Env, freshness: Duration) -> bool {
        self.read(|fingerprint| {
            let inputs = CurrentInputs::new(self.root, env, freshness);
            fingerprint.is_clean()
                && fingerprint
                    .dependencies()
                    .all(|dependency| is_written_file(&dependency) || inputs.holds(dependency))
        })
        .unwrap_or_default()
    }

    /// Returns the digest of what was reported last as left; `None` without a fingerprint.
    pub fn reported(&self) -> Option<String> {
        self.read(|fingerprint| fingerprint.reported().to_owned())
    }

    /// Calls a function with the fingerprint; `None` when there is none, or it is damaged.
    fn read<T>(&self, look: impl FnOnce(&Fingerprint<'_>) -> T) -> Option<T> {
        let text = edge::read(&self.folder)?;
        Fingerprint::parse(&text).map(|fingerprint| look(&fingerprint))
    }

    /// Asks the sync that is running in the workspace to start again when it is done.
    pub fn request_rerun(&self) {
        edge::request_rerun(&self.folder);
    }

    /// Removes such a request, and returns whether there was one.
    pub fn take_rerun_request(&self) -> bool {
        edge::take_rerun_request(&self.folder)
    }

    /// Stores that a person rolled back this revision of the configuration, so that hooks do not apply it again.
    pub fn hold_revision(&self, revision: &str) {
        if revision.is_empty() {
            return;
        }
        if let Err(error) = edge::hold_revision(&self.folder, revision) {
            let folder = self.folder.display();
            tracing::info!(
                "hooks will not know of the rollback: cannot write to `{folder}`: {error}"
            );
        }
    }

    /// Returns true when a person rolled back the revision that this configuration was read at.
    pub fn is_held(&self, opened: &Opened) -> bool {
        let held = edge::held_revision(&self.folder);
        held.is_some() && held.as_deref() == opened.repository.source.commit()
    }

    /// Records that a hook reports this revision of the configuration. Returns false when a hook has reported it before.
    pub fn reports_first(&self, revision: &str) -> bool {
        if edge::reported_revision(&self.folder).as_deref() == Some(revision) {
            return false;
        }
        if let Err(error) = edge::note_reported_revision(&self.folder, revision) {
            let folder = self.folder.display();
            tracing::info!(
                "hooks will report the revision again: cannot write to `{folder}`: {error}"
            );
        }
        true
    }

    /// Records what was reported to a person, in a fingerprint that does not hold.
    pub fn record_report(&self, env: &Env, reported: &str) {
        let mut builder = FingerprintBuilder::new(run_start(env), reported, false);
        builder.mark_volatile();
        let _ = edge::write(&self.folder, &builder.finish(), run_start(env));
    }

    /// Records the fingerprint of a run. `reached` is the root of the workspace as the run opened it.
    ///
    /// Call this before the run releases its lock: what others write after that must change the fingerprint.
    pub fn record(&self, opened: &Opened, reached: &mut Root, env: &Env, observed: &Observed<'_>) {
        edge::clear_held_revision(&self.folder);
        let reported = report_digest(&observed.left);
        let clean = observed.all_reported && observed.left.is_empty();
        let builder = FingerprintBuilder::new(run_start(env), &reported, clean);
        let mut recorder = Recorder { builder, root: self.root, reached };
        recorder.all(opened, env, observed);
        if let Err(error) = edge::write(&self.folder, &recorder.builder.finish(), run_start(env)) {
            tracing::info!("no fingerprint in `{}`: {error}", self.folder.display());
        }
    }
}

/// Returns true for a dependency on a file that a sync writes, or on a folder of such files.
fn is_written_file(dependency: &Option<Dependency<'_>>) -> bool {
    let Some(Dependency::Path { path, .. }) = dependency else { return false };
    let ours = [BINDING_FILE, LOCK_FILE, LOCAL_LOCK_FILE];
    let ours = ours.contains(&path.strip_suffix(PENDING_SUFFIX).unwrap_or(path));
    !ours && Path::new(path).is_relative()
}

/// Returns when the run began, in the units of file systems.
fn run_start(env: &Env) -> Timestamp {
    Timestamp {
        seconds: i64::try_from(env.began.as_secs()).unwrap_or(i64::MAX),
        nanos: env.began.subsec_nanos().into(),
    }
}

/// Collects the dependencies of a run.
struct Recorder<'a> {
    builder: FingerprintBuilder,
    root: &'a Path,
    /// The same folder, as the run opened it.
    reached: &'a mut Root,
}

impl Recorder<'_> {
    /// Adds everything that the run depends on.
    fn all(&mut self, opened: &Opened, env: &Env, observed: &Observed<'_>) {
        if !observed.cacheable {
            self.builder.mark_volatile();
            return;
        }
        for (key, value) in edge::values(env) {
            match value {
                Some(value) => self.builder.value(key, &value),
                None => self.builder.mark_volatile(),
            }
        }
        self.configuration(opened);
        self.workspace(observed.paths);
        for path in &observed.other_paths {
            self.path(path, true, false);
        }
    }

    /// Adds where the config repository is, and what decides what is read there.
    fn configuration(&mut self, opened: &Opened) {
        match &opened.source_key {
            SourceKey::Options => self.builder.mark_volatile(),
            SourceKey::Folder => {}
            SourceKey::Name { repository, name, mirror } => {
                if let Some(folder) = mirror {
                    match folder.to_str() {
                        Some(folder) => self.builder.fresh(folder),
                        None => self.builder.mark_volatile(),
                    }
                }
                self.revision(opened, repository, name);
            }
            SourceKey::Bare(repository) => {
                // With this file in it, the repository would be read as a folder.
                self.path(&repository.join(MANIFEST_FILE), true, false);
                self.revision(opened, repository, "HEAD");
            }
        }
        for accessed in opened.repository.accessed_paths() {
            self.path(&accessed.path, accessed.traversed, accessed.traversed);
        }
    }

    /// Adds the files that decide which commit a name means.
    fn revision(&mut self, opened: &Opened, repository: &Path, name: &str) {
        let commit = opened.repository.source.commit().unwrap_or_default();
        match ResolvedRef::new(repository, name) {
            // Resolved only now, so that a change during the run is noticed.
            Ok(Some(resolved)) if is_commit(repository, &resolved.id, commit) => {
                self.resolved_ref(&resolved);
            }
            _ => self.builder.mark_volatile(),
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
                Some(text) => self.builder.text(text, read_short(path).as_deref()),
                None => self.builder.mark_volatile(),
            }
        }
    }

    /// Adds the binding, the locks, the files that a sync writes, and their parent folders.
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

    /// Adds a path of the workspace; for a link, its target too.
    fn below(&mut self, path: &str, identity: bool) {
        let stamp = self.reached.file_stamp(path, identity);
        let stamp = self.add(path, false, stamp);
        if stamp.is_some_and(FileStamp::is_link) {
            self.add(path, true, file_stamp(&self.root.join(path), true, identity));
        }
    }

    /// Adds a path outside of the workspace.
    fn path(&mut self, path: &Path, follow: bool, identity: bool) {
        // The next run may be started in another folder.
        let absolute = std::path::absolute(path).ok();
        match absolute.as_deref().and_then(Path::to_str) {
            Some(text) => {
                self.add(text, follow, file_stamp(path, follow, identity));
            }
            None => self.builder.mark_volatile(),
        }
    }

    /// Adds a path with its stamp, and returns the stamp. Without a stamp the fingerprint will not hold.
    fn add(&mut self, text: &str, follow: bool, stamp: Option<FileStamp>) -> Option<FileStamp> {
        match stamp {
            Some(stamp) => self.builder.path(text, follow, stamp),
            None => self.builder.mark_volatile(),
        }
        stamp
    }
}

/// Returns true when an object is this commit, or a tag of it.
fn is_commit(repository: &Path, id: &str, commit: &str) -> bool {
    id == commit
        || ConfigSource::revision(repository, id).is_ok_and(|tag| tag.commit() == Some(commit))
}
