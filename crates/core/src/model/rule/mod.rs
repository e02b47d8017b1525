//! The rules of `check`: one file each, listed once, in [`ALL`].
//!
//! To add one: a code in `diagnostic/code.rs`, a file here with a function that pushes diagnostics, a line in [`ALL`], a
//! page in `docs/rules/`, and a broken repository in `tests/configs/invalid/`. A test says which of them is missing.

mod agent_duplicate;
mod append_only;
mod case_collision;
#[cfg(test)]
mod content_testing;
mod front_matter_missing;
mod front_matter_syntax;
mod front_matter_unknown;
mod front_matter_value;
mod hidden_unicode;
mod hook_event;
mod hook_matcher;
mod hook_script;
mod hook_shape;
mod hook_timeout;
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
mod part;
mod path_escape;
mod permission_never_matches;
mod permission_shadowed;
mod permission_syntax;
mod permission_unknown_tool;
mod policy_pattern;
mod reference_lookalike;
mod reference_syntax;
mod reference_unresolvable;
mod secret_literal;
mod settings_discarded;
mod settings_ignored;
mod settings_misfit;
mod settings_misplaced;
mod settings_unknown_key;
mod settings_wrong_file;
mod shape;
mod skill_layout;
mod symlink;
#[cfg(test)]
mod testing;
mod unknown_environment;
mod unknown_project;
mod unknown_team;
mod unknown_user;
mod workspace_duplicate;
mod workspace_target;

use std::cell::OnceCell;

use crate::diagnostic::{Code, Diagnostic, Sink, code};
use crate::layer::{ContentFile, Document, Layer, LayerName, Manifest, ScopeName, Stack};
use crate::merge::Merged;
use crate::pack::Packs;
use crate::source::{Node, SourceId, Sources, Span};

use super::front_matter::{self, FrontMatter};
use super::shape::Problem;
pub use settings_misfit::discarded as discarded_settings;
pub use shape::shape_diagnostic;

/// One rule: the code that it reports, and when it runs.
pub struct Rule {
    pub code: &'static Code,
    pub check: Check,
}

/// What a rule looks at. Each layer's files are checked once, however many scopes use the layer.
pub enum Check {
    /// One TOML document of a layer.
    Document(fn(&DocumentContext<'_>, &mut Sink)),
    /// One file of a content folder.
    Content(fn(&ContentContext<'_>, &mut Sink)),
    /// The merged configuration of one scope.
    Scope(fn(&ScopeContext<'_>, &mut Sink)),
    /// The manifest and the files of the repository.
    Repository(fn(&RepositoryContext<'_>, &mut Sink)),
    /// Found while reading, parsing or merging: the code lives there, and only its page and fixtures are asked for.
    Elsewhere,
}

/// A TOML document of a layer, with what its shape does not allow.
pub struct DocumentContext<'a> {
    pub layer: &'a Layer,
    pub document: &'a Document,
    pub sources: &'a Sources,
    /// Misfits with the layer's shape, found once for all rules.
    pub problems: &'a [Problem],
}

/// A content file, with a span only when something is found in it.
pub struct ContentContext<'a> {
    pub file: &'a ContentFile,
    /// The file's text; `None` if it is not UTF-8.
    pub text: Option<&'a str>,
    sources: &'a Sources,
    source: OnceCell<SourceId>,
    front_matter: OnceCell<Option<FrontMatter<'a>>>,
}

impl<'a> ContentContext<'a> {
    /// The context of a file.
    pub fn new(file: &'a ContentFile, sources: &'a Sources) -> Self {
        let text = std::str::from_utf8(&file.bytes).ok();
        Self { file, text, sources, source: OnceCell::new(), front_matter: OnceCell::new() }
    }

    /// The file's front matter, if it has some. Read on the first call, for all rules.
    pub fn front_matter(&self) -> Option<&FrontMatter<'a>> {
        self.front_matter.get_or_init(|| front_matter::find(self.text?)).as_ref()
    }

    /// The place of a byte range of the file. Registers the file's text on the first call.
    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        let source = self.source.get_or_init(|| {
            let text = self.text.unwrap_or_default();
            self.sources.add(&*self.file.origin, self.file.layer.to_string(), text)
        });
        Span::new(*source, range)
    }
}

/// A scope's merged configuration.
pub struct ScopeContext<'a> {
    pub stack: &'a Stack,
    /// The vendored packs; those that the stack names are layers of it.
    pub packs: &'a Packs,
    pub merged: &'a Merged,
    /// The content files that apply, merged.
    pub files: &'a [&'a ContentFile],
    pub manifest: &'a Manifest,
    pub sources: &'a Sources,
}

impl ScopeContext<'_> {
    /// A place at the start of a content file, for findings about the file as a whole.
    pub fn file_span(&self, file: &ContentFile) -> Span {
        let text = std::str::from_utf8(&file.bytes).unwrap_or_default();
        let id = self.sources.add(&*file.origin, file.layer.to_string(), text);
        Span::new(id, 0..text.lines().next().map_or(0, str::len))
    }
}

/// The repository as a whole.
pub struct RepositoryContext<'a> {
    pub manifest: &'a Manifest,
    /// All paths of the repository with what stands there, sorted.
    pub paths: &'a [RepositoryPath],
    /// The vendored packs.
    pub packs: &'a Packs,
    /// Names of the layers that exist.
    pub teams: &'a [String],
    pub projects: &'a [String],
    pub users: &'a [String],
    /// The overlays: each layer that has some, with its environments.
    pub overlays: &'a [(LayerName, Vec<String>)],
    /// Today as `YYYY-MM-DD`.
    pub today: &'a str,
    pub sources: &'a Sources,
}

impl RepositoryContext<'_> {
    /// A place for a finding about a path as a whole.
    pub fn path_span(&self, path: &str) -> Span {
        Span::new(self.sources.add(path, "", ""), 0..0)
    }
}

/// One path of the config repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryPath {
    pub path: String,
    pub kind: PathKind,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathKind {
    File,
    /// A symbolic link, with what it points at.
    Symlink(String),
    /// Something that is neither file, folder nor link.
    Other,
    /// A file whose name is not UTF-8.
    NotUtf8Name,
}

/// All rules, in the order of their codes.
pub const ALL: &[Rule] = &[
    elsewhere(code::TOML_SYNTAX),
    not_utf8::CONTENT,
    not_utf8::NAME,
    elsewhere(code::FORMAT_VERSION),
    symlink::RULE,
    case_collision::PATHS,
    case_collision::RENDERED,
    hidden_unicode::DOCUMENT,
    hidden_unicode::CONTENT,
    misplaced_file::RULE,
    path_escape::REPOSITORY,
    path_escape::DOCUMENT,
    shape::RULE,
    elsewhere(code::WRONG_TYPE),
    elsewhere(code::INVALID_VALUE),
    elsewhere(code::MISSING_KEY),
    elsewhere(code::TYPE_CLASH),
    elsewhere(code::MERGE_PATTERN),
    elsewhere(code::MERGE_STRATEGY),
    elsewhere(code::UNSET_NOTHING),
    elsewhere(code::UNSET_PATH),
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

/// A code that is found while reading, parsing or merging.
const fn elsewhere(code: &'static Code) -> Rule {
    Rule { code, check: Check::Elsewhere }
}

/// Runs the rules that look at one document.
pub fn check_document(context: &DocumentContext<'_>, sink: &mut Sink) {
    for rule in ALL {
        if let Check::Document(check) = rule.check {
            tracing::trace!(rule = rule.code.id);
            check(context, sink);
        }
    }
}

/// Looks at the text of a file that is no part of a layer, such as the manifest, as at any other.
pub fn check_text(source: SourceId, sources: &Sources, sink: &mut Sink) {
    let text = &sources.get(source).text;
    hidden_unicode::text(source, text, sink);
    secret_literal::text(source, text, sink);
}

/// Runs the rules that look at one content file.
pub fn check_content(context: &ContentContext<'_>, sink: &mut Sink) {
    for rule in ALL {
        if let Check::Content(check) = rule.check {
            tracing::trace!(rule = rule.code.id);
            check(context, sink);
        }
    }
}

/// Runs the rules that look at a scope's merged configuration.
pub fn check_scope(context: &ScopeContext<'_>, sink: &mut Sink) {
    for rule in ALL {
        if let Check::Scope(check) = rule.check {
            tracing::trace!(rule = rule.code.id);
            check(context, sink);
        }
    }
}

/// Runs the rules that look at the repository as a whole.
pub fn check_repository(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for rule in ALL {
        if let Check::Repository(check) = rule.check {
            tracing::trace!(rule = rule.code.id);
            check(context, sink);
        }
    }
}

/// A finding about a name in a workspace entry that no layer has.
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
