//! The answers of `--all`: what `sync`, `status` and `drift` have to say about the workspaces of a machine.

use schemars::JsonSchema;
use serde::Serialize;

use super::failure::Failure;
use super::text::AS_CONFIGURED;
use super::{Text, count, markdown};
use crate::diagnostic::escape::one_line;

/// What a command has to say about each workspace.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Fleet<T> {
    /// True if nothing was written, because only the plan was asked for; left out where nothing is ever written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
    /// One for each workspace.
    pub workspaces: Vec<Workspace<T>>,
}

/// What a command has to say about one workspace.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Workspace<T> {
    /// The answer of the command.
    Answered(Answered<T>),
    /// The workspace is as it was when nothing differed.
    Unchanged(Unchanged),
    /// The command failed in it.
    Failed(Failed),
}

/// The answer of a command in one workspace.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Answered<T> {
    /// True if nothing was found and nothing is left to do.
    pub ok: bool,
    /// The answer.
    #[serde(flatten)]
    pub body: T,
    /// The folder of the workspace.
    pub path: String,
    /// How it was compared; left out where there is no choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
}

/// A workspace as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unchanged {
    /// True.
    pub ok: bool,
    /// The folder of the workspace.
    pub path: String,
    /// How it was compared.
    pub method: Method,
}

/// A workspace in which the command failed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Failed {
    /// False.
    pub ok: bool,
    /// Why.
    pub error: Failure,
    /// The folder of the workspace.
    pub path: String,
    /// How it was to be compared; left out where there is no choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
}

/// How a workspace was compared with its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// By the size and modification time of its files.
    Mtime,
    /// By the content of its files.
    Content,
}

/// An answer about one workspace that fits on a line.
pub trait Line: Serialize {
    /// Returns true if nothing was found and nothing is left to do.
    fn ok(&self) -> bool;

    /// Returns the answer on one line.
    fn line(&self) -> String;
}

impl<T: Line> Workspace<T> {
    /// Reports the answer in one workspace.
    pub fn answered(path: String, body: T, method: Option<Method>) -> Self {
        Self::Answered(Answered { ok: body.ok(), body, path, method })
    }

    /// Reports a workspace that is as it was.
    pub fn unchanged(path: String) -> Self {
        Self::Unchanged(Unchanged { ok: true, path, method: Method::Mtime })
    }

    /// Reports a workspace in which the command failed.
    pub fn failed(path: String, error: Failure, method: Option<Method>) -> Self {
        Self::Failed(Failed { ok: false, error, path, method })
    }

    /// Returns the folder of the workspace.
    pub fn path(&self) -> &str {
        match self {
            Self::Answered(Answered { path, .. })
            | Self::Unchanged(Unchanged { path, .. })
            | Self::Failed(Failed { path, .. }) => path,
        }
    }

    /// Returns true if the command found something, or left something to do.
    pub fn has_findings(&self) -> bool {
        matches!(self, Self::Answered(Answered { ok: false, .. }))
    }

    /// Returns true if the command failed.
    pub fn is_failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    fn line(&self) -> String {
        match self {
            Self::Answered(answered) => answered.body.line(),
            Self::Unchanged(_) => AS_CONFIGURED.to_owned(),
            Self::Failed(failed) => format!("error: {}", failed.error.line()),
        }
    }
}

/// Which workspaces text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All.
    All,
    /// Those in which something was found, or the command failed.
    Concerned,
}

impl<T: Line> Fleet<T> {
    /// Returns a line for each workspace. `short` gives a path as people know it.
    pub fn text(&self, shown: Shown, short: impl Fn(&str) -> String) -> Text {
        let mut lines = String::new();
        for workspace in self.shown(shown) {
            let line = format!("{}  {}", short(workspace.path()), workspace.line());
            lines.push_str(&one_line(&line));
            lines.push('\n');
        }
        let mut text = Text::default();
        text.result(lines);
        text
    }

    /// Returns a table of the workspaces, under a headline.
    pub fn markdown(&self, shown: Shown, headline: &str, short: impl Fn(&str) -> String) -> String {
        let rows = self.shown(shown).map(|workspace| {
            let name = markdown::code(&short(workspace.path()));
            [name, markdown::plain(&workspace.line())]
        });
        markdown::blocks(&[
            format!("**{}**", markdown::plain(headline)),
            markdown::table(["Workspace", "Result"], rows),
        ])
    }

    fn shown(&self, shown: Shown) -> impl Iterator<Item = &Workspace<T>> {
        self.workspaces.iter().filter(move |workspace| {
            shown == Shown::All || workspace.has_findings() || workspace.is_failed()
        })
    }

    /// Returns `, 2 failed`, with the word given, or nothing.
    fn failed(&self, word: &str) -> String {
        match self.workspaces.iter().filter(|workspace| workspace.is_failed()).count() {
            0 => String::new(),
            number => format!(", {number} {word}"),
        }
    }

    /// Returns what a sync of all comes to, in one sentence.
    pub fn sync_summary(&self) -> String {
        if self.workspaces.is_empty() {
            return NONE_REGISTERED.to_owned();
        }
        let would = if self.dry_run == Some(true) { "would sync" } else { "synced" };
        let number = count(self.workspaces.len(), "workspace");
        format!("{would} {number}{}", self.failed("failed"))
    }

    /// Returns what the drift of all comes to, in one sentence.
    pub fn drift_summary(&self) -> String {
        let of = count(self.workspaces.len(), "workspace");
        let failed = self.failed("could not be checked");
        match self.workspaces.iter().filter(|workspace| workspace.has_findings()).count() {
            0 => format!("no drift in {of}{failed}"),
            number => format!("drift in {number} of {of}{failed}"),
        }
    }
}

/// What is said where there is no workspace.
pub const NONE_REGISTERED: &str =
    "no workspace is registered here; `init` or `sync` in one registers it";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Answer, json};

    #[derive(Clone, Debug, Serialize)]
    struct Number {
        entries: usize,
    }

    impl Line for Number {
        fn ok(&self) -> bool {
            self.entries == 0
        }

        fn line(&self) -> String {
            format!("{} differ", self.entries)
        }
    }

    fn sample() -> Fleet<Number> {
        let error = Failure {
            kind: "io",
            message: "cannot read it".to_owned(),
            hints: Vec::new(),
            findings: Vec::new(),
        };
        let path = |name: &str| format!("/home/me/{name}");
        Fleet {
            dry_run: None,
            workspaces: vec![
                Workspace::unchanged(path("a")),
                Workspace::answered(path("b"), Number { entries: 2 }, Some(Method::Content)),
                Workspace::failed(path("c"), error, None),
            ],
        }
    }

    fn short(path: &str) -> String {
        path.replace("/home/me", "~")
    }

    #[test]
    fn as_json() {
        assert_eq!(
            Answer::new("drift", false, sample()).json(),
            r#"{
  "command": "drift",
  "ok": false,
  "workspaces": [
    {
      "ok": true,
      "path": "/home/me/a",
      "method": "mtime"
    },
    {
      "ok": false,
      "entries": 2,
      "path": "/home/me/b",
      "method": "content"
    },
    {
      "ok": false,
      "error": {
        "kind": "io",
        "message": "cannot read it",
        "hints": [],
        "findings": []
      },
      "path": "/home/me/c"
    }
  ]
}"#
        );
        let none: Fleet<Number> = Fleet { dry_run: Some(true), workspaces: Vec::new() };
        assert_eq!(
            json(&none),
            r#"{
  "dry_run": true,
  "workspaces": []
}"#
        );
        assert_eq!(none.sync_summary(), NONE_REGISTERED);
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text(Shown::All, short).marked(),
            r"~/a  as configured
~/b  2 differ
~/c  error: cannot read it
"
        );
        assert_eq!(
            sample().text(Shown::Concerned, short).marked(),
            r"~/b  2 differ
~/c  error: cannot read it
"
        );
        assert_eq!(sample().drift_summary(), "drift in 1 of 3 workspaces, 1 could not be checked");
        assert_eq!(sample().sync_summary(), "synced 3 workspaces, 1 failed");
    }

    #[test]
    fn as_markdown() {
        assert_eq!(
            sample().markdown(Shown::Concerned, &sample().drift_summary(), short),
            r"**drift in 1 of 3 workspaces, 1 could not be checked**

| Workspace | Result |
| --- | --- |
| `~/b` | 2 differ |
| `~/c` | error: cannot read it |
"
        );
    }
}
