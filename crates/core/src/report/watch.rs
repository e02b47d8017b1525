//! The answers of `sync --watch`: one JSON object on one line for each sync.

use schemars::JsonSchema;
use serde::Serialize;

use super::failure::Failure;
use super::sync::Sync;
use super::{Answer, count};

/// The most files that a line names.
const NAMED: usize = 3;

/// A sync of a watch.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Round {
    /// It was done.
    Synced(Box<Answer<Synced>>),
    /// It failed; the watch goes on.
    Failed(Answer<Failed>),
}

/// A sync that was done.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Synced {
    /// The sync.
    #[serde(flatten)]
    pub sync: Sync,
    /// Why it was run.
    pub cause: Cause,
}

/// A sync that failed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Failed {
    /// Why it failed.
    pub error: Failure,
    /// Why it was run.
    pub cause: Cause,
}

/// Why a sync was run: an object with one member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Cause {
    /// The watch started.
    Start {
        /// True.
        start: bool,
    },
    /// It was time.
    Interval {
        /// True.
        interval: bool,
    },
    /// Files changed.
    Changed {
        /// The files; none where the system lost track of which.
        changed: Vec<String>,
    },
}

impl Round {
    /// Reports a sync of a watch.
    pub fn new(result: Result<Sync, Failure>, cause: Cause) -> Self {
        match result {
            Ok(sync) => {
                let done = sync.is_done();
                Self::Synced(Box::new(Answer::new("sync", done, Synced { sync, cause })))
            }
            Err(error) => Self::Failed(Answer::new("sync", false, Failed { error, cause })),
        }
    }

    /// Returns the cause and what came of it, on one line unless the sync was stopped.
    pub fn line(&self) -> String {
        match self {
            Self::Synced(answer) => {
                let Synced { sync, cause } = &answer.body;
                let mut files: Vec<&str> =
                    sync.plan.changes.iter().map(|change| change.file.as_str()).collect();
                files.dedup();
                let summary = sync.plan.summary();
                let what = match (sync.stop(), files.len()) {
                    (Some(stop), _) => stop,
                    (None, 0) => summary,
                    (None, 1..=NAMED) => format!("{summary} ({})", files.join(", ")),
                    (None, many) => format!("{summary} ({})", count(many, "file")),
                };
                format!("{}: {what}", cause.line())
            }
            Self::Failed(Answer { body: Failed { error, cause }, .. }) => {
                format!("{}: failed: {}", cause.line(), error.message)
            }
        }
    }
}

impl Cause {
    fn line(&self) -> String {
        match self {
            Self::Start { .. } => "start".to_owned(),
            Self::Interval { .. } => "interval".to_owned(),
            Self::Changed { changed } if changed.is_empty() => "changes".to_owned(),
            Self::Changed { changed } => {
                let named: Vec<&str> = changed.iter().take(NAMED).map(String::as_str).collect();
                let named = named.join(", ");
                match changed.len().saturating_sub(NAMED) {
                    0 => named,
                    more => format!("{named} and {more} more"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json_line;
    use crate::report::plan::Plan;
    use crate::report::sync::tests::sample as sync;

    #[test]
    fn a_sync() {
        let done = Sync { plan: Plan::default(), warnings: Vec::new(), exclude: None, ..sync() };
        assert_eq!(
            json_line(&Round::new(Ok(done), Cause::Start { start: true })),
            r#"{"command":"sync","ok":true,"dry_run":false,"repository":"../config","revision":"0123456789abcdef","generation":3,"stopped":false,"prune":null,"changes":[],"problems":[],"warnings":[],"exclude":null,"cause":{"start":true}}"#
        );
        let changed = vec!["a".to_owned(), "b".to_owned(), "c".to_owned(), "d".to_owned()];
        assert_eq!(
            Round::new(Ok(sync()), Cause::Changed { changed }).line(),
            r"a, b, c and 1 more: 1 changed, 1 kept, 1 file left alone (.mcp.json, .claude/agents/a.md)"
        );
    }

    #[test]
    fn a_failure() {
        let error = Failure {
            kind: "io",
            message: "cannot read it".to_owned(),
            hints: Vec::new(),
            findings: Vec::new(),
        };
        let round = Round::new(Err(error), Cause::Interval { interval: true });
        assert_eq!(
            json_line(&round),
            r#"{"command":"sync","ok":false,"error":{"kind":"io","message":"cannot read it","hints":[],"findings":[]},"cause":{"interval":true}}"#
        );
        assert_eq!(round.line(), "interval: failed: cannot read it");
    }
}
