//! The answer of `render`.

use schemars::JsonSchema;
use serde::Serialize;

use super::plan::Plan;
use super::{Text, count};
use crate::workspace;

/// What rendering did in each folder, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Render {
    /// True if nothing was written, because only the plan was asked for.
    pub dry_run: bool,
    /// One for each folder; one alone without `--all`.
    pub workspaces: Vec<Folder>,
}

/// What rendering did in one folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Folder {
    /// The workspace of the fleet; null without `--all`.
    pub workspace: Option<String>,
    /// What happens to each entry.
    #[serde(flatten)]
    pub plan: Plan,
    /// The plan in a few words.
    #[serde(skip)]
    pub summary: String,
    /// True if there is nothing to write.
    #[serde(skip)]
    pub noop: bool,
    /// True if something is left as it is, though the configuration says otherwise.
    #[serde(skip)]
    pub left: bool,
}

impl Folder {
    /// Reports what happens in one folder.
    pub fn new(workspace: Option<&str>, plan: &workspace::Plan) -> Self {
        let noop = plan.is_noop();
        let plan = Plan::in_folder(plan);
        let (summary, left) = (plan.summary(), plan.leaves_something());
        Self { workspace: workspace.map(str::to_owned), plan, summary, noop, left }
    }

    /// Reports the same without the entries: all that text says of one folder among many.
    pub fn brief(workspace: Option<&str>, plan: &workspace::Plan) -> Self {
        Self { plan: Plan::default(), ..Self::new(workspace, plan) }
    }
}

impl Render {
    /// Returns true if nothing was left as it is, and a dry run found nothing to do.
    pub fn is_done(&self) -> bool {
        let done = |folder: &Folder| !folder.left && (folder.noop || !self.dry_run);
        self.workspaces.iter().all(done)
    }

    /// Returns the plan of one folder, or one line for each of many. `output` is the folder as it was named.
    pub fn text(&self, output: &str) -> Text {
        let would = if self.dry_run { "Would do: " } else { "" };
        if let [Folder { workspace: None, plan, summary, .. }] = self.workspaces.as_slice() {
            let mut text = plan.text();
            text.remark(format!("{would}{summary} in {output}"));
            return text;
        }
        let lines: Vec<String> = (self.workspaces.iter())
            .filter(|folder| !folder.noop || folder.left)
            .map(|folder| {
                format!("{}: {}", folder.workspace.as_deref().unwrap_or_default(), folder.summary)
            })
            .collect();
        let touched = self.workspaces.iter().filter(|folder| !folder.noop).count();
        let all = count(self.workspaces.len(), "workspace");
        let mut text = Text::default();
        text.result(lines.join("\n"));
        text.remark(format!("{would}{all} in {output}, {touched} changed"));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;
    use crate::report::plan::tests::sample as plan;

    fn sample(workspace: Option<&str>) -> Render {
        let folder = Folder {
            workspace: workspace.map(str::to_owned),
            summary: plan().summary(),
            plan: plan(),
            noop: false,
            left: true,
        };
        Render { dry_run: true, workspaces: vec![folder] }
    }

    #[test]
    fn as_json() {
        let mut render = sample(Some("checkout"));
        render.workspaces[0].plan = Plan::default();
        assert_eq!(
            Answer::new("render", render.is_done(), render).json(),
            r#"{
  "command": "render",
  "ok": false,
  "dry_run": true,
  "workspaces": [
    {
      "workspace": "checkout",
      "changes": [],
      "problems": []
    }
  ]
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample(None).text("out").marked(),
            r"~ .mcp.json  mcpServers/docs
! .claude/agents/a.md  conflict: changed here
    `sync --force` writes the configured value; `adopt` saves your value to the configuration
! CLAUDE.md  is behind a symbolic link
    remove the link
# Would do: 1 changed, 1 kept, 1 file left alone in out
"
        );
        assert_eq!(
            sample(Some("checkout")).text("out").marked(),
            r"checkout: 1 changed, 1 kept, 1 file left alone
# Would do: 1 workspace in out, 1 changed
"
        );
    }
}
