//! Drift: how a workspace differs from its configuration, judged by the policy.
//!
//! `sync` computes what to write. A [`Report`] tells what somebody changed, how severe that is, which key of a layer defines
//! it, and who must be notified. It needs neither a clock nor the file system.

mod code;
mod columns;
mod key;
mod policy;
#[cfg(test)]
mod tests;

use serde_json::Value as Json;

use crate::layer::IgnoreRule;
use crate::source::{KeyPath, RepoPath};
use crate::workspace::{Class, Digest, EntryKey, EntryState, Foreign, Origin, Problem, Side};

pub use code::UNREADABLE;
pub use columns::{NextAction, WorkspaceChange, columns};
pub use key::layer_key;
pub use policy::{DriftPolicy, Severity};

/// How an entry differs from the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftClass {
    /// The workspace changed, the configuration did not.
    Drift,
    /// Both changed, to different values.
    Conflict,
    /// Configured, but another value was there before claude-env wrote it.
    ForeignCollision,
    /// No longer configured, and changed since it was written.
    OrphanDrifted,
    /// Not managed, at a path that the policy calls exclusive.
    Foreign,
}

impl DriftClass {
    /// All classes.
    #[cfg(test)]
    const ALL: [Self; 5] =
        [Self::Drift, Self::Conflict, Self::ForeignCollision, Self::OrphanDrifted, Self::Foreign];

    /// Returns the word for the class in every output format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Drift => Class::Drift.word(),
            Self::Conflict => Class::Conflict.word(),
            Self::ForeignCollision => Class::ForeignCollision.word(),
            Self::OrphanDrifted => Class::OrphanDrifted.word(),
            Self::Foreign => Class::Foreign.word(),
        }
    }

    /// Converts the class of an entry; `None` for classes that are not drift.
    fn of(class: Class) -> Option<Self> {
        match class {
            Class::Drift => Some(Self::Drift),
            // It is a conflict until a sync has merged it.
            Class::Conflict | Class::Merged => Some(Self::Conflict),
            Class::ForeignCollision => Some(Self::ForeignCollision),
            Class::OrphanDrifted => Some(Self::OrphanDrifted),
            Class::Foreign => Some(Self::Foreign),
            Class::Clean | Class::Pending | Class::Converged | Class::New | Class::Orphan => None,
        }
    }

    /// Returns true if the entry can be restored without touching unmanaged content.
    fn is_restorable(self) -> bool {
        matches!(self, Self::Drift | Self::Conflict | Self::OrphanDrifted)
    }
}

/// The content of an entry in a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The entry does not exist, or is not configured.
    Nothing,
    /// A value of a JSON file.
    Value(Json),
    /// The digest of the text of a block or a file.
    Text(Digest),
}

/// One entry that differs from the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftEntry {
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// The entry within the file.
    pub entry: EntryKey,
    /// How it differs.
    pub class: DriftClass,
    /// How severe that is.
    pub severity: Severity,
    /// The key of a layer that defines it.
    pub key: KeyPath,
    /// The configured content.
    pub expected: Content,
    /// The content in the workspace.
    pub actual: Content,
    /// Where the configuration defines it.
    pub origin: Origin,
    /// The line in the file of the workspace, 1-based.
    pub line: usize,
}

/// A file that cannot be compared: all its managed entries count as drifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Why it cannot be compared.
    pub problem: Problem,
    /// The number of managed entries in it.
    pub entries: usize,
    /// The highest severity of these entries.
    pub severity: Severity,
}

/// The recommended reaction to drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// None: there is no drift.
    Nothing,
    /// Notify the leads of the team: some of the drift is critical.
    NotifyLeads,
    /// Restore the configuration: no unmanaged content is affected.
    Remediate,
    /// Have a person review it.
    Review,
}

impl Action {
    /// Returns the word for the reaction in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::NotifyLeads => "notify-leads",
            Self::Remediate => "remediate",
            Self::Review => "review",
        }
    }
}

/// How a workspace differs from its configuration.
#[derive(Clone, Debug, Default)]
pub struct Report<'m> {
    /// The drifted entries, most severe first.
    pub entries: Vec<DriftEntry>,
    /// The drift that is ignored, each with the rule that ignores it.
    pub ignored: Vec<(DriftEntry, &'m IgnoreRule)>,
    /// The rules that would have ignored an entry, but have expired.
    pub expired: Vec<&'m IgnoreRule>,
    /// The files that cannot be compared.
    pub unreadable: Vec<Unreadable>,
    /// The number of managed entries.
    pub owned: usize,
    /// The percentage above which drift is significant.
    pub threshold: f64,
}

impl<'m> Report<'m> {
    /// Makes the report of a workspace.
    pub fn new(sides: &[Side<'_>], policy: &DriftPolicy<'m>) -> Self {
        let mut report = Report { threshold: policy.threshold(), ..Report::default() };
        for side in sides {
            for state in &side.comparison().states {
                report.owned += usize::from(state.desired.is_some() || state.actual.is_some());
                if let Some(class) = DriftClass::of(state.class) {
                    report.take(of_state(state, class, side), policy);
                }
            }
            for foreign in &side.foreign {
                if policy.is_exclusive(&layer_key(&foreign.path, &foreign.key)) {
                    report.owned += 1;
                    report.take(of_foreign(foreign, side), policy);
                }
            }
            for problem in &side.comparison().problems {
                let unreadable = unreadable(problem, side, policy);
                report.owned += unreadable.entries;
                report.unreadable.push(unreadable);
            }
        }
        report
            .entries
            .sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.path.cmp(&b.path)));
        report
    }

    fn take(&mut self, mut entry: DriftEntry, policy: &DriftPolicy<'m>) {
        entry.severity = policy.severity(&entry);
        if let Some(rule) = policy.ignoring(&entry.key) {
            self.ignored.push((entry, rule));
            return;
        }
        for rule in policy.expired(&entry.key) {
            if !self.expired.iter().any(|known| std::ptr::eq(*known, rule)) {
                self.expired.push(rule);
            }
        }
        self.entries.push(entry);
    }

    /// Returns true if there is no drift that is not ignored.
    #[cfg(test)]
    fn is_clean(&self) -> bool {
        self.entries.is_empty() && self.unreadable.is_empty()
    }

    /// Returns the number of drifted entries.
    pub fn drifted(&self) -> usize {
        self.entries.len() + self.unreadable.iter().map(|file| file.entries).sum::<usize>()
    }

    /// Returns the percentage of drifted entries, with two decimals.
    pub fn percentage(&self) -> f64 {
        let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        match self.owned {
            0 => 0.0,
            owned => (count(self.drifted()) * 10_000.0 / count(owned)).round() / 100.0,
        }
    }

    /// Returns true if the percentage of drifted entries is above the threshold.
    pub fn is_significant(&self) -> bool {
        self.percentage() > self.threshold
    }

    /// Returns the recommended reaction.
    pub fn action(&self) -> Action {
        let severities = self.entries.iter().map(|entry| entry.severity);
        let worst = severities.chain(self.unreadable.iter().map(|file| file.severity)).max();
        match worst {
            None => Action::Nothing,
            Some(Severity::Critical) => Action::NotifyLeads,
            Some(_) if self.unreadable.is_empty() && self.is_restorable() => Action::Remediate,
            Some(_) => Action::Review,
        }
    }

    fn is_restorable(&self) -> bool {
        self.entries.iter().all(|entry| entry.class.is_restorable())
    }
}

fn of_state(state: &EntryState<'_>, class: DriftClass, side: &Side<'_>) -> DriftEntry {
    let text = |digest: Option<Digest>| digest.map_or(Content::Nothing, Content::Text);
    let (expected, actual) = match state.key {
        EntryKey::File | EntryKey::Block => (text(state.desired), text(state.actual)),
        EntryKey::Value(_) | EntryKey::Item(..) => {
            let value =
                |json: Option<&Json>| json.cloned().map_or(Content::Nothing, Content::Value);
            (value(state.json.map(|entry| &entry.value)), value(state.found.as_ref()))
        }
    };
    DriftEntry {
        path: state.path.clone(),
        entry: state.key.clone(),
        class,
        severity: Severity::Low,
        key: layer_key(&state.path, &state.key),
        expected,
        actual,
        origin: state.origin(),
        line: side.line(&state.path, &state.key),
    }
}

fn of_foreign(foreign: &Foreign, side: &Side<'_>) -> DriftEntry {
    DriftEntry {
        path: foreign.path.clone(),
        entry: foreign.key.clone(),
        class: DriftClass::Foreign,
        severity: Severity::Low,
        key: layer_key(&foreign.path, &foreign.key),
        expected: Content::Nothing,
        actual: match &foreign.value {
            Some(value) => Content::Value(value.clone()),
            None => Content::Text(foreign.digest),
        },
        origin: Origin::Nowhere,
        line: side.line(&foreign.path, &foreign.key),
    }
}

fn unreadable(problem: &Problem, side: &Side<'_>, policy: &DriftPolicy<'_>) -> Unreadable {
    let names = side.names(&problem.path);
    let severities = names.iter().map(|name| policy.of_key(&layer_key(&problem.path, name)));
    Unreadable {
        problem: problem.clone(),
        entries: names.len(),
        severity: severities.max().unwrap_or(Severity::Low),
    }
}
