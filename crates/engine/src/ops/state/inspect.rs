//! Compares a workspace with its target state without changing it, for `drift`, `status` and `doctor`.

use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::ops::Failure;
use crate::ops::repository::load::Opened;
use crate::ops::state::target::{TargetState, Watch, WorkspaceState};
use claude_env_core::drift::Report;
use claude_env_core::layer::Scope;
use claude_env_core::workspace::{Class, Header, Policy, Side};

/// A workspace compared with its target state.
pub struct Inspected<'r> {
    /// The shared and the personal files, in this order.
    pub sides: [Side<'r>; 2],
    /// The differences.
    pub report: Report<'r>,
    /// The scope of the shared rendering.
    pub scope: &'r Scope,
    /// The header of the shared lock after a sync.
    pub header: &'r Header,
    /// The commit that the configuration was read at; empty when the files of a folder were read.
    pub revision: String,
}

impl Inspected<'_> {
    /// Returns how many entries the configuration has changed since the last sync.
    pub fn behind(&self) -> usize {
        let states = self.sides.iter().flat_map(|side| &side.comparison().states);
        states.filter(|state| Class::BEHIND.contains(&state.class)).count()
    }
}

/// Compares the workspace of an opened configuration with its target state, and passes the result to `look`.
///
/// Writes nothing, and resolves no secret: references are rendered and compared as they are. Fails when the configuration has
/// errors, or a lock is not valid.
pub fn inspect<T>(
    opened: &Opened,
    env: &Env,
    look: impl FnOnce(&Inspected<'_>) -> T,
) -> Result<T, Failure> {
    let target = TargetState::new(opened, opened.bound()?, env)?;
    Ok(look(&inspect_target(&target, env)?))
}

/// Compares a workspace with its target state. Fails when a lock is not valid.
pub fn inspect_target<'t>(
    target: &'t TargetState<'_>,
    env: &Env,
) -> Result<Inspected<'t>, Failure> {
    let mut root = Root::new(&target.workspace.root);
    let digests = &mut *target.opened.digests.lock();
    let mut state = target.read(&mut root, Watch::Exclusive, Policy::Keep, digests)?;
    state.merge_texts(target.opened, env);
    let WorkspaceState { shared, personal } = state;
    let sides = [shared, personal];
    Ok(Inspected {
        report: Report::new(&sides, &target.drift_policy),
        sides,
        scope: &target.renderings.scope,
        header: &target.shared_header,
        revision: target.revision().to_owned(),
    })
}
