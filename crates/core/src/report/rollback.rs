//! The answers of `rollback` and `rollback --list`.

use schemars::JsonSchema;
use serde::Serialize;

use super::plan::Plan;
use super::sync::Exclude;
use super::{Text, count};
use crate::workspace::Generation;

/// What a rollback did, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rollback {
    /// True if nothing was written, because only the plan was asked for.
    pub dry_run: bool,
    /// The first generation that is taken back.
    pub back_to_before: u64,
    /// The number of the generation that takes the rollback back; null if none was kept.
    pub generation: Option<u64>,
    /// What happens to each entry.
    #[serde(flatten)]
    pub plan: Plan,
    /// The change of git's exclude file; null if it stays as it is.
    pub exclude: Option<Exclude>,
    /// True if there is nothing to write.
    #[serde(skip)]
    pub noop: bool,
    /// True if only the lock changes.
    #[serde(skip)]
    pub only_lock: bool,
}

/// The generations that can be gone back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Generations {
    /// The last one last.
    pub generations: Vec<Kept>,
}

/// The state before a sync or a rollback, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Kept {
    /// Its number.
    pub number: u64,
    /// When it was made, as `YYYY-MM-DD`.
    pub date: String,
    /// The command that made it, such as `sync`.
    pub verb: String,
    /// The generation that a rollback went back to; null for others.
    pub target: Option<u64>,
    /// The generation of an interrupted run that this one finished; null for others.
    pub continues: Option<u64>,
    /// The commit of the config repository before; empty where there was none.
    pub revision_before: String,
    /// The commit of the config repository after; empty where there was none.
    pub revision_after: String,
    /// The files that changed.
    pub files: Vec<File>,
}

/// A file that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct File {
    /// The file, relative to the workspace.
    pub file: String,
    /// What was done to it.
    pub action: Action,
}

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It was created.
    Add,
    /// It was changed.
    Change,
    /// It was removed.
    Remove,
}

impl Rollback {
    /// Returns true if nothing was left as it is, and a dry run found nothing to do.
    pub fn is_done(&self) -> bool {
        !self.plan.leaves_something() && (self.noop || !self.dry_run)
    }

    /// Returns the plan line by line, and what to do next.
    pub fn text(&self) -> Text {
        let mut text = self.plan.text();
        text.result(self.exclude.as_ref().map(Exclude::line).unwrap_or_default());
        let would = if self.dry_run { "Would do: " } else { "" };
        let summary = match self.only_lock {
            true => "only the lock changes".to_owned(),
            false => self.plan.summary(),
        };
        let number = self.back_to_before;
        text.remark(format!("{would}{summary} (back to before generation {number})"));
        if let Some(number) = self.generation {
            text.remark(format!(
                "The previous state is generation {number}; `claude-env rollback {number}` restores it."
            ));
        }
        if !self.dry_run && !self.noop {
            text.remark("The next `claude-env sync` applies the configuration again.");
        }
        text
    }
}

impl From<&[Generation]> for Generations {
    fn from(generations: &[Generation]) -> Self {
        let kept = |generation: &Generation| Kept {
            number: generation.number,
            date: generation.date.clone(),
            verb: generation.verb.clone(),
            target: generation.target,
            continues: generation.continues,
            revision_before: generation.revision_before.clone(),
            revision_after: generation.revision_after.clone(),
            files: (generation.files())
                .map(|file| File {
                    file: file.path.to_string(),
                    action: match (&file.before, file.after) {
                        (None, _) => Action::Add,
                        (Some(_), Some(_)) => Action::Change,
                        (Some(_), None) => Action::Remove,
                    },
                })
                .collect(),
        };
        Self { generations: generations.iter().map(kept).collect() }
    }
}

impl Generations {
    /// Returns one line per generation.
    pub fn text(&self) -> Text {
        let short = |revision: &str| match revision {
            "" => "-".to_owned(),
            _ => revision.get(..10).unwrap_or(revision).to_owned(),
        };
        let mut lines = String::new();
        for kept in &self.generations {
            let verb = match kept.target {
                Some(target) => format!("{} {target}", kept.verb),
                None => kept.verb.clone(),
            };
            let files = count(kept.files.len(), "file");
            let (before, after) = (short(&kept.revision_before), short(&kept.revision_after));
            lines.push_str(&format!(
                "{:>4}  {}  {verb:<11}  {before:<10} -> {after:<10}  {files}\n",
                kept.number, kept.date
            ));
        }
        let mut text = Text::default();
        if self.generations.is_empty() {
            text.remark("no generation is kept");
        }
        text.result(lines);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;

    fn sample() -> Rollback {
        Rollback {
            dry_run: false,
            back_to_before: 2,
            generation: Some(4),
            plan: Plan::default(),
            exclude: None,
            noop: false,
            only_lock: true,
        }
    }

    #[test]
    fn a_rollback() {
        assert_eq!(
            Answer::new("rollback", sample().is_done(), sample()).json(),
            r#"{
  "command": "rollback",
  "ok": true,
  "dry_run": false,
  "back_to_before": 2,
  "generation": 4,
  "changes": [],
  "problems": [],
  "exclude": null
}"#
        );
        assert_eq!(
            sample().text().marked(),
            r"# only the lock changes (back to before generation 2)
# The previous state is generation 4; `claude-env rollback 4` restores it.
# The next `claude-env sync` applies the configuration again.
"
        );
    }

    #[test]
    fn the_list() {
        let kept = Kept {
            number: 3,
            date: "2026-01-31".to_owned(),
            verb: "rollback".to_owned(),
            target: Some(1),
            continues: None,
            revision_before: String::new(),
            revision_after: "0123456789abcdef".to_owned(),
            files: vec![File { file: "CLAUDE.md".to_owned(), action: Action::Add }],
        };
        let list = Generations { generations: vec![kept] };
        assert_eq!(
            Answer::new("rollback", true, &list).json(),
            r#"{
  "command": "rollback",
  "ok": true,
  "generations": [
    {
      "number": 3,
      "date": "2026-01-31",
      "verb": "rollback",
      "target": 1,
      "continues": null,
      "revision_before": "",
      "revision_after": "0123456789abcdef",
      "files": [
        {
          "file": "CLAUDE.md",
          "action": "add"
        }
      ]
    }
  ]
}"#
        );
        assert_eq!(
            list.text().marked(),
            r"   3  2026-01-31  rollback 1   -          -> 0123456789  1 file
"
        );
        assert_eq!(
            Generations { generations: Vec::new() }.text().marked(),
            r"# no generation is kept
"
        );
    }
}
