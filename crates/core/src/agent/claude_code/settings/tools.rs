//! The tools of Claude Code.

/// The tools of Claude Code 2.1.197 and 2.1.330, sorted.
pub const TOOLS: &[&str] = &[
    "Agent",
    "Artifact",
    "AskUserQuestion",
    "Bash",
    "ClaudeDesign",
    "CronCreate",
    "CronDelete",
    "CronList",
    "DesignSync",
    "Edit",
    "EndConversation",
    "EnterPlanMode",
    "EnterWorktree",
    "ExitPlanMode",
    "ExitWorktree",
    "Glob",
    "Grep",
    "LSP",
    "ListAgents",
    "ListMcpResourcesTool",
    "Monitor",
    "NotebookEdit",
    "OfferChromeSetup",
    "PowerShell",
    "Projects",
    "PushNotification",
    "Read",
    "ReadMcpResourceDirTool",
    "ReadMcpResourceTool",
    "ReadNotifications",
    "RemoteTrigger",
    "ReportFindings",
    "ScheduleWakeup",
    "SendFeedback",
    "SendMessage",
    "SendUserFile",
    "SendUserMessage",
    "SetGoal",
    "ShareOnboardingGuide",
    "ShowOnboardingRolePicker",
    "Skill",
    "SubagentHandback",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskOutput",
    "TaskStop",
    "TaskUpdate",
    "TeamCreate",
    "TeamDelete",
    "TodoWrite",
    "ToolSearch",
    "WaitForMcpServers",
    "WebFetch",
    "WebSearch",
    "Workflow",
    "Write",
    "propose_skills",
];

/// Former names that still work, sorted, each with the current one.
const RENAMED: &[(&str, &str)] = &[
    ("AgentOutput", "TaskOutput"),
    ("AgentOutputTool", "TaskOutput"),
    ("BashOutput", "TaskOutput"),
    ("BashOutputTool", "TaskOutput"),
    ("Brief", "SendUserMessage"),
    ("KillBash", "TaskStop"),
    ("KillShell", "TaskStop"),
    ("ListMcpResources", "ListMcpResourcesTool"),
    ("ListPeers", "ListAgents"),
    ("ProposeGoal", "SetGoal"),
    ("ReadMcpResource", "ReadMcpResourceTool"),
    ("ReadMcpResourceDir", "ReadMcpResourceDirTool"),
    ("Task", "Agent"),
];

/// Removed tools, sorted, each with its replacement.
const REMOVED: &[(&str, &str)] = &[
    ("LS", "Read"),
    ("MCPSearch", "ToolSearch"),
    ("MultiEdit", "Edit"),
    ("NotebookRead", "Read"),
    ("SlashCommand", "Skill"),
    ("TodoRead", "TodoWrite"),
    ("exit_plan_mode", "ExitPlanMode"),
];

/// Returns true for the current name of a tool.
pub fn is_tool(name: &str) -> bool {
    TOOLS.binary_search(&name).is_ok()
}

/// Returns the current name of a tool that was renamed; `None` for any other name.
pub fn renamed(name: &str) -> Option<&'static str> {
    look_up(RENAMED, name)
}

/// Returns the replacement of a removed tool; `None` for any other name.
pub fn replaced(name: &str) -> Option<&'static str> {
    look_up(REMOVED, name)
}

fn look_up(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let at = table.binary_search_by(|(old, _)| (*old).cmp(name)).ok()?;
    table.get(at).map(|&(_, new)| new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_disjoint() {
        assert!(TOOLS.is_sorted());
        for table in [RENAMED, REMOVED] {
            assert!(table.is_sorted());
            for (old, new) in table {
                assert!(!is_tool(old), "{old}");
                assert!(is_tool(new), "{new}");
            }
        }
    }
}
