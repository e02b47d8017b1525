//! A file that becomes a folder, and a folder that becomes a file: one change, carried out or left whole.

use std::collections::{BTreeMap, BTreeSet};

use super::actual::{Actual, ActualFile, Obstacle};
use super::class::Decision;
use super::comparison::Comparison;
use super::entry::{Desired, EntryKey};
use super::file_comparison::FileComparison;
use super::lock_state::LockState;
use super::problem::{Problem, ProblemKind};
use crate::source::RepoPath;

impl Comparison<'_> {
    /// Returns true if the plan removes the file at a path: it is one of ours that is no longer configured, as we wrote it.
    fn removes(&self, path: &RepoPath) -> bool {
        let mut states = self.states.iter().filter(|state| state.path == *path).peekable();
        states.peek().is_some()
            && states.all(|state| {
                state.key == EntryKey::File
                    && state.desired.is_none()
                    && state.class.decision(self.policy) == Decision::Apply
            })
    }
}

/// Compares the files anew in whose place other files are that the plan removes.
///
/// Where it removes only some of them, they all stay: each is a problem of its own.
pub(super) fn make_room<'r>(
    comparison: &mut Comparison<'r>,
    desired: &Desired<'r>,
    lock: &LockState,
    actual: &Actual,
) {
    let blocked: Vec<(RepoPath, &Obstacle)> = (comparison.problems.iter())
        .filter(|problem| desired.get(&problem.path).is_some())
        .filter_map(|problem| match actual.get(&problem.path) {
            ActualFile::Unusable { obstacle: Some(obstacle), .. } => {
                Some((problem.path.clone(), obstacle))
            }
            _ => None,
        })
        .collect();
    if blocked.is_empty() {
        return;
    }
    let removed: BTreeSet<RepoPath> = (blocked.iter())
        .flat_map(|(_, obstacle)| obstacle.files())
        .filter(|path| comparison.removes(path))
        .cloned()
        .collect();
    let mut kept: BTreeMap<RepoPath, RepoPath> = BTreeMap::new();
    let policy = comparison.policy;
    for (path, obstacle) in blocked {
        if !obstacle.files().iter().all(|file| removed.contains(file)) {
            kept.extend(obstacle.files().iter().map(|file| (file.clone(), path.clone())));
            continue;
        }
        let file = FileComparison { path: &path, desired: desired.get(&path), lock, policy };
        if let Ok(states) = file.compare(&ActualFile::Missing) {
            comparison.problems.retain(|problem| problem.path != path);
            comparison.states.extend(states);
        }
    }
    let stays = |path: &RepoPath| removed.contains(path) && kept.contains_key(path);
    comparison.states.retain(|state| !stays(&state.path));
    for (path, instead) in kept.iter().filter(|(path, _)| removed.contains(path)) {
        comparison.problems.push(Problem {
            path: path.clone(),
            line: None,
            message: format!("is not removed, because `{instead}` cannot take its place"),
            help: format!("see what is said about `{instead}`, then run `claude-env sync`"),
            kind: ProblemKind::NotAFile,
        });
    }
    comparison.states.sort_by(|a, b| a.path.cmp(&b.path));
    comparison.problems.sort();
}

impl Obstacle {
    /// Returns the files that stand in the way.
    pub(super) fn files(&self) -> &[RepoPath] {
        match self {
            Self::File(file) => std::slice::from_ref(file),
            Self::Folder(files) => files,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Action, DigestCache, Header, LOCK_FILE, Lock, Plan, Policy, compare};
    use super::*;
    use crate::render::{Part, RenderedFile, Rendering};

    fn path(text: &str) -> RepoPath {
        RepoPath::parse(text).expect("a path")
    }

    const FILE: &str = ".claude/skills/s/ref";
    const BELOW: [&str; 2] = [".claude/skills/s/ref/a", ".claude/skills/s/ref/b/c"];

    fn rendering(paths: &[&str]) -> Rendering {
        let files = paths.iter().map(|name| RenderedFile {
            path: path(name),
            part: Part::Whole { bytes: Arc::from(name.as_bytes()), executable: false },
            origins: Arc::default(),
        });
        Rendering { files: files.collect() }
    }

    fn bytes(text: &str) -> ActualFile {
        ActualFile::Bytes { bytes: text.as_bytes().to_vec(), executable: false }
    }

    fn unusable(obstacle: Option<Obstacle>) -> ActualFile {
        let kind = ProblemKind::NotAFile;
        let (reason, help) = ("is in the way".to_owned(), "help".to_owned());
        ActualFile::Unusable { kind, reason, help, obstacle }
    }

    /// The changes of a plan as `create PATH` and so on, and the paths of its problems.
    fn plan(
        was: &[&str],
        wanted: &[&str],
        actual: Vec<(&str, ActualFile)>,
    ) -> (Vec<String>, Vec<String>) {
        let (was, wanted) = (rendering(was), rendering(wanted));
        let lock = Lock::of(Header::default(), &Desired::new(&was, &mut DigestCache::default()));
        let text = lock.to_text();
        let desired = Desired::new(&wanted, &mut DigestCache::default());
        let ledger =
            LockState::read(LOCK_FILE, Some(text.as_bytes()), None, Lock::default).expect("a lock");
        let actual: Actual = actual.into_iter().map(|(name, file)| (path(name), file)).collect();
        let comparison = compare(&desired, &ledger, &actual, Policy::Keep);
        let plan = Plan::new(&desired, &ledger, &actual, &comparison, Header::default());
        let change =
            |change: &super::super::FileChange| format!("{} {}", change.action.word(), change.path);
        assert!(plan.changes.iter().all(|change| !matches!(change.action, Action::Update { .. })));
        (
            plan.changes.iter().map(change).collect(),
            plan.problems.iter().map(|problem| problem.path.to_string()).collect(),
        )
    }

    fn folder() -> ActualFile {
        unusable(Some(Obstacle::Folder(BELOW.map(path).to_vec())))
    }

    fn file() -> ActualFile {
        unusable(Some(Obstacle::File(path(FILE))))
    }

    #[test]
    fn a_file_becomes_a_folder_and_back() {
        let there = vec![(FILE, bytes(FILE)), (BELOW[0], file()), (BELOW[1], file())];
        let (changes, problems) = plan(&[FILE], &BELOW, there);
        let create = BELOW.map(|path| format!("create {path}"));
        assert_eq!(changes, [&create[..], &[format!("delete {FILE}")]].concat());
        assert_eq!(problems, Vec::<String>::new());

        let below = BELOW.map(|path| (path, bytes(path)));
        let there = below.into_iter().chain([(FILE, folder())]).collect();
        let (changes, problems) = plan(&BELOW, &[FILE], there);
        let delete = BELOW.map(|path| format!("delete {path}"));
        assert_eq!(changes, [&[format!("create {FILE}")], &delete[..]].concat());
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_done_whole_is_not_begun() {
        // A person changed one of the files in the folder.
        let there = vec![(BELOW[0], bytes("mine")), (BELOW[1], bytes(BELOW[1])), (FILE, folder())];
        let (changes, problems) = plan(&BELOW, &[FILE], there);
        assert_eq!((changes, problems), (vec![], vec![FILE.to_owned(), BELOW[1].to_owned()]));

        // A person has a file there.
        let foreign = path(".claude/skills/s/ref/mine");
        let files = BELOW.map(path).into_iter().chain([foreign]).collect();
        let below = BELOW.map(|path| (path, bytes(path)));
        let mine = unusable(Some(Obstacle::Folder(files)));
        let (changes, problems) =
            plan(&BELOW, &[FILE], below.into_iter().chain([(FILE, mine)]).collect());
        assert_eq!(changes, Vec::<String>::new());
        assert_eq!(problems, [FILE, BELOW[0], BELOW[1]]);

        // A person changed the file that becomes a folder.
        let there = vec![(FILE, bytes("mine")), (BELOW[0], file()), (BELOW[1], file())];
        let (changes, problems) = plan(&[FILE], &BELOW, there);
        assert_eq!((changes, problems), (vec![], BELOW.map(str::to_owned).to_vec()));

        // Something else is there, such as a link.
        let (changes, problems) = plan(&[], &[FILE], vec![(FILE, unusable(None))]);
        assert_eq!((changes, problems), (vec![], vec![FILE.to_owned()]));
    }
}
