//! Renders into a folder that is not a workspace: without generations, since it can be rendered again at any time.

use crate::edge::fs::Root;
use crate::ops::Failure;
use crate::ops::state::target::lock_state;
use claude_env_core::render::Rendering;
use claude_env_core::workspace::{
    Desired, DigestCache, Header, LOCK_FILE, Lock, Plan, Policy, Side, is_up_to_date,
};

/// Plans how to bring a folder to a rendering. Writes nothing. Fails when its lock is not valid.
pub fn plan_folder(
    root: &mut Root,
    rendering: &Rendering,
    header: Header,
    digests: &mut DigestCache,
) -> Result<Plan, Failure> {
    let desired = Desired::new(rendering, digests);
    let locked = lock_state(root, LOCK_FILE, || Lock::of(header.clone(), &desired))?;
    // One file at a time, so that a folder that is up to date never needs the memory of more than one file.
    if is_up_to_date(&desired, &locked, |file| file.is_pristine(&root.read(&file.file.path))) {
        return Ok(Plan::noop(&locked));
    }
    let side = Side::new(desired, locked, &[], Policy::Keep, |paths| root.read_all(paths));
    Ok(side.plan(header))
}

/// Applies a plan in such a folder, without saving a generation. Fails when a file cannot be written.
pub fn apply_folder(root: &mut Root, plan: &Plan) -> Result<(), Failure> {
    if !plan.is_noop() {
        root.apply(&[plan], None)?;
    }
    Ok(())
}
