//! The answer of `init`.

use schemars::JsonSchema;
use serde::Serialize;

use super::hooks::Changed;
use super::sync::Sync;
use super::{Style, Text, warning};
use crate::diagnostic::escape::one_line;

/// What binding a workspace did, or would do.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Init {
    /// The first sync.
    #[serde(flatten)]
    pub sync: Sync,
    /// What was done about git's hooks; null where none were asked for, or outside of git.
    pub hooks: Option<Hooks>,
    /// The folder that was bound.
    #[serde(skip)]
    pub root: String,
    /// True if the binding was written, false if the same one was there.
    #[serde(skip)]
    pub written: bool,
}

/// What was done about git's hooks.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Hooks {
    /// They were installed, or would be.
    Changed(Changed),
    /// They could not be installed; the workspace is bound all the same.
    Refused(Refused),
}

/// Why hooks were not installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Refused {
    /// Why, without a full stop.
    pub refused: String,
    /// What to do, one line each.
    pub help: Vec<String>,
}

impl Init {
    /// Returns true if the sync is done and no hook is left to install. Hooks that were refused are no failure of the binding.
    pub fn is_done(&self) -> bool {
        let pending = matches!(&self.hooks, Some(Hooks::Changed(changed)) if !changed.is_done());
        self.sync.is_done() && !pending
    }

    /// Returns what was bound, the sync, and the hooks.
    pub fn text(&self, style: Style) -> Text {
        let verb = match (self.written, self.sync.dry_run) {
            (true, true) => "Would bind",
            (true, false) => "Bound",
            (false, _) => "Already bound:",
        };
        let mut text = Text::default();
        text.remark(format!("{verb} {}", self.root));
        text.append(self.sync.text());
        match &self.hooks {
            None => {}
            Some(Hooks::Changed(changed)) => text.append(changed.steps(style)),
            Some(Hooks::Refused(Refused { refused, help })) => {
                text.remark(warning(&format!("no git hooks: {refused}"), style.color_remarks));
                for line in help {
                    text.remark(format!("    {}", one_line(line)));
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;
    use crate::report::plan::Plan;
    use crate::report::sync::tests::sample as sync;

    fn sample() -> Init {
        let refused = Refused {
            refused: "git uses another folder".to_owned(),
            help: vec!["`git config core.hooksPath`".to_owned()],
        };
        let sync = Sync { plan: Plan::default(), warnings: Vec::new(), exclude: None, ..sync() };
        Init { sync, hooks: Some(Hooks::Refused(refused)), root: "/ws".to_owned(), written: true }
    }

    #[test]
    fn as_json() {
        assert_eq!(
            Answer::new("init", sample().is_done(), sample()).json(),
            r#"{
  "command": "init",
  "ok": true,
  "dry_run": false,
  "repository": "../config",
  "revision": "0123456789abcdef",
  "generation": 3,
  "stopped": false,
  "prune": null,
  "changes": [],
  "problems": [],
  "warnings": [],
  "exclude": null,
  "hooks": {
    "refused": "git uses another folder",
    "help": [
      "`git config core.hooksPath`"
    ]
  }
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text(Style::PLAIN).marked(),
            r"# Bound /ws
# nothing to do (../config at 0123456789; team payments)
# warning: no git hooks: git uses another folder
#     `git config core.hooksPath`
"
        );
    }
}
