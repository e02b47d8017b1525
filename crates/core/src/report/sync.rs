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
    /// The commit that was rendered; empty if the files of a directory were read without git.
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
        let what = if parts.is_empty() { "reordered".to_owned() } else { parts.join(", ") };
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
            "stopped, {nothing}: {}\n  hint: if this is intended, run `claude-env sync --allow-prune`; otherwise check the scope and \
             the layers",
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
            text.remark(format!("note: `claude-env rollback` cannot undo this: {why}"));
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
                "Nothing is written: {reason}. If this is intended, run `claude-env sync --allow-prune`."
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::Answer;
    use crate::report::plan::tests::sample as plan;

    /// A sync that left a conflict.
    pub(in crate::report) fn sample() -> Sync {
        Sync {
            dry_run: false,
            repository: "../config".to_owned(),
            revision: "0123456789abcdef".to_owned(),
            generation: Some(3),
            stopped: false,
            prune: None,
            plan: plan(),
            warnings: vec![Warning {
                file: ".claude/settings.local.json".to_owned(),
                entry: "hooks".to_owned(),
                message: "cannot be removed here".to_owned(),
                help: "remove it from a shared layer".to_owned(),
                origin: "users/ada/layer.toml:2:1".to_owned(),
            }],
            exclude: Some(Exclude {
                file: ".git/info/exclude".to_owned(),
                added: vec!["/CLAUDE.local.md".to_owned()],
                removed: Vec::new(),
            }),
            noop: false,
            scope: "team payments".to_owned(),
            no_generation: None,
        }
    }

    #[test]
    fn as_json() {
        let sync = Sync { plan: Plan::default(), ..sample() };
        assert_eq!(
            Answer::new("sync", sync.is_done(), &sync).json(),
            r#"{
  "command": "sync",
  "ok": true,
  "dry_run": false,
  "repository": "../config",
  "revision": "0123456789abcdef",
  "generation": 3,
  "stopped": false,
  "prune": null,
  "changes": [],
  "problems": [],
  "warnings": [
    {
      "file": ".claude/settings.local.json",
      "entry": "hooks",
      "message": "cannot be removed here",
      "help": "remove it from a shared layer",
      "origin": "users/ada/layer.toml:2:1"
    }
  ],
  "exclude": {
    "file": ".git/info/exclude",
    "added": [
      "/CLAUDE.local.md"
    ],
    "removed": []
  }
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text().marked(),
            r"~ .mcp.json  mcpServers/docs
! .claude/agents/a.md  conflict: changed here
    `sync --force` writes the configured value; `adopt` saves your value to the configuration
! CLAUDE.md  is behind a symbolic link
    remove the link
~ .git/info/exclude  1 pattern added
# 1 changed, 1 kept, 1 file left alone (../config at 0123456789; team payments)
# warning: .claude/settings.local.json hooks: cannot be removed here
# remove it from a shared layer
"
        );
        assert_eq!(sample().line(), "1 changed, 1 kept, 1 file left alone");
    }

    #[test]
    fn as_markdown() {
        assert_eq!(
            sample().markdown(),
            r"**Synced**: 1 changed, 1 kept, 1 file left alone (from `../config at 0123456789`, team payments)

|  | File | Entry | Why | Configured in |
| --- | --- | --- | --- | --- |
| `~` | `.mcp.json` | `mcpServers/docs` | pending | `base/layer.toml:3:5` |
| `!` | `.claude/agents/a.md` |  | conflict: changed here | `base/agents/a.md` |

| Left alone | Problem | What to do |
| --- | --- | --- |
| `CLAUDE.md` | is behind a symbolic link | remove the link |

| Warning | Entry | Message | What to do |
| --- | --- | --- | --- |
| `.claude/settings.local.json` | `hooks` | cannot be removed here | remove it from a shared layer |
"
        );
    }

    #[test]
    fn a_stop_says_how_to_go_on() {
        let prune = Prune {
            removed: 9,
            owned: 10,
            emptied: vec![".mcp.json".to_owned()],
            reason: "9 of 10 entries would be removed".to_owned(),
        };
        let sync = Sync { stopped: true, prune: Some(prune), warnings: Vec::new(), ..sample() };
        assert!(!sync.is_done());
        assert_eq!(
            sync.text().marked(),
            r"! CLAUDE.md  is behind a symbolic link
    remove the link
# Would do with `--allow-prune`: 1 changed, 1 kept, 1 file left alone (../config at 0123456789; team payments)
stopped, nothing was written: 9 of 10 entries would be removed
  hint: if this is intended, run `claude-env sync --allow-prune`; otherwise check the scope and the layers
"
        );
        assert_eq!(
            sync.markdown(),
            r"**Sync stopped**: 1 changed, 1 kept, 1 file left alone (from `../config at 0123456789`, team payments)

Nothing is written: 9 of 10 entries would be removed. If this is intended, run `claude-env sync --allow-prune`.

|  | File | Entry | Why | Configured in |
| --- | --- | --- | --- | --- |
| `~` | `.mcp.json` | `mcpServers/docs` | pending | `base/layer.toml:3:5` |
| `!` | `.claude/agents/a.md` |  | conflict: changed here | `base/agents/a.md` |

| Left alone | Problem | What to do |
| --- | --- | --- |
| `CLAUDE.md` | is behind a symbolic link | remove the link |
"
        );
    }
}
