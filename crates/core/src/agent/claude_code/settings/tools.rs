//! The tools of Claude Code.

/// All tools that 2.1.197 or 2.1.330 has, sorted.
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

/// Former names that the client still understands, sorted, each with today's.
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

/// Tools that there were once, sorted, each with what does their work today.
const REMOVED: &[(&str, &str)] = &[
    ("LS", "Read"),
    ("MCPSearch", "ToolSearch"),
    ("MultiEdit", "Edit"),
    ("NotebookRead", "Read"),
    ("SlashCommand", "Skill"),
    ("TodoRead", "TodoWrite"),
    ("exit_plan_mode", "ExitPlanMode"),
];

/// Returns true if there is a tool of this name today.
pub fn is_tool(name: &str) -> bool {
    TOOLS.binary_search(&name).is_ok()
}

/// Today's name of a tool that was renamed.
pub fn renamed(name: &str) -> Option<&'static str> {
    look_up(RENAMED, name)
}

/// Returns what replaces a tool that is gone.
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
