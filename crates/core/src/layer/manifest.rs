//! `claude-env.toml`: the settings of a config repository.

use std::collections::BTreeMap;

use super::{Scope, ScopeName};
use crate::source::{Node, Span};

/// The file that makes a folder a config repository.
pub const MANIFEST_FILE: &str = "claude-env.toml";

/// The newest manifest format that this version reads.
pub const FORMAT_VERSION: i64 = 1;

/// The default of `[drift] threshold`, in percent.
pub(super) const DRIFT_THRESHOLD: f64 = 5.0;

/// The default of `[policy] instructions_budget`, in characters.
///
/// Claude Code warns about a larger instructions file (observed in 2.1.197 and 2.1.330).
pub(super) const INSTRUCTIONS_BUDGET: usize = 40_000;

/// A path pattern of the manifest with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The path pattern as written.
    pub pattern: String,
    /// Where the pattern is written.
    pub pattern_span: Span,
    /// The value: a strategy or severity; empty for lists.
    pub value: String,
    /// Where the value is written.
    pub value_span: Span,
}

/// `[policy]`.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The keys that higher layers must not change.
    pub locked: Vec<Rule>,
    /// The lists that higher layers must not remove items from.
    pub append_only: Vec<Rule>,
    /// The keys where foreign entries are drift.
    pub exclusive: Vec<Rule>,
    /// The maximum length of the instructions block, in characters.
    pub instructions_budget: Option<usize>,
}

/// One `[drift] ignore` rule.
#[derive(Clone, Debug)]
pub struct IgnoreRule {
    /// The path pattern, with its place.
    pub path: Rule,
    /// The reason.
    pub reason: String,
    /// The person or team that is responsible for the rule.
    pub owner: String,
    /// End date as `YYYY-MM-DD`, and where it is written.
    pub until: Option<(String, Span)>,
}

/// `[drift]`.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// Percent above which drift is significant.
    pub threshold: Option<f64>,
    /// Severities by path pattern.
    pub severity: Vec<Rule>,
    /// The ignore rules.
    pub ignore: Vec<IgnoreRule>,
}

/// Where the checkout of a workspace is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkspaceTarget {
    /// `owner/name` on GitHub.
    Repository(String),
    /// A path relative to the config repository.
    Path(String),
}

/// One entry of the fleet.
#[derive(Clone, Debug)]
pub struct WorkspaceEntry {
    /// The name of the workspace.
    pub name: String,
    /// Where the entry's name is written.
    pub span: Span,
    /// `None` when the entry has neither or both of `repository` and `path`.
    pub target: Option<WorkspaceTarget>,
    /// The scope that it is rendered for.
    pub scope: Scope,
    /// The whole entry, for rules that point into it.
    pub node: std::sync::Arc<Node>,
}

/// The manifest as typed values. Values of the wrong type are ignored; the rules report them.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The format version, with its place.
    pub version: Option<(i64, Span)>,
    /// Merge strategies by path pattern.
    pub merge: Vec<Rule>,
    /// The `[policy]` table.
    pub policy: Policy,
    /// The `[drift]` table.
    pub drift: Drift,
    /// `leads` of `[teams.<team>]`: the people to notify about critical drift, by team.
    pub leads: BTreeMap<String, Vec<String>>,
    /// The fleet, in file order.
    pub workspaces: Vec<WorkspaceEntry>,
}

impl Manifest {
    /// Reads the manifest's table.
    pub fn read(root: &Node) -> Self {
        let version = root.get("version").and_then(|node| match node.value {
            crate::source::Value::Int(version) => Some((version, node.span)),
            _ => None,
        });
        let policy = root.get("policy").map(|policy| Policy {
            locked: list(policy.get("locked")),
            append_only: list(policy.get("append_only")),
            exclusive: list(policy.get("exclusive")),
            instructions_budget: policy.get("instructions_budget").and_then(|n| number(n)),
        });
        let drift = root.get("drift").map(|drift| Drift {
            threshold: drift.get("threshold").and_then(|node| percent(node)),
            severity: rules(drift.get("severity")),
            ignore: (drift.get("ignore").and_then(|list| list.as_array()).unwrap_or_default())
                .iter()
                .filter_map(|rule| ignore_rule(rule))
                .collect(),
        });
        let mut manifest = Self {
            version,
            merge: rules(root.get("merge")),
            policy: policy.unwrap_or_default(),
            drift: drift.unwrap_or_default(),
            leads: leads(root),
            workspaces: Vec::new(),
        };
        manifest.add_workspaces(root);
        manifest
    }

    /// Adds the `[workspaces.<name>]` tables of the manifest or of a file below `workspaces/`.
    pub fn add_workspaces(&mut self, root: &Node) {
        let Some(table) = root.get("workspaces").and_then(|node| node.as_table()) else { return };
        self.workspaces.extend(table.iter().map(|(name, node)| {
            let text = |key: &str| node.get(key).and_then(|value| value.as_str());
            let scope_name = |key: &str| text(key).and_then(|name| ScopeName::parse(name).ok());
            let target = match (text("repository"), text("path")) {
                (Some(repository), None) => {
                    Some(WorkspaceTarget::Repository(repository.to_owned()))
                }
                (None, Some(path)) => Some(WorkspaceTarget::Path(path.to_owned())),
                _ => None,
            };
            WorkspaceEntry {
                name: name.to_string(),
                span: node.key,
                target,
                scope: Scope {
                    team: scope_name("team"),
                    project: scope_name("project"),
                    user: scope_name("user"),
                    environment: scope_name("environment"),
                },
                node: std::sync::Arc::clone(node),
            }
        }));
    }

    /// Returns the percentage above which drift is significant.
    pub fn drift_threshold(&self) -> f64 {
        self.drift.threshold.unwrap_or(DRIFT_THRESHOLD)
    }

    /// Returns the most characters the instructions block may have.
    pub fn instructions_budget(&self) -> usize {
        self.policy.instructions_budget.unwrap_or(INSTRUCTIONS_BUDGET)
    }
}

fn percent(node: &Node) -> Option<f64> {
    match node.value {
        crate::source::Value::Int(value) => u8::try_from(value).ok().map(f64::from),
        crate::source::Value::Float(value) => Some(value),
        _ => None,
    }
}

fn leads(root: &Node) -> BTreeMap<String, Vec<String>> {
    let teams = root.get("teams").and_then(|node| node.as_table());
    let named = |node: &Node| {
        let leads = node.get("leads").and_then(|leads| leads.as_array()).unwrap_or_default();
        leads.iter().filter_map(|lead| lead.as_str().map(str::to_owned)).collect()
    };
    teams.into_iter().flatten().map(|(team, node)| (team.to_string(), named(node))).collect()
}

fn number(node: &Node) -> Option<usize> {
    match node.value {
        crate::source::Value::Int(value) => usize::try_from(value).ok(),
        _ => None,
    }
}

fn list(node: Option<&std::sync::Arc<Node>>) -> Vec<Rule> {
    let items = node.and_then(|node| node.as_array()).unwrap_or_default();
    items.iter().filter_map(|item| pattern_only(item)).collect()
}

fn pattern_only(node: &Node) -> Option<Rule> {
    Some(Rule {
        pattern: node.as_str()?.to_owned(),
        pattern_span: node.span,
        value: String::new(),
        value_span: node.span,
    })
}

fn rules(node: Option<&std::sync::Arc<Node>>) -> Vec<Rule> {
    let Some(table) = node.and_then(|node| node.as_table()) else { return Vec::new() };
    table
        .iter()
        .filter_map(|(pattern, node)| {
            Some(Rule {
                pattern: pattern.to_string(),
                pattern_span: node.key,
                value: node.as_str()?.to_owned(),
                value_span: node.span,
            })
        })
        .collect()
}

fn ignore_rule(node: &Node) -> Option<IgnoreRule> {
    let text = |key: &str| node.get(key).and_then(|n| n.as_str()).unwrap_or_default().to_owned();
    let until = node.get("until").and_then(|node| match &node.value {
        crate::source::Value::Datetime(date) | crate::source::Value::Str(date) => {
            Some((date.get(..10).unwrap_or(date).to_owned(), node.span))
        }
        _ => None,
    });
    Some(IgnoreRule {
        path: pattern_only(node.get("path")?)?,
        reason: text("reason"),
        owner: text("owner"),
        until,
    })
}
