//! The rules of `check` that hold for every agent, one file each, and the functions that run all rules.
//!
//! To add one: a line in `diagnostic/code.rs`, a file here with a `Rule`, its `mod` line and its line in [`ALL`], a page in
//! `docs/rules/`, and a broken repository in `tests/configs/invalid/`. The compiler or a test reports what is missing, and
//! `BLESS=1` writes the list of pages.

mod append_only;
mod case_collision;
mod git_filter;
mod hidden_unicode;
mod ignore_expired;
mod instructions_budget;
mod instructions_marker;
mod literal;
mod locked;
mod mcp_command;
mod mcp_field;
mod mcp_floating_version;
mod mcp_kind;
mod mcp_name;
mod mcp_transport;
mod mcp_type;
mod mcp_url;
mod misplaced_file;
mod not_utf8;
mod pack_exclude;
mod pack_missing;
mod pack_modified;
mod path_escape;
mod policy_pattern;
mod reference_lookalike;
mod reference_syntax;
mod reference_unresolvable;
mod script_line_ends;
mod secret_literal;
mod symlink;
mod unknown_environment;
mod unknown_key;
mod unknown_project;
mod unknown_team;
mod unknown_user;
mod workspace_duplicate;
mod workspace_target;

use crate::agent::AGENTS;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::layer::ScopeName;
use crate::rule::{Check, ContentContext, DocumentContext, RepositoryContext, Rule, ScopeContext};
use crate::source::{Node, SourceId, Sources};

/// The rules for every agent, in the order of their codes. Codes that are found while reading, parsing or merging have no
/// entry.
pub const ALL: &[Rule] = &[
    not_utf8::CONTENT,
    not_utf8::NAME,
    symlink::RULE,
    case_collision::PATHS,
    case_collision::RENDERED,
    hidden_unicode::DOCUMENT,
    hidden_unicode::CONTENT,
    misplaced_file::RULE,
    path_escape::REPOSITORY,
    path_escape::DOCUMENT,
    git_filter::RULE,
    unknown_key::RULE,
    locked::RULE,
    append_only::RULE,
    unknown_team::RULE,
    unknown_project::RULE,
    unknown_user::RULE,
    unknown_environment::RULE,
    workspace_target::RULE,
    workspace_duplicate::RULE,
    mcp_transport::RULE,
    mcp_type::WORD,
    mcp_type::FIT,
    mcp_name::RULE,
    mcp_url::RULE,
    mcp_url::SCHEME,
    mcp_floating_version::WHOLE,
    mcp_floating_version::MERGED,
    mcp_kind::KNOWN,
    mcp_kind::ALONE,
    mcp_field::KNOWN,
    mcp_field::FIT,
    mcp_command::RULE,
    script_line_ends::RULE,
    reference_syntax::RULE,
    reference_unresolvable::PLACE,
    reference_unresolvable::CLASH,
    reference_lookalike::RULE,
    secret_literal::DOCUMENT,
    secret_literal::CONTENT,
    pack_missing::RULE,
    pack_modified::RULE,
    pack_exclude::RULE,
    instructions_budget::RULE,
    instructions_marker::RULE,
    ignore_expired::RULE,
    policy_pattern::RULE,
];

/// Returns the rules for every agent, and those of each agent.
fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().chain(AGENTS.iter().flat_map(|agent| agent.rules))
}

/// Runs the rules that look at one document.
pub fn check_document(context: &DocumentContext<'_>, sink: &mut Sink) {
    for rule in all() {
        if let Check::Document(check) = rule.check {
            tracing::trace!(rule = rule.code.id);
            check(context, sink);
        }
    }
}

/// Checks the text of a file outside of layers, such as the manifest, as at any other file.
pub fn check_text(source: SourceId, sources: &Sources, sink: &mut Sink) {
    let text = &sources.get(source).text;
    hidden_unicode::text(source, text, sink);
    secret_literal::text(source, text, sink);
}

/// Runs the rules that look at one content file.
pub fn check_content(context: &ContentContext<'_>, sink: &mut Sink) {
    for rule in all() {
        if let Check::Content(check) = rule.check {
            tracing::trace!(rule = rule.code.id);
            check(context, sink);
        }
    }
}

/// Runs the rules that look at a scope's merged configuration.
pub fn check_scope(context: &ScopeContext<'_>, sink: &mut Sink) {
    for rule in all() {
        if let Check::Scope(check) = rule.check {
            tracing::trace!(rule = rule.code.id);
            check(context, sink);
        }
    }
}

/// Runs the rules that look at the repository as a whole.
pub fn check_repository(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for rule in all() {
        if let Check::Repository(check) = rule.check {
            tracing::trace!(rule = rule.code.id);
            check(context, sink);
        }
    }
}

/// Returns a finding about a name in a workspace entry that no layer has.
fn unknown_name(
    code: &'static Code,
    word: &str,
    node: &Node,
    known: &[String],
) -> Option<Diagnostic> {
    let name = node.as_str()?;
    if known.iter().any(|known| known == name) {
        return None;
    }
    let message = match ScopeName::parse(name) {
        Ok(_) => format!("there is no {word} `{name}`: no folder `{word}s/{name}`"),
        Err(problem) => format!("`{name}` cannot be the name of a {word}: {problem}"),
    };
    Some(
        Diagnostic::new(code, node.span, message)
            .help(format!("create `{word}s/{name}/layer.toml`, or correct the name"))
            .did_you_mean(name, known.iter().map(String::as_str)),
    )
}
