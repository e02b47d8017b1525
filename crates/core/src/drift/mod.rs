//! Drift: the comparison of a workspace with its rendering, read from the workspace's side.
//!
//! `sync` asks what to write. A [`Report`] asks what somebody changed, how bad that is, which key of a layer it is about,
//! and who has to know. Pure: it is made of [`Side`]s and the manifest, and knows neither clock nor disk.

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

/// In which way an entry is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftClass {
    /// The workspace moved, the configuration did not.
    Drift,
    /// Both moved, to different values.
    Conflict,
    /// Wanted, but something else was there before we ever wrote it.
    ForeignCollision,
    /// No longer wanted, and changed since we wrote it.
    OrphanDrifted,
    /// Not ours, at a path that the policy calls exclusive.
    Foreign,
}

impl DriftClass {
    /// All of them.
    #[cfg(test)]
    const ALL: [Self; 5] =
        [Self::Drift, Self::Conflict, Self::ForeignCollision, Self::OrphanDrifted, Self::Foreign];

    /// The word for it in every output format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Drift => Class::Drift.word(),
            Self::Conflict => Class::Conflict.word(),
            Self::ForeignCollision => Class::ForeignCollision.word(),
            Self::OrphanDrifted => Class::OrphanDrifted.word(),
            Self::Foreign => Class::Foreign.word(),
        }
    }

    /// That of an entry of ours; `None` if nothing is wrong with it from the workspace's side.
    fn of(class: Class) -> Option<Self> {
        match class {
            Class::Drift => Some(Self::Drift),
            // Until a sync has merged it.
            Class::Conflict | Class::Merged => Some(Self::Conflict),
            Class::ForeignCollision => Some(Self::ForeignCollision),
            Class::OrphanDrifted => Some(Self::OrphanDrifted),
            Class::Foreign => Some(Self::Foreign),
            Class::Clean | Class::Pending | Class::Converged | Class::New | Class::Orphan => None,
        }
    }

    /// Whether the entry can be put right without touching what is not ours.
    fn is_restorable(self) -> bool {
        matches!(self, Self::Drift | Self::Conflict | Self::OrphanDrifted)
    }
}

/// What an entry holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing: it is not there, or not wanted.
    Nothing,
    /// A value of a JSON file.
    Value(Json),
    /// The text of a block or a file, as its digest.
    Text(Digest),
}

/// One entry that is not what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftEntry {
    pub path: RepoPath,
    pub entry: EntryKey,
    pub class: DriftClass,
    pub severity: Severity,
    /// The key of a layer that it is about.
    pub key: KeyPath,
    pub expected: Content,
    pub actual: Content,
    pub origin: Origin,
    /// The line of the workspace's file.
    pub line: usize,
}

/// A file that cannot be compared: all of our entries in it count as drifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub problem: Problem,
    /// How many entries of ours it should hold.
    pub entries: usize,
    /// That of the worst of them.
    pub severity: Severity,
}

/// What is to be done about drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// There is none.
    Nothing,
    /// Critical: the team's leads have to know.
    TellLeads,
    /// Every entry can be put right without touching what is not ours.
    Remediate,
    /// A person has to look at it.
    Review,
}

impl Action {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::TellLeads => "tell-leads",
            Self::Remediate => "remediate",
            Self::Review => "review",
        }
    }
}

/// How a workspace differs from what it should be.
#[derive(Clone, Debug, Default)]
pub struct Report<'m> {
    /// The worst first.
    pub entries: Vec<DriftEntry>,
    /// Accepted for a while, each with the rule that says so.
    pub ignored: Vec<(DriftEntry, &'m IgnoreRule)>,
    /// Rules that would have covered an entry, had they not ended.
    pub expired: Vec<&'m IgnoreRule>,
    pub unreadable: Vec<Unreadable>,
    /// How many entries there are to be right or wrong.
    pub owned: usize,
    /// Percent above which drift is significant.
    pub threshold: f64,
}

impl<'m> Report<'m> {
    /// Judges what the sides of a workspace have.
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

    /// Whether everything is as it should be, or accepted.
    #[cfg(test)]
    fn is_clean(&self) -> bool {
        self.entries.is_empty() && self.unreadable.is_empty()
    }

    /// How many entries are not what they should be.
    pub fn drifted(&self) -> usize {
        self.entries.len() + self.unreadable.iter().map(|file| file.entries).sum::<usize>()
    }

    /// The share of drifted entries in percent, with two decimals.
    pub fn percentage(&self) -> f64 {
        let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        match self.owned {
            0 => 0.0,
            owned => (count(self.drifted()) * 10_000.0 / count(owned)).round() / 100.0,
        }
    }

    /// Whether the share of drifted entries is above the threshold.
    pub fn is_significant(&self) -> bool {
        self.percentage() > self.threshold
    }

    /// What is to be done.
    pub fn action(&self) -> Action {
        let severities = self.entries.iter().map(|entry| entry.severity);
        let worst = severities.chain(self.unreadable.iter().map(|file| file.severity)).max();
        match worst {
            None => Action::Nothing,
            Some(Severity::Critical) => Action::TellLeads,
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
