//! The merge strategies, and the table of their paths.

use std::fmt;

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::{Manifest, PatternRule};
use crate::source::{KeyPath, Pattern, Span, Specificity};

/// How the value of a higher layer is merged with that of a lower one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// The higher value replaces the lower one.
    Replace,
    /// Lower items in order, then the new items of the higher layer (deep equality).
    Union,
    /// Lower items, then higher items.
    Append,
    /// Booleans: true if any layer sets true.
    Or,
    /// Host requirements: the larger of two amounts.
    Maximum,
    /// Mounts: one per target path, from the higher layer.
    ByTarget,
}

impl Strategy {
    /// Returns the word in the manifest and in `explain`.
    pub fn word(self) -> &'static str {
        match self {
            Strategy::Replace => "replace",
            Strategy::Union => "union",
            Strategy::Append => "append",
            Strategy::Or => "or",
            Strategy::Maximum => "maximum",
            Strategy::ByTarget => "by-target",
        }
    }

    /// Returns the strategy with this word in `[merge]`; `None` if there is none.
    fn of_word(word: &str) -> Option<Self> {
        [Strategy::Replace, Strategy::Union, Strategy::Append]
            .into_iter()
            .find(|s| s.word() == word)
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The built-in table. Lists of the devcontainer specification (devcontainer metadata in image labels, merge logic):
/// <https://containers.dev/implementors/spec/#merge-logic>.
const BUILT_IN: &[(&str, Strategy)] = &[
    ("**", Strategy::Replace),
    ("packs", Strategy::Union),
    ("exclude", Strategy::Union),
    ("hooks.*", Strategy::Union),
    ("devcontainer.init", Strategy::Or),
    ("devcontainer.privileged", Strategy::Or),
    ("devcontainer.capAdd", Strategy::Union),
    ("devcontainer.securityOpt", Strategy::Union),
    ("devcontainer.forwardPorts", Strategy::Union),
    ("devcontainer.mounts", Strategy::ByTarget),
    ("devcontainer.hostRequirements.cpus", Strategy::Maximum),
    ("devcontainer.hostRequirements.memory", Strategy::Maximum),
    ("devcontainer.hostRequirements.storage", Strategy::Maximum),
];

/// The tables of a layer: the first segments that a pattern of the manifest can name.
pub const LAYER_TABLES: &[&str] = &[
    "packs",
    "exclude",
    "environment",
    "mcp_servers",
    "permissions",
    "hooks",
    "settings",
    "features",
    "devcontainer",
];

/// Where a strategy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrategyOrigin {
    /// The built-in table, with its pattern.
    BuiltIn(&'static str),
    /// `[merge]` of the manifest.
    Manifest(Span),
}

struct Row {
    pattern: Pattern,
    specificity: Specificity,
    strategy: Strategy,
    origin: StrategyOrigin,
}

/// The table of strategies by path.
pub struct Strategies {
    rows: Vec<Row>,
}

impl Strategies {
    /// Returns the built-in table, over it union for every `[policy] append_only` list, over that the manifest's `[merge]`.
    ///
    /// Invalid rules of `[merge]` are reported to the sink; another rule checks policy patterns.
    pub fn new(manifest: &Manifest, sink: &mut Sink) -> Self {
        let built_in = BUILT_IN.iter().filter_map(|&(text, strategy)| {
            let pattern = Pattern::parse(text).ok()?;
            let specificity = pattern.specificity();
            Some(Row { pattern, specificity, strategy, origin: StrategyOrigin::BuiltIn(text) })
        });
        let mut rows: Vec<Row> = built_in.collect();
        rows.extend(manifest.policy.append_only.iter().filter_map(|rule| {
            let pattern = Pattern::parse(&rule.pattern).ok()?;
            let (specificity, origin) =
                (pattern.specificity(), StrategyOrigin::Manifest(rule.pattern_span));
            Some(Row { pattern, specificity, strategy: Strategy::Union, origin })
        }));
        for rule in &manifest.merge {
            if let Some(row) = manifest_row(rule, sink) {
                rows.push(row);
            }
        }
        Self { rows }
    }

    /// Returns the strategy of a path: the pattern with more literal segments wins, then the longer one, then the later one.
    pub fn of(&self, path: &KeyPath) -> (Strategy, StrategyOrigin) {
        self.rows
            .iter()
            .filter(|row| row.pattern.matches(path.segments()))
            .max_by_key(|row| row.specificity)
            .map_or((Strategy::Replace, StrategyOrigin::BuiltIn("**")), |row| {
                (row.strategy, row.origin)
            })
    }
}

fn manifest_row(rule: &PatternRule, sink: &mut Sink) -> Option<Row> {
    let pattern = match Pattern::parse(&rule.pattern) {
        Ok(pattern) => pattern,
        Err(error) => {
            let message = format!("`{}` is not a path pattern: {}", rule.pattern, error.0);
            sink.push(
                Diagnostic::new(code::MERGE_PATTERN, rule.pattern_span, message)
                    .help("write it like `permissions.allow`, `mcp_servers.*.args` or `hooks.**`"),
            );
            return None;
        }
    };
    if let Some(root) = pattern.first_literal()
        && !LAYER_TABLES.contains(&root)
    {
        let message = format!("no layer has a table `{root}`, so this pattern matches nothing");
        let diagnostic = Diagnostic::new(code::MERGE_PATTERN, rule.pattern_span, message);
        sink.push(diagnostic.did_you_mean(root, LAYER_TABLES.iter().copied()));
        return None;
    }
    let Some(strategy) = Strategy::of_word(&rule.value) else {
        let message = format!("there is no merge strategy `{}`", rule.value);
        sink.push(
            Diagnostic::new(code::MERGE_STRATEGY, rule.value_span, message)
                .did_you_mean(&rule.value, ["replace", "union", "append"])
                .note("strategies are `replace`, `union` and `append`"),
        );
        return None;
    };
    let origin = StrategyOrigin::Manifest(rule.pattern_span);
    Some(Row { specificity: pattern.specificity(), pattern, strategy, origin })
}
