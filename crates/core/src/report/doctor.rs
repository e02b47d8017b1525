//! The answer of `doctor`.

use schemars::JsonSchema;
use serde::Serialize;

use super::Text;
use super::hooks::Hook;
use crate::diagnostic::escape::one_line;
use crate::doctor::{self, Area, State};

/// What was looked at around a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Doctor {
    /// One for each thing, by area.
    pub lines: Vec<Line>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// What it is about.
    pub area: Area,
    /// Whether it works.
    pub state: State,
    /// What was seen, as a sentence without a full stop.
    pub message: String,
    /// What to do; null if nothing.
    pub help: Option<String>,
}

impl From<doctor::Line> for Line {
    fn from(line: doctor::Line) -> Self {
        let doctor::Line { area, state, message, help } = line;
        Self { area, state, message, help: Some(help).filter(|help| !help.is_empty()) }
    }
}

impl From<&Hook> for Line {
    fn from(hook: &Hook) -> Self {
        let message = format!("{}: {} {}", hook.event, hook.state.word(), hook.message);
        let (state, help) = match hook.installed {
            true => (State::Good, None),
            false => (State::Fail, hook.help.clone()),
        };
        Self { area: Area::Hooks, state, message: message.trim_end().to_owned(), help }
    }
}

impl Doctor {
    /// Reports what was looked at, and the hooks that there should be.
    pub fn new(lines: Vec<doctor::Line>, hooks: &[Hook]) -> Self {
        let lines = lines.into_iter().map(Line::from).chain(hooks.iter().map(Line::from));
        let mut lines: Vec<Line> = lines.collect();
        lines.sort_by_key(|line| line.area);
        Self { lines }
    }

    /// Returns true if everything works.
    pub fn is_well(&self) -> bool {
        self.lines.iter().all(|line| line.state != State::Fail)
    }

    /// Returns the lines, each area under its name.
    pub fn text(&self) -> Text {
        let mut out = String::new();
        for area in Area::ALL {
            let mut lines = self.lines.iter().filter(|line| line.area == area).peekable();
            if lines.peek().is_some() {
                out.push_str(&format!("{}\n", area.word()));
            }
            for Line { state, message, help, .. } in lines {
                out.push_str(&format!("  {:4}  {}\n", state.word(), one_line(message)));
                if let Some(help) = help {
                    out.push_str(&format!("        {}\n", one_line(help)));
                }
            }
        }
        let mut text = Text::default();
        text.result(out);
        text.remark(match self.is_well() {
            true => "no problems",
            false => "lines with `fail` say what to do",
        });
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;
    use crate::report::hooks;

    fn sample() -> Doctor {
        let line = |area, state, message: &str, help: &str| doctor::Line {
            area,
            state,
            message: message.to_owned(),
            help: help.to_owned(),
        };
        let lines = vec![
            line(Area::Workspace, State::Note, "it is not synced", "`claude-env sync`"),
            line(Area::Installed, State::Good, "git 2.54.0", ""),
        ];
        let hook = Hook {
            event: "post-merge",
            state: hooks::State::Missing,
            installed: false,
            owner: None,
            at: None,
            message: String::new(),
            help: Some("install it".to_owned()),
        };
        Doctor::new(lines, &[hook])
    }

    #[test]
    fn as_json() {
        assert_eq!(
            Answer::new("doctor", sample().is_well(), sample()).json(),
            r#"{
  "command": "doctor",
  "ok": false,
  "lines": [
    {
      "area": "installed",
      "state": "ok",
      "message": "git 2.54.0",
      "help": null
    },
    {
      "area": "workspace",
      "state": "note",
      "message": "it is not synced",
      "help": "`claude-env sync`"
    },
    {
      "area": "hooks",
      "state": "fail",
      "message": "post-merge: missing",
      "help": "install it"
    }
  ]
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text().marked(),
            r"installed
  ok    git 2.54.0
workspace
  note  it is not synced
        `claude-env sync`
hooks
  fail  post-merge: missing
        install it
# lines with `fail` say what to do
"
        );
    }
}
