//! The codes of findings. A code never changes its meaning and is never reused.
//!
//! `docs/rules/<id>.md` describes each, and `docs/rules/README.md` lists them; tests compare both with this table.

use super::Severity;

/// A stable code of a finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `CE001` and so on.
    pub id: &'static str,
    /// The rule's name in kebab case.
    pub name: &'static str,
    /// The default severity.
    pub severity: Severity,
    /// One sentence about the finding.
    pub summary: &'static str,
    /// The text of its page in `docs/rules/`.
    pub page: &'static str,
}

impl Code {
    /// Returns the URL of the page about the code.
    pub fn url(&self) -> String {
        // Ids such as `drift/conflict` share the page of their family.
        let page = match self.id.split_once('/') {
            Some((family, _)) => format!("{family}.md"),
            None => format!("rules/{}.md", self.id),
        };
        format!("https://github.com/claude-env/claude-env/blob/main/docs/{page}")
    }
}

macro_rules! codes {
    ($($group:literal {
        $($const:ident = $id:literal, $name:literal, $severity:ident, $summary:literal;)*
    })*) => {
        $($(#[doc = $summary] pub const $const: &Code = &Code {
            id: $id, name: $name, severity: Severity::$severity, summary: $summary,
            page: include_str!(concat!("../../../../docs/rules/", $id, ".md")),
        };)*)*
        /// All codes, in the order of their numbers.
        pub const ALL: &[&Code] = &[$($($const),*),*];
        /// The codes by topic, as the list of pages shows them.
        #[cfg(test)]
        const GROUPS: &[(&str, &[&Code])] = &[$(($group, &[$($const),*])),*];
    };
}

codes! {
    "Reading files" {
        TOML_SYNTAX = "CE001", "toml-syntax", Error, "A TOML file does not parse.";
        NOT_UTF8 = "CE002", "not-utf8", Error, "A file that must be text is not UTF-8.";
        FORMAT_VERSION = "CE003", "format-version", Error, "This version does not support the format of the config repository.";
        SYMLINK = "CE004", "symlink", Error, "A layer contains a symbolic link.";
        CASE_COLLISION = "CE005", "case-collision", Error, "Two paths differ only in letter case.";
        HIDDEN_UNICODE = "CE006", "hidden-unicode", Error, "A file contains invisible or bidirectional control characters.";
        MISPLACED_FILE = "CE007", "misplaced-file", Warning, "A file or directory in a layer is in a place that claude-env does not read.";
        PATH_ESCAPE = "CE008", "path-escape", Error, "A path leads outside its directory.";
        GIT_FILTER = "CE009", "git-filter", Error, "A file is a placeholder of Git LFS or another git filter.";
    }
    "Structure of the TOML files" {
        UNKNOWN_KEY = "CE010", "unknown-key", Error, "A key is unknown.";
        WRONG_TYPE = "CE011", "wrong-type", Error, "A value has the wrong type.";
        INVALID_VALUE = "CE012", "invalid-value", Error, "A key does not accept the value.";
        MISSING_KEY = "CE013", "missing-key", Error, "A required key is missing.";
    }
    "Merging" {
        TYPE_CLASH = "CE020", "type-clash", Error, "Two layers set a key to values of different types.";
        MERGE_PATTERN = "CE021", "merge-pattern", Error, "A merge pattern is malformed or cannot match anything.";
        MERGE_STRATEGY = "CE022", "merge-strategy", Error, "A merge strategy does not exist or does not apply to its path.";
        UNSET_NOTHING = "CE023", "unset-nothing", Warning, "A layer unsets a path that no lower layer sets.";
        UNSET_PATH = "CE024", "unset-path", Error, "An `unset` entry is not a valid path.";
        LOCKED = "CE025", "locked", Error, "A higher layer changes a value that a policy locks.";
        APPEND_ONLY = "CE026", "append-only", Error, "A higher layer removes items from an append-only list.";
    }
    "Scopes and the fleet" {
        UNKNOWN_TEAM = "CE030", "unknown-team", Error, "A team has no layer.";
        UNKNOWN_PROJECT = "CE031", "unknown-project", Error, "A project has no layer.";
        UNKNOWN_USER = "CE032", "unknown-user", Error, "A user has no layer.";
        UNKNOWN_ENVIRONMENT = "CE033", "unknown-environment", Error, "An environment has no overlay.";
        WORKSPACE_TARGET = "CE034", "workspace-target", Error, "A workspace must have either `repository` or `path`.";
        WORKSPACE_DUPLICATE = "CE035", "workspace-duplicate", Error, "Two workspaces have the same name or target.";
    }
    "MCP servers" {
        MCP_TRANSPORT = "CE040", "mcp-transport", Error, "An MCP server must have either `command` or `url`.";
        MCP_TYPE = "CE041", "mcp-type", Error, "An MCP server has an unknown or contradictory `type`.";
        MCP_NAME = "CE042", "mcp-name", Error, "An MCP server has a name that Claude Code rejects.";
        MCP_URL = "CE043", "mcp-url", Error, "An MCP server has an invalid URL.";
        MCP_FLOATING_VERSION = "CE044", "mcp-floating-version", Warning, "An MCP server has no pinned version.";
        MCP_KIND = "CE045", "mcp-kind", Error, "An MCP server has an unknown `kind`, or contradicts it.";
        MCP_FIELD = "CE046", "mcp-field", Warning, "An MCP server has a field that Claude Code ignores.";
        MCP_COMMAND = "CE047", "mcp-command", Warning, "The command of an MCP server cannot be started.";
    }
    "Permissions" {
        PERMISSION_SYNTAX = "CE050", "permission-syntax", Error, "A permission rule is malformed; Claude Code would ignore it.";
        PERMISSION_NEVER_MATCHES = "CE051", "permission-never-matches", Warning, "A permission rule never matches, or not what it suggests.";
        PERMISSION_UNKNOWN_TOOL = "CE052", "permission-unknown-tool", Warning, "A permission rule names a tool that Claude Code does not have.";
        PERMISSION_SHADOWED = "CE053", "permission-shadowed", Warning, "A permission rule has no effect because another list takes precedence.";
    }
    "Hooks" {
        HOOK_EVENT = "CE060", "hook-event", Warning, "A hook uses an event that Claude Code does not know.";
        HOOK_SHAPE = "CE061", "hook-shape", Error, "A hook has a structure that Claude Code rejects.";
        HOOK_MATCHER = "CE062", "hook-matcher", Warning, "The matcher of a hook never matches.";
        HOOK_SCRIPT = "CE063", "hook-script", Warning, "A hook runs a script that is not in any layer, or not executable.";
        HOOK_TIMEOUT = "CE064", "hook-timeout", Warning, "The timeout of a hook seems to be in milliseconds, not seconds.";
        SCRIPT_LINE_ENDS = "CE065", "script-line-ends", Warning, "A script has CRLF line ends or a byte order mark, so it does not start.";
    }
    "Settings" {
        SETTINGS_DISCARDED = "CE070", "settings-discarded", Error, "A settings value makes Claude Code discard the whole file.";
        SETTINGS_IGNORED = "CE071", "settings-ignored", Warning, "Claude Code ignores a settings value.";
        SETTINGS_UNKNOWN_KEY = "CE072", "settings-unknown-key", Warning, "A settings key is unknown to Claude Code.";
        SETTINGS_WRONG_FILE = "CE073", "settings-wrong-file", Warning, "A settings key has no effect in the file that it is rendered to.";
        SETTINGS_MISPLACED = "CE074", "settings-misplaced", Error, "A settings key belongs in another table of the layer.";
    }
    "Front matter and content" {
        FRONT_MATTER_SYNTAX = "CE080", "front-matter-syntax", Error, "The front matter of a file does not parse.";
        FRONT_MATTER_MISSING = "CE081", "front-matter-missing", Error, "The front matter lacks a key that Claude Code requires.";
        FRONT_MATTER_VALUE = "CE082", "front-matter-value", Warning, "Claude Code ignores a front matter value.";
        FRONT_MATTER_UNKNOWN = "CE083", "front-matter-unknown", Warning, "A front matter key is unknown to Claude Code.";
        AGENT_DUPLICATE = "CE084", "agent-duplicate", Error, "Two agents have the same name; Claude Code silently ignores one.";
        SKILL_LAYOUT = "CE085", "skill-layout", Error, "A skill is not in a place where Claude Code finds it.";
    }
    "References and secrets" {
        REFERENCE_SYNTAX = "CE090", "reference-syntax", Error, "A `${…}` reference is malformed.";
        REFERENCE_UNRESOLVABLE = "CE091", "reference-unresolvable", Error, "A `${…}` reference is in a place where it is not resolved.";
        REFERENCE_LOOKALIKE = "CE092", "reference-lookalike", Warning, "A text looks like a variable, but is not expanded.";
        SECRET_LITERAL = "CE093", "secret-literal", Error, "A value looks like a secret.";
    }
    "Packs" {
        PACK_MISSING = "CE100", "pack-missing", Error, "A layer names a pack that is not vendored.";
        PACK_MODIFIED = "CE101", "pack-modified", Error, "A vendored file does not match its pack.";
        PACK_EXCLUDE = "CE102", "pack-exclude", Warning, "An `exclude` entry matches nothing.";
    }
    "Budgets and policy" {
        INSTRUCTIONS_BUDGET = "CE110", "instructions-budget", Warning, "The instructions exceed their budget.";
        INSTRUCTIONS_MARKER = "CE111", "instructions-marker", Error, "A memory fragment contains a marker of the instructions block.";
        IGNORE_EXPIRED = "CE120", "ignore-expired", Warning, "A drift ignore rule has expired.";
        POLICY_PATTERN = "CE121", "policy-pattern", Error, "A policy path is malformed or cannot match anything.";
    }
}

/// Returns the code with this id or name; `None` if there is none.
pub fn find(text: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.id.eq_ignore_ascii_case(text) || code.name == text)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the pages are compared with the table")]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_and_names_are_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id));
        let mut names: Vec<&str> = ALL.iter().map(|code| code.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn every_code_has_a_page() {
        for Code { id, name, severity, summary, page } in ALL.iter().copied() {
            let text = *page;
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some(format!("# {id} · {name}").as_str()), "{id}");
            let line = format!("Severity: {}. {summary}", severity.word());
            assert_eq!(lines.nth(1), Some(line.as_str()), "{id}");
            for part in ["What it is.", "Why it matters.", "Example.", "How to fix it."] {
                assert!(text.contains(&format!("\n**{part}**")), "{id} lacks {part}");
            }
            assert!((15..=40).contains(&text.lines().count()), "{id} is too short or too long");
        }
    }

    /// The list of pages: a table for each topic.
    fn tables() -> String {
        let table = |(topic, codes): &(&str, &[&Code])| {
            let rows: String = (codes.iter())
                .map(|Code { id, name, severity, summary, page: _ }| {
                    format!("| [{id}]({id}.md) | {name} | {} | {summary} |\n", severity.word())
                })
                .collect();
            format!("## {topic}\n\n| code | rule | severity | finding |\n|---|---|---|---|\n{rows}")
        };
        GROUPS.iter().map(table).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_list_of_pages_is_the_table_of_codes() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
        let list = folder.join("README.md");
        let text = std::fs::read_to_string(&list).expect("the list of pages");
        let start = text.find("\n## ").expect("a topic") + 1;
        let expected = format!("{}{}", &text[..start], tables());
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            std::fs::write(&list, &expected).expect("the list is written");
        } else {
            assert!(
                text == expected,
                "write it with: BLESS=1 cargo test -p claude-env-core --lib code"
            );
        }
        let pages = std::fs::read_dir(folder).map_or(0, Iterator::count);
        assert_eq!(pages, ALL.len() + 1, "a page of a code that does not exist");
    }
}
