//! What each verb's answer looks like, one file a verb.

mod adopt;
mod before_commit;
mod check;
mod demo;
mod doctor;
mod drift;
mod explain;
mod hook;
mod hooks;
mod init;
mod man;
mod new;
mod pack;
mod plan;

mod render;
mod rollback;
mod schema;
mod show;
mod status;
mod survey;
mod sync;
mod sync_all;
mod watch;

pub(super) use adopt::adopt;
pub(super) use check::check;
pub(super) use demo::demo;
pub(super) use doctor::doctor;
pub(super) use drift::drift;
pub(super) use explain::explain;
pub(super) use hook::hook;
pub(super) use hooks::hooks;
pub(super) use init::init;
pub(super) use man::man;
pub(super) use new::new;
pub(super) use pack::pack;
pub(super) use render::render;
pub(super) use rollback::rollback;
pub(super) use schema::schema;
pub(super) use show::show;
pub(super) use status::status;
pub(super) use sync::sync;
