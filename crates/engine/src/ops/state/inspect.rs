//! Looking at a workspace without touching it: what `drift`, `status` and `doctor` share.

use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::ops::Failure;
use crate::ops::repository::load::Opened;
use crate::ops::state::target::{TargetState, Watch, WorkspaceState};
use claude_env_core::drift::Report;
use claude_env_core::layer::Scope;
use claude_env_core::workspace::{Class, Header, Policy, Side};

/// What a look at a workspace saw.
pub struct Inspected<'r> {
    /// One for each rendering of the workspace with a lock of its own: the shared one first.
    pub sides: [Side<'r>; 2],
    /// What differs.
    pub report: Report<'r>,
    /// The scope of the shared rendering.
    pub scope: &'r Scope,
    /// What the lock would say after a sync.
    pub header: &'r Header,
    /// The commit that the configuration was read at; empty for a folder as it stands.
    pub revision: String,
}

impl Inspected<'_> {
    /// Returns how many entries the configuration has changed since the last sync.
    pub fn behind(&self) -> usize {
        let states = self.sides.iter().flat_map(|side| &side.comparison().states);
        states.filter(|state| Class::BEHIND.contains(&state.class)).count()
    }
}

/// Compares the workspace of an opened configuration with it, and hands over what it saw. Writes nothing, and needs no secret:
/// what is rendered are references, and so is what they are compared with.
pub fn inspect<T>(
    opened: &Opened,
    env: &Env,
    look: impl FnOnce(&Inspected<'_>) -> T,
) -> Result<T, Failure> {
    let target = TargetState::new(opened, opened.bound()?, env)?;
    Ok(look(&inspect_target(&target, env)?))
}

/// Compares a workspace with its target state.
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
