//! Bringing a folder to a rendering: what `sync`, `init` and `render` share.

use std::path::Path;

use super::Failure;
use crate::edge::fs::{FsError, Root};
use crate::layer::Scope;
use crate::render::Rendering;
use crate::source::RepoPath;
use crate::workspace::{
    Actual, Desired, DigestCache, Header, LOCK_FILE, Ledger, Lock, PENDING_SUFFIX, Plan, Side,
    compare, is_settled, paths,
};

/// Where a rendering comes from, for the lock.
#[derive(Clone, Debug)]
pub(crate) struct Provenance<'a> {
    /// The config repository as the binding names it.
    pub(crate) repository: &'a str,
    /// The commit that was read; empty for a folder as it stands.
    pub(crate) revision: &'a str,
    pub(crate) scope: &'a Scope,
    /// Whether the files are kept out of git.
    pub(crate) local: bool,
}

/// A rendering beside what a folder has and what was written there last: all that a plan is made of.
#[derive(Debug)]
pub(crate) struct Prepared<'r> {
    desired: Desired<'r>,
    ledger: Ledger,
    actual: Actual,
    header: Header,
}

impl<'r> Prepared<'r> {
    /// Reads what a plan is made of. `file` is the name of the lock.
    pub(crate) fn read(
        root: &mut Root,
        file: &str,
        rendering: &'r Rendering,
        provenance: &Provenance<'_>,
        digests: &mut DigestCache,
    ) -> Result<Self, Failure> {
        let desired = Desired::new(rendering, digests);
        let header = header(provenance);
        let ledger = ledger(root, file, &Lock::of(header.clone(), &desired))?;
        let actual = root.read_all(paths(&desired, &ledger));
        Ok(Self { desired, ledger, actual, header })
    }

    /// What was written last.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Every path that a plan is about.
    pub(crate) fn paths(&self) -> Vec<RepoPath> {
        paths(&self.desired, &self.ledger)
    }

    /// Has a file left alone.
    pub(crate) fn refuse(&mut self, path: RepoPath, reason: String, help: String) {
        self.actual.refuse(path, reason, help);
    }

    /// The plan.
    pub(crate) fn plan(&self) -> Plan {
        if is_settled(&self.desired, &self.ledger, &self.actual) {
            return Plan::nothing(&self.ledger);
        }
        let comparison = compare(&self.desired, &self.ledger, &self.actual);
        Plan::new(&self.desired, &self.ledger, &self.actual, comparison, self.header.clone())
    }
}

/// Plans how to bring a folder to a rendering. Reads, and writes nothing.
pub(crate) fn plan(
    root: &mut Root,
    rendering: &Rendering,
    provenance: &Provenance<'_>,
    digests: &mut DigestCache,
) -> Result<Plan, Failure> {
    Ok(Prepared::read(root, LOCK_FILE, rendering, provenance, digests)?.plan())
}

/// Compares a folder with a rendering, and looks for what is foreign at the paths of `watched`. Writes nothing.
///
/// `file` is the name of the lock.
pub(crate) fn side<'r>(
    root: &mut Root,
    file: &str,
    rendering: &'r Rendering,
    provenance: &Provenance<'_>,
    digests: &mut DigestCache,
    watched: &[RepoPath],
) -> Result<Side<'r>, Failure> {
    let desired = Desired::new(rendering, digests);
    let ledger = ledger(root, file, &Lock::of(header(provenance), &desired))?;
    Ok(Side::new(desired, ledger, watched, |paths| root.read_all(paths)))
}

/// Reads a lock, and what an interrupted run left beside it.
fn ledger(root: &Root, file: &str, expected: &Lock) -> Result<Ledger, Failure> {
    let lock = root.read_own(file).map_err(fs_failure)?;
    let pending = root.read_own(&format!("{file}{PENDING_SUFFIX}")).map_err(fs_failure)?;
    Ledger::read(file, lock.as_deref(), pending.as_deref(), expected)
        .map_err(|error| Failure::usage(error.to_string()).hint(error.help()))
}

/// The commit that was rendered last, by the lock of a workspace.
pub(crate) fn locked_commit(workspace: &Path) -> Result<String, Failure> {
    let commit = match Root::new(workspace).read_own(LOCK_FILE).map_err(fs_failure)? {
        None => String::new(),
        Some(text) => {
            let lock = Lock::parse(LOCK_FILE, &String::from_utf8_lossy(&text));
            let lock = lock.map_err(|error| Failure::usage(error.to_string()).hint(error.help()));
            lock?.header.revision
        }
    };
    // What a commit's id is not might be read as a branch, which moves.
    let is_id =
        matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        return Ok(commit);
    }
    Err(Failure::usage(format!("{LOCK_FILE} demands no commit"))
        .hint("sync once without `--frozen`, from a config repository in git at a `ref`, and commit the lock"))
}

/// Carries a plan out.
pub(crate) fn apply(root: &mut Root, plan: &Plan) -> Result<(), Failure> {
    if plan.is_noop() { Ok(()) } else { root.apply(plan).map_err(fs_failure) }
}

/// What the lock says about a rendering.
pub(crate) fn header(provenance: &Provenance<'_>) -> Header {
    let scope = provenance.scope;
    let parts = [
        ("team", &scope.team),
        ("project", &scope.project),
        ("user", &scope.user),
        ("environment", &scope.environment),
    ];
    let named = parts.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?)));
    Header {
        repository: provenance.repository.to_owned(),
        revision: provenance.revision.to_owned(),
        scope: named.map(|(key, name)| (key.to_owned(), name.to_string())).collect(),
        local: provenance.local,
    }
}

/// A failure to read or write files.
#[expect(clippy::needless_pass_by_value, reason = "the end of an error, for map_err")]
pub(crate) fn fs_failure(error: FsError) -> Failure {
    let failure = Failure::failed(error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
