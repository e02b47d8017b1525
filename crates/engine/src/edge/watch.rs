//! Waits for changes of files, for signals, and for a time limit.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::{Config, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// How long nothing must change until a change counts as complete, since editors and git write several files in a row.
const QUIET_PERIOD: Duration = Duration::from_millis(100);

/// How long a series of changes is waited for at most.
const MAX_SETTLE_TIME: Duration = Duration::from_secs(2);

/// A folder to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchTarget {
    /// The folder.
    pub folder: PathBuf,
    /// How much of it.
    pub depth: Depth,
}

/// How much of a folder is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The entries of the folder itself.
    Children,
    /// The whole tree below it.
    Everything,
}

/// Why a wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WakeReason {
    /// These files changed; empty when the system lost track, and any file may have.
    Changed(BTreeSet<PathBuf>),
    /// The time limit is over.
    Elapsed,
    /// SIGINT: the person at the terminal ended the program.
    Interrupted,
    /// SIGTERM or SIGHUP.
    Terminated,
}

/// Why files cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch {what}: {source}")]
pub struct WatchError {
    what: String,
    source: notify::Error,
}

/// A watch on folders. Collects changes in the background, also while the program does other things.
pub struct Watch {
    watcher: RecommendedWatcher,
    watched: HashMap<PathBuf, Depth>,
    messages: Receiver<Message>,
}

enum Message {
    /// These files changed.
    Changed(Vec<PathBuf>),
    /// The system lost track: any file may have changed.
    Overflow,
    /// A signal arrived.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are no signals to be had"))]
    Stop(WakeReason),
}

impl Watch {
    /// Creates a watch on no folders, and handles signals: the first one ends a wait, the second one ends the program.
    ///
    /// Fails when the system cannot watch files.
    pub fn new() -> Result<Self, WatchError> {
        let (sender, messages) = channel();
        let events = sender.clone();
        let watcher = RecommendedWatcher::new(
            move |event: notify::Result<notify::Event>| {
                // Fails only when the program ends.
                let _ = events.send(match event {
                    Ok(event) if event.need_rescan() => Message::Overflow,
                    Ok(event) if matches!(event.kind, EventKind::Access(_)) => return,
                    Ok(event) => Message::Changed(event.paths),
                    Err(_) => Message::Overflow,
                });
            },
            Config::default().with_follow_symlinks(false),
        )
        .map_err(|source| WatchError { what: "files".to_owned(), source })?;
        signals(sender);
        Ok(Self { watcher, watched: HashMap::new(), messages })
    }

    /// Watches exactly these folders from now on; skips those that do not exist. Returns those that cannot be watched.
    pub fn follow(&mut self, folders: &[WatchTarget]) -> Vec<WatchError> {
        let gone = |(folder, depth): (&PathBuf, &Depth)| {
            let stays =
                folders.iter().any(|watched| watched.folder == *folder && watched.depth == *depth);
            (!stays || !folder.is_dir()).then(|| folder.clone())
        };
        let gone: Vec<PathBuf> = self.watched.iter().filter_map(gone).collect();
        for folder in gone {
            self.watched.remove(&folder);
            // Fails when the folder was removed.
            let _ = self.watcher.unwatch(&folder);
        }
        let mut errors = Vec::new();
        for WatchTarget { folder, depth } in folders {
            if self.watched.contains_key(folder) || !folder.is_dir() {
                continue;
            }
            let mode = match depth {
                Depth::Children => RecursiveMode::NonRecursive,
                Depth::Everything => RecursiveMode::Recursive,
            };
            match self.watcher.watch(folder, mode) {
                Ok(()) => drop(self.watched.insert(folder.clone(), *depth)),
                Err(source) => {
                    errors.push(WatchError { what: format!("`{}`", folder.display()), source });
                }
            }
        }
        errors
    }

    /// Waits until a path changes for which `counts` returns true, a signal arrives, or the time limit is over.
    pub fn wait(&self, limit: Duration, counts: impl Fn(&Path) -> bool) -> WakeReason {
        let due = Instant::now() + limit;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(Message::Stop(why)) => return why,
                Ok(Message::Overflow) => return WakeReason::Changed(BTreeSet::new()),
                Ok(Message::Changed(paths)) => {
                    let paths: BTreeSet<PathBuf> =
                        paths.into_iter().filter(|path| counts(path)).collect();
                    if !paths.is_empty() {
                        return self.settle(paths, counts);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return WakeReason::Elapsed,
                // Cannot happen while the watcher exists; then only the time limit ends the wait.
                Err(RecvTimeoutError::Disconnected) => {
                    std::thread::sleep(left);
                    return WakeReason::Elapsed;
                }
            }
        }
    }

    /// Waits until a series of changes is complete.
    fn settle(&self, mut paths: BTreeSet<PathBuf>, counts: impl Fn(&Path) -> bool) -> WakeReason {
        let end = Instant::now() + MAX_SETTLE_TIME;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(QUIET_PERIOD.min(left)) {
                Ok(Message::Stop(why)) => return why,
                Ok(Message::Overflow) => {}
                Ok(Message::Changed(more)) => {
                    paths.extend(more.into_iter().filter(|path| counts(path)));
                }
                Err(_) => return WakeReason::Changed(paths),
            }
        }
    }
}

/// Sends signals to the watch.
#[cfg(unix)]
fn signals(sender: Sender<Message>) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    // On failure a signal ends the program at once, which loses nothing.
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else {
        return;
    };
    std::thread::spawn(move || {
        let mut asked = false;
        for signal in signals.forever() {
            if asked {
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
            asked = true;
            let why =
                if signal == SIGINT { WakeReason::Interrupted } else { WakeReason::Terminated };
            let _ = sender.send(Message::Stop(why));
        }
    });
}

/// Does nothing: this system ends the program itself.
#[cfg(not(unix))]
fn signals(_sender: Sender<Message>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "files that the test is about")]
    fn changes_are_seen_and_the_rest_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("deep")).expect("a folder");
        let mut watch = Watch::new().expect("a watch");
        let watched = |depth| [WatchTarget { folder: folder.path().to_path_buf(), depth }];
        assert!(watch.follow(&watched(Depth::Children)).is_empty());
        let counts = |path: &Path| path.extension().is_none_or(|ending| ending != "tmp");
        let long = Duration::from_secs(60);
        let write = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "x").expect("the file");
            path
        };
        write("a.tmp");
        write("deep/b");
        let seen = write("c");
        let WakeReason::Changed(paths) = watch.wait(long, counts) else { panic!("a change") };
        assert_eq!(paths, BTreeSet::from([seen]));
        assert_eq!(watch.wait(Duration::ZERO, counts), WakeReason::Elapsed);
        assert!(watch.follow(&watched(Depth::Everything)).is_empty());
        let deep = write("deep/d");
        let WakeReason::Changed(paths) = watch.wait(long, counts) else { panic!("a change") };
        assert_eq!(paths, BTreeSet::from([deep]));
        assert!(watch.follow(&[]).is_empty());
        write("e");
        assert_eq!(watch.wait(Duration::ZERO, counts), WakeReason::Elapsed);
    }
}
