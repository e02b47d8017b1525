//! The rules about Claude Code, one file each. [`ALL`] lists them.

mod agent_duplicate;
mod front_matter_missing;
mod front_matter_syntax;
mod front_matter_unknown;
mod front_matter_value;
mod hook_event;
mod hook_matcher;
mod hook_script;
mod hook_shape;
mod hook_timeout;
mod part;
mod permission_never_matches;
mod permission_shadowed;
mod permission_syntax;
mod permission_unknown_tool;
mod settings_discarded;
mod settings_ignored;
mod settings_misfit;
mod settings_misplaced;
mod settings_unknown_key;
mod settings_wrong_file;
mod skill_layout;

use crate::rule::Rule;

pub use settings_misfit::discarded as discarded_settings;

/// All rules about Claude Code, in the order of their codes.
pub const ALL: &[Rule] = &[
    permission_syntax::RULE,
    permission_never_matches::RULE,
    permission_unknown_tool::RULE,
    permission_shadowed::RULE,
    hook_event::RULE,
    hook_shape::RULE,
    hook_matcher::RULE,
    hook_script::RULE,
    hook_timeout::RULE,
    settings_discarded::RULE,
    settings_ignored::RULE,
    settings_unknown_key::RULE,
    settings_wrong_file::RULE,
    settings_misplaced::RULE,
    front_matter_syntax::RULE,
    front_matter_missing::RULE,
    front_matter_value::RULE,
    front_matter_unknown::RULE,
    agent_duplicate::RULE,
    skill_layout::RULE,
];
