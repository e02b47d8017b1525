//! Looking at a workspace without touching it: what `drift` and `status` share.

use crate::edge::clock;
use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::ops::Failure;
use crate::ops::repository::load::Opened;
use crate::ops::repository::mode::Renderings;
use crate::ops::state::merge_base as former;
use crate::ops::state::reconcile::{self, Provenance};
use claude_env_core::agent::json_files;
use claude_env_core::drift::{DriftPolicy, Report};
use claude_env_core::layer::{ContentKind, Mode, Scope};
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Header, LOCAL_LOCK_FILE, LOCK_FILE, Side};

/// What a look at a workspace saw.
pub struct Inspected<'r> {
    /// One for each rendering of the workspace with a lock of its own.
    pub sides: Vec<Side<'r>>,
    pub report: Report<'r>,
    pub scope: Scope,
    /// What the lock would say after a sync.
    pub header: Header,
    /// The commit that the configuration was read at; empty for a folder as it stands.
    pub revision: String,
}

/// Compares a workspace with its configuration, and hands over what it saw. Writes nothing, and needs no secret: what is
/// rendered are references, and so is what they are compared with.
pub fn inspect<T>(
    opened: &Opened,
    env: &Env,
    look: impl FnOnce(&Inspected<'_>) -> T,
) -> Result<T, Failure> {
    let workspace = opened.bound()?;
    let mode = workspace.binding.mode;
    let Renderings { main, scope, personal, .. } = Renderings::new(opened, mode, env)?;
    let repository = &opened.repository;
    let revision = repository.source.commit().unwrap_or_default();
    let local = mode == Mode::Local;
    let provenance = Provenance { repository: &opened.name, revision, scope: &scope, local };
    let of_person = Provenance { scope: &opened.scope, local: true, ..provenance.clone() };
    let policy = DriftPolicy::new(&repository.manifest, &clock::today());
    let mut root = Root::new(&workspace.root);
    let watched = watched(&policy, &mut root);
    let digests = &mut *opened.digests.lock();
    let mut shared = reconcile::side(&mut root, LOCK_FILE, &main, &provenance, digests, &watched)?;
    let own = &personal.rendering;
    let mut own = reconcile::side(&mut root, LOCAL_LOCK_FILE, own, &of_person, digests, &[])?;
    shared.merge_texts(|header| former::main(opened, header, env));
    own.merge_texts(|header| former::own(opened, header, env));
    let header = reconcile::header(&provenance);
    let sides = vec![shared, own];
    let report = Report::new(&sides, &policy);
    Ok(look(&Inspected { sides, report, scope, header, revision: revision.to_owned() }))
}

/// The paths at which foreign entries may be drift.
pub(in crate::ops) fn watched(policy: &DriftPolicy<'_>, root: &mut Root) -> Vec<RepoPath> {
    let mut paths: Vec<RepoPath> = Vec::new();
    if policy.watches() {
        paths.extend(json_files());
    }
    if policy.watches_files() {
        for kind in ContentKind::ALL.into_iter().filter(|kind| *kind != ContentKind::Memory) {
            paths.extend(root.files_below(&format!(".claude/{}", kind.folder())));
        }
    }
    paths
}
