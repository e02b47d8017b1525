//! The answers of `hooks install`, `hooks uninstall` and `hooks status`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Style, Text, count, warning};
use crate::diagnostic::escape::one_line;
use crate::git::hooks::{self, HookState, HookStep, Owner, Via};

/// What was done about git's hooks, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Changed {
    /// True if nothing was done, because only the plan was asked for.
    pub dry_run: bool,
    /// The folder of hooks, as shown to people.
    pub folder: String,
    /// What was done, in order.
    pub changes: Vec<Change>,
    /// What one should know of it.
    pub warnings: Vec<String>,
    /// The hooks afterwards.
    pub hooks: Vec<Hook>,
}

/// The hooks that there should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Status {
    /// One for each event.
    pub hooks: Vec<Hook>,
}

/// One thing that was done. It is about a file of the folder or about a key of git's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// What was done.
    pub action: Action,
    /// The file, relative to the folder of hooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The new name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The section of git's configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The command that git runs from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// What was done to a file or a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The folder of hooks was created.
    MakeFolder,
    /// The folder of hooks was removed.
    RemoveFolder,
    /// It was created.
    Add,
    /// It was changed.
    Change,
    /// It got another name.
    Rename,
    /// It was removed.
    Remove,
}

/// The hook for one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Hook {
    /// The event, such as `post-checkout`.
    pub event: &'static str,
    /// Whether git runs claude-env for it.
    pub state: State,
    /// True if git runs claude-env for it.
    pub installed: bool,
    /// Whose hook it is; null if there is none, or git looks elsewhere.
    pub owner: Option<String>,
    /// The file or the setting; null if there is none.
    pub at: Option<String>,
    /// More about it; may be empty.
    pub message: String,
    /// What to do; null if nothing.
    pub help: Option<String>,
}

/// Whether git runs claude-env for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It does.
    Installed,
    /// There is no hook.
    Missing,
    /// The hook of somebody else is there.
    Foreign,
    /// The hook of somebody else replaced ours.
    Overtaken,
    /// Ours is there, and git does not run it.
    Off,
    /// Ours is there, and the program that it runs is not.
    Broken,
    /// Git looks for hooks in another folder.
    Elsewhere,
}

impl State {
    /// Returns the word for JSON and text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Missing => "missing",
            Self::Foreign => "foreign",
            Self::Overtaken => "overtaken",
            Self::Off => "off",
            Self::Broken => "broken",
            Self::Elsewhere => "elsewhere",
        }
    }
}

impl From<&hooks::Hook> for Hook {
    fn from(hook: &hooks::Hook) -> Self {
        let place = &hook.place;
        let ours = || Some("claude-env".to_owned());
        let install = || Some("`claude-env hooks install` installs it".to_owned());
        let behind = || {
            Some(
                "`claude-env hooks install` installs ours, which runs the existing hook first"
                    .to_owned(),
            )
        };
        let (state, owner, message, help) = match &hook.state {
            HookState::Installed(via) => (State::Installed, ours(), by_way_of(via, place), None),
            HookState::Missing => (State::Missing, None, String::new(), install()),
            HookState::Foreign(owner) => (
                State::Foreign,
                Some(owner.to_string()),
                format!("{place} is {}", whose(owner)),
                behind(),
            ),
            HookState::Displaced { by, aside } => (
                State::Overtaken,
                Some(by.to_string()),
                format!("{place} is now {}; ours was renamed to {aside}", whose(by)),
                behind(),
            ),
            HookState::Off { why, help } => {
                let help = help.as_ref().map(|help| format!("{help} turns it on"));
                (State::Off, ours(), format!("{place}: {why}"), help.or_else(install))
            }
            HookState::ProgramGone(program) => {
                let message = format!("{place} runs {program}, which does not exist");
                (State::Broken, ours(), message, install())
            }
            HookState::Elsewhere(folder) => (
                State::Elsewhere,
                None,
                format!("git looks for hooks in {folder}"),
                Some("`claude-env hooks install` says what to do".to_owned()),
            ),
        };
        Self {
            event: hook.event.name(),
            state,
            installed: hook.is_installed(),
            owner,
            at: Some(place.clone()).filter(|place| !place.is_empty()),
            message,
            help,
        }
    }
}

fn whose(owner: &Owner) -> String {
    match owner {
        Owner::Unknown => owner.to_string(),
        _ => format!("{owner}'s"),
    }
}

fn by_way_of(via: &Via, place: &str) -> String {
    match via {
        Via::Config(_) => format!("by {place}"),
        Via::File { before: None } => format!("by {place}"),
        Via::File { before: Some(Owner::Unknown) } => {
            format!("by {place}, after the hook that was there before")
        }
        Via::File { before: Some(owner) } => format!("by {place}, after {owner}'s"),
        Via::Manager(owner) => format!("by {place}, which {owner} runs"),
        Via::Hand => format!("by hand, in {place}"),
    }
}

impl From<&HookStep> for Change {
    fn from(step: &HookStep) -> Self {
        let add = |new: &bool| if *new { Action::Add } else { Action::Change };
        let none = |action| Self { action, file: None, to: None, key: None, command: None };
        let file = |action, file: &str| Self { file: Some(file.to_owned()), ..none(action) };
        let key = |action, event: &hooks::Event| Self {
            key: Some(format!("hook.{}", event.friendly_name())),
            ..none(action)
        };
        match step {
            HookStep::MakeFolder => none(Action::MakeFolder),
            HookStep::RemoveFolder => none(Action::RemoveFolder),
            HookStep::Write { file: name, new, .. } => file(add(new), name),
            HookStep::Rename { from, to } => {
                Self { to: Some(to.clone()), ..file(Action::Rename, from) }
            }
            HookStep::Remove { file: name } => file(Action::Remove, name),
            HookStep::Configure { event, command, new } => {
                Self { command: Some(command.clone()), ..key(add(new), event) }
            }
            HookStep::Unconfigure { event } => key(Action::Remove, event),
        }
    }
}

impl Change {
    /// Returns the change on one line; `None` for what goes without saying.
    fn line(&self, folder: &str) -> Option<String> {
        let sign = match self.action {
            Action::MakeFolder | Action::RemoveFolder => return None,
            Action::Add => '+',
            Action::Change => '~',
            Action::Rename => '>',
            Action::Remove => '-',
        };
        let what = match (&self.file, &self.to, &self.key) {
            (Some(file), Some(to), _) => format!("{folder}/{file}  is now {to}"),
            (Some(file), None, _) => format!("{folder}/{file}"),
            (None, _, key) => {
                let key = key.as_deref().unwrap_or_default();
                format!("{key}  in git's configuration of the repository")
            }
        };
        Some(one_line(&format!("{sign} {what}")))
    }
}

impl Changed {
    /// Returns true if something was done, or there is nothing to do.
    pub fn is_done(&self) -> bool {
        !self.dry_run || self.changes.is_empty()
    }

    /// Returns one line for each thing that was done, and what one should know of it.
    pub fn steps(&self, style: Style) -> Text {
        let lines: Vec<String> =
            self.changes.iter().filter_map(|change| change.line(&self.folder)).collect();
        let mut text = Text::default();
        text.result(lines.join("\n"));
        for line in &self.warnings {
            text.remark(warning(line, style.color_remarks));
        }
        text
    }

    /// Returns what was done, with a summary. `uninstall` says which of the two commands it was.
    pub fn text(&self, uninstall: bool, style: Style) -> Text {
        let would = if self.dry_run { "Would do: " } else { "" };
        let what = match (self.changes.is_empty(), uninstall) {
            (true, _) => "nothing to do".to_owned(),
            (false, true) => "hooks removed".to_owned(),
            (false, false) => format!("{} installed", count(self.hooks.len(), "hook")),
        };
        let mut text = self.steps(style);
        text.remark(format!("{would}{what}"));
        text
    }
}

impl Status {
    /// Returns true if git runs every hook that there should be.
    pub fn is_complete(&self) -> bool {
        self.hooks.iter().all(|hook| hook.installed)
    }

    /// Returns one line for each hook, and what to do about those that are not installed.
    pub fn text(&self) -> Text {
        let mut out = String::new();
        for hook in &self.hooks {
            let line = [hook.state.word(), &hook.message].join("  ");
            out.push_str(&one_line(&format!("{:13}  {}", hook.event, line.trim_end())));
            out.push('\n');
            if let Some(help) = &hook.help {
                out.push_str(&format!("    {}\n", one_line(help)));
            }
        }
        let mut text = Text::default();
        text.result(out);
        if self.hooks.is_empty() {
            text.remark(
                "no hooks are due here: this is neither a workspace nor a config repository",
            );
        }
        text
    }
}

/// Returns the hooks on one line.
pub(super) fn at_a_glance(hooks: &[Hook]) -> String {
    let total = hooks.len();
    let installed = hooks.iter().filter(|hook| hook.installed).count();
    if installed == total {
        let names: Vec<&str> = hooks.iter().map(|hook| hook.event).collect();
        return names.join(", ");
    }
    match hooks.iter().all(|hook| hook.state == State::Missing) {
        true => "none: `claude-env hooks install` installs them".to_owned(),
        false => format!("{installed} of {total} installed; see `claude-env hooks status`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;

    fn hook(event: &'static str, state: State) -> Hook {
        Hook {
            event,
            state,
            installed: state == State::Installed,
            owner: (state == State::Installed).then(|| "claude-env".to_owned()),
            at: Some(format!(".git/hooks/{event}")),
            message: format!("by .git/hooks/{event}"),
            help: (state != State::Installed)
                .then(|| "`claude-env hooks install` installs it".to_owned()),
        }
    }

    fn sample() -> Changed {
        let none = |action| Change { action, file: None, to: None, key: None, command: None };
        let file = |action| Change { file: Some("post-merge".to_owned()), ..none(action) };
        Changed {
            dry_run: false,
            folder: ".git/hooks".to_owned(),
            changes: vec![
                none(Action::MakeFolder),
                Change { to: Some("post-merge.legacy".to_owned()), ..file(Action::Rename) },
                file(Action::Add),
                Change { key: Some("hook.claude-env".to_owned()), ..none(Action::Change) },
            ],
            warnings: vec!["the hook of husky runs first".to_owned()],
            hooks: vec![hook("post-merge", State::Installed)],
        }
    }

    #[test]
    fn changes_as_json() {
        assert_eq!(
            Answer::new("hooks", true, sample()).json(),
            r#"{
  "command": "hooks",
  "ok": true,
  "dry_run": false,
  "folder": ".git/hooks",
  "changes": [
    {
      "action": "make-folder"
    },
    {
      "action": "rename",
      "file": "post-merge",
      "to": "post-merge.legacy"
    },
    {
      "action": "add",
      "file": "post-merge"
    },
    {
      "action": "change",
      "key": "hook.claude-env"
    }
  ],
  "warnings": [
    "the hook of husky runs first"
  ],
  "hooks": [
    {
      "event": "post-merge",
      "state": "installed",
      "installed": true,
      "owner": "claude-env",
      "at": ".git/hooks/post-merge",
      "message": "by .git/hooks/post-merge",
      "help": null
    }
  ]
}"#
        );
    }

    #[test]
    fn changes_as_text() {
        assert_eq!(
            sample().text(false, Style::PLAIN).marked(),
            r"> .git/hooks/post-merge  is now post-merge.legacy
+ .git/hooks/post-merge
~ hook.claude-env  in git's configuration of the repository
# warning: the hook of husky runs first
# 1 hook installed
"
        );
    }

    fn status() -> Status {
        Status {
            hooks: vec![hook("post-checkout", State::Installed), hook("post-merge", State::Off)],
        }
    }

    #[test]
    fn status_as_json() {
        assert_eq!(
            Answer::new("hooks", status().is_complete(), status()).json(),
            r#"{
  "command": "hooks",
  "ok": false,
  "hooks": [
    {
      "event": "post-checkout",
      "state": "installed",
      "installed": true,
      "owner": "claude-env",
      "at": ".git/hooks/post-checkout",
      "message": "by .git/hooks/post-checkout",
      "help": null
    },
    {
      "event": "post-merge",
      "state": "off",
      "installed": false,
      "owner": null,
      "at": ".git/hooks/post-merge",
      "message": "by .git/hooks/post-merge",
      "help": "`claude-env hooks install` installs it"
    }
  ]
}"#
        );
    }

    #[test]
    fn status_as_text() {
        assert_eq!(
            status().text().marked(),
            r"post-checkout  installed  by .git/hooks/post-checkout
post-merge     off  by .git/hooks/post-merge
    `claude-env hooks install` installs it
"
        );
        assert_eq!(at_a_glance(&status().hooks), "1 of 2 installed; see `claude-env hooks status`");
    }
}
