//! The answer of `sync`, and with `--dry-run` the plan of one.

use schemars::JsonSchema;
use serde::Serialize;

use super::fleet::Line;
use super::plan::Plan;
use super::text::{at_revision, count};
use super::{Text, markdown};
use crate::diagnostic::escape::one_line;
use crate::workspace;

/// What a sync did, or would do.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Sync {
    /// True if nothing was written, because only the plan was asked for.
    pub dry_run: bool,
    /// The config repository as the binding names it.
    pub repository: String,
    /// The commit that was rendered; empty for a folder as it stands.
    pub revision: String,
    /// The number of the generation that `rollback` takes back; null if none was kept.
    pub generation: Option<u64>,
    /// True if nothing was done, or would be, because too much would be removed.
    pub stopped: bool,
    /// What would be removed, where that is so much that `--allow-prune` is needed; null otherwise.
    pub prune: Option<Prune>,
    /// What happens to each entry.
    #[serde(flatten)]
    pub plan: Plan,
    /// What is not done, and is no conflict.
    pub warnings: Vec<Warning>,
    /// The change of git's exclude file; null if it stays as it is.
    pub exclude: Option<Exclude>,
    /// True if there is nothing to write.
    #[serde(skip)]
    pub noop: bool,
    /// The scope, for people.
    #[serde(skip)]
    pub scope: String,
    /// Why no generation was kept, where one should have been.
    #[serde(skip)]
    pub no_generation: Option<String>,
}

/// Removals that need `--allow-prune`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Prune {
    /// How many entries would be removed.
    pub removed: usize,
    /// How many entries there are to remove.
    pub owned: usize,
    /// Files that people write too, and that would lose every entry that claude-env wrote.
    pub emptied: Vec<String>,
    /// Why a person has to agree, without a full stop.
    #[serde(skip)]
    pub reason: String,
}

/// Something that a sync does not do, and that is no conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Warning {
    /// The file, relative to the workspace.
    pub file: String,
    /// The entry in it; empty for the whole file.
    pub entry: String,
    /// What is not done, and why.
    pub message: String,
    /// What to do instead.
    pub help: String,
    /// `file:line:column` of the configuration; empty where it does not say it.
    pub origin: String,
}

/// The change of the file in which git is told what not to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Exclude {
    /// The file, as shown to people.
    pub file: String,
    /// The patterns that are added.
    pub added: Vec<String>,
    /// The patterns that are removed.
    pub removed: Vec<String>,
}

impl From<&workspace::Prune> for Prune {
    fn from(prune: &workspace::Prune) -> Self {
        Self {
            removed: prune.removed,
            owned: prune.owned,
            emptied: prune.emptied.iter().map(ToString::to_string).collect(),
            reason: prune.to_string(),
        }
    }
}

impl Exclude {
    /// Returns the change on one line.
    pub(super) fn line(&self) -> String {
        let parts = [(self.added.len(), "added"), (self.removed.len(), "removed")];
        let parts: Vec<String> = (parts.into_iter())
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} {word}", count(number, "pattern")))
            .collect();
        let what = if parts.is_empty() { "put in order".to_owned() } else { parts.join(", ") };
        format!("~ {}  {what}", self.file)
    }
}

impl Sync {
    /// Returns true if no conflict is left, and a dry run found nothing to do.
    pub fn is_done(&self) -> bool {
        !self.stopped && !self.plan.has_conflict() && (self.noop || !self.dry_run)
    }

    /// Returns what was done on one line.
    pub fn summary(&self) -> String {
        match self.stopping() {
            Some(prune) => format!("stopped: {}", prune.reason),
            None => self.plan.summary(),
        }
    }

    /// Returns the removals because of which nothing was done; `None` if it was.
    fn stopping(&self) -> Option<&Prune> {
        self.prune.as_ref().filter(|_| self.stopped)
    }

    /// Returns why nothing was done, and how to go on; `None` if it was.
    pub fn stop(&self) -> Option<String> {
        let prune = self.stopping()?;
        let nothing = if self.dry_run { "nothing would be written" } else { "nothing was written" };
        Some(format!(
            "stopped, {nothing}: {}\n  hint: if that is meant, `claude-env sync --allow-prune`; else look at the scope and the \
             layers",
            prune.reason
        ))
    }

    /// Returns the plan line by line, and one line about where it comes from.
    pub fn text(&self) -> Text {
        let mut text = match self.stopped && !self.dry_run {
            true => self.plan.removals(),
            false => self.plan.text(),
        };
        if let Some(change) = self.exclude.as_ref().filter(|_| !self.stopped) {
            text.result(change.line());
        }
        text.remark(self.headline());
        text.result(self.stop().unwrap_or_default());
        if let Some(why) = &self.no_generation {
            text.remark(format!("note: `claude-env rollback` cannot take this back: {why}"));
        }
        for Warning { file, entry, message, help, .. } in &self.warnings {
            let entry = if entry.is_empty() { String::new() } else { format!(" {entry}") };
            text.remark(one_line(&format!("warning: {file}{entry}: {message}")));
            text.remark(one_line(&format!("    {help}")));
        }
        text
    }

    fn headline(&self) -> String {
        let would = match (self.stopped, self.dry_run) {
            (true, _) => "Would do with `--allow-prune`: ",
            (false, true) => "Would do: ",
            (false, false) => "",
        };
        let from = at_revision(&self.repository, &self.revision);
        format!("{would}{} ({from}; {})", self.plan.summary(), self.scope)
    }

    /// Returns the plan as a comment: a headline and tables.
    pub fn markdown(&self) -> String {
        let verb = match (self.stopped, self.dry_run) {
            (true, _) => "Sync stopped",
            (false, true) => "Sync plan",
            (false, false) => "Synced",
        };
        let from = at_revision(&self.repository, &self.revision);
        let (from, scope) = (markdown::code(&from), markdown::plain(&self.scope));
        let warnings = self.warnings.iter().map(|warning| {
            [
                markdown::code(&warning.file),
                markdown::code(&warning.entry),
                markdown::plain(&warning.message),
                markdown::plain(&warning.help),
            ]
        });
        let stop = self.stopping().map(|prune| {
            let reason = markdown::plain(&prune.reason);
            format!(
                "Nothing is written: {reason}. If that is meant: `claude-env sync --allow-prune`."
            )
        });
        markdown::blocks(&[
            format!("**{verb}**: {} (from {from}, {scope})", self.plan.summary()),
            stop.unwrap_or_default(),
            self.plan.markdown(),
            markdown::table(["Warning", "Entry", "Message", "What to do"], warnings),
        ])
    }
}

impl Line for Sync {
    fn ok(&self) -> bool {
        self.is_done()
    }

    fn line(&self) -> String {
        self.summary()
    }
}
