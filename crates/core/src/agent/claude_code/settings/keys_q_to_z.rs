//! The keys of `settings.json` from `q` to `z`.

use super::shapes::{
    COMMAND, MARKETPLACE_SOURCES, POSITIVE, QUIET_HOURS, REMOTE, REMOTE_CONTROL, REMOTE_TOOLS,
    SANDBOX, SPINNER_TIPS, SPINNER_VERBS, SSH_CONFIGS, STATUS_LINE, STRING_MAP, STRINGS, VOICE,
    WORKTREE, XAA_IDP,
};
use super::{BadValue, Reach, Setting, key};
use crate::schema::Shape;

use BadValue::{Dropped, File, Warn};
use Reach::{Desktop, Everywhere, GlobalConfig, Gone, Managed, NotCommitted, NotProject, OffOnly};
use Shape::{Above, Any, Array, Bool, Either, Map, OneOfStr, OneOfStrOr, Str};

const THEMES: &[&str] =
    &["auto", "dark", "light", "dark-daltonized", "light-daltonized", "dark-ansi", "light-ansi"];

#[rustfmt::skip] // a table: one row a line
pub(super) const KEYS: &[Setting] = &[
    key("quietHours", QUIET_HOURS, File, Everywhere, ""),
    key("remote", REMOTE, File, Everywhere, ""),
    key("remoteControl", REMOTE_CONTROL, Warn, Everywhere, "").since("2.1.330"),
    key("remoteControlAtStartup", Bool, File, OffOnly, ""),
    key("remoteMessageReceipts", OneOfStr(&["on", "always", "off"]), Dropped, Everywhere, "").since("2.1.330"),
    key("remoteTools", REMOTE_TOOLS, File, Everywhere, "").since("2.1.330"),
    key("requireCoworkFullVmSandbox", Bool, Dropped, Desktop, ""),
    key("requiredMaximumVersion", Str, File, Managed, ""),
    key("requiredMinimumVersion", Str, File, Managed, ""),
    key("respectGitignore", Bool, File, Everywhere, "Excludes ignored files from suggestions."),
    key("respondToBashCommands", Bool, File, Everywhere, ""),
    key("responseComparisonEnabled", Bool, File, Everywhere, "").since("2.1.330"),
    key("sandbox", SANDBOX, File, Everywhere, "Sandbox settings for commands."),
    key("showClearContextOnPlanAccept", Bool, File, Everywhere, ""),
    key("showMessageTimestamps", Bool, File, Everywhere, ""),
    key("showThinkingSummaries", Bool, File, Everywhere, "Shows summaries of the model's thinking."),
    key("showTurnDuration", Bool, File, Everywhere, "Shows the duration of each turn."),
    key("skillListingBudgetFraction", Above { bound: 0.0, max: 1.0 }, File, Everywhere, "The fraction of the context that the list of skills may use."),
    key("skillListingMaxDescChars", POSITIVE, File, Everywhere, "The maximum number of characters of a skill description in the list."),
    key("skillOverrides", Map(&OneOfStr(&["on", "name-only", "user-invocable-only", "off"])), File, Everywhere, "Visibility of skills, by name."),
    key("skipAutoPermissionPrompt", Bool, File, NotCommitted, ""),
    key("skipDangerousModePermissionPrompt", Bool, File, NotCommitted, ""),
    key("skipWebFetchPreflight", Bool, File, Everywhere, "Fetches pages without the safety check of the site."),
    key("skipWorkflowUsageWarning", Bool, File, Everywhere, ""),
    key("skippedMarketplaces", STRINGS, Dropped, Gone, ""),
    key("skippedPlugins", STRINGS, Dropped, Gone, ""),
    key("spellcheck", Map(&Any), Dropped, NotProject, "").since("2.1.330"),
    key("spinnerTipsEnabled", Bool, File, Everywhere, "Shows tips while Claude works."),
    key("spinnerTipsOverride", SPINNER_TIPS, File, Everywhere, "The tips to show."),
    key("spinnerVerbs", SPINNER_VERBS, File, Everywhere, "The words to show while Claude works."),
    key("sshConfigs", SSH_CONFIGS, File, Managed, ""),
    key("sshHostAllowlist", STRINGS, Dropped, Desktop, ""),
    key("sshHostCommands", Array(&Any), Dropped, Everywhere, "").since("2.1.330"),
    key("statusLine", STATUS_LINE, File, Everywhere, "A command that prints the status line."),
    key("strictKnownMarketplaces", MARKETPLACE_SOURCES, File, Managed, ""),
    key("strictPluginOnlyCustomization", Either(&[Bool, Array(&OneOfStr(&["skills", "agents", "hooks", "mcp"]))]), Dropped, Managed, ""),
    key("subagentPromptCacheTtl", OneOfStr(&["5m", "1h"]), Dropped, Everywhere, "").since("2.1.330"),
    key("subagentStatusLine", COMMAND, File, Everywhere, "A command that prints the status line of agents."),
    key("switchModelsOnFlag", Bool, File, Everywhere, ""),
    key("syncClaudeAiPlugins", Bool, File, NotCommitted, "").since("2.1.330"),
    key("syncClaudeAiSkills", Bool, File, NotCommitted, "").since("2.1.330"),
    key("syntaxHighlightingDisabled", Bool, File, Everywhere, "Shows code without syntax highlighting."),
    key("taskOutputMaxChars", POSITIVE, Dropped, Everywhere, "").since("2.1.330"),
    key("teammateDefaultModel", Str, Dropped, GlobalConfig, ""),
    key("teammateMode", OneOfStr(&["auto", "in-process", "tmux", "iterm2"]), Warn, Everywhere, "Where to show teammates."),
    key("terminalProgressBarEnabled", Bool, File, Everywhere, ""),
    key("terminalTitleFromRename", Bool, File, Everywhere, ""),
    key("theme", OneOfStrOr { words: THEMES, prefix: "custom:" }, Dropped, Everywhere, "The color theme."),
    key("timeFormat", Str, File, Everywhere, "").since("2.1.330"),
    key("timeZone", Str, File, Everywhere, "").since("2.1.330"),
    key("todoFeatureEnabled", Bool, File, Everywhere, ""),
    key("totalTokensReminder", OneOfStr(&["off", "infinite", "fixed", "countdown", "padded-countdown"]), File, Everywhere, ""),
    key("totalTokensReminderAfterUserTurn", Bool, File, Everywhere, "").since("2.1.330"),
    key("totalTokensReminderBudget", POSITIVE, File, Everywhere, ""),
    key("tui", OneOfStr(&["default", "fullscreen"]), File, Everywhere, "The rendering mode of the terminal interface."),
    key("ultracode", Bool, Dropped, Everywhere, ""),
    key("useAutoModeDuringPlan", Bool, File, NotCommitted, ""),
    key("verbose", Bool, File, Everywhere, "Shows the complete output of commands."),
    key("viewMode", OneOfStr(&["default", "verbose", "focus"]), Dropped, Everywhere, "How much of the transcript to show."),
    key("vimInsertModeRemaps", STRING_MAP, Dropped, NotProject, "").since("2.1.330"),
    key("voice", VOICE, File, Everywhere, "Voice input."),
    key("voiceEnabled", Bool, File, Everywhere, "").deprecated("voice.enabled"),
    key("wheelScrollAccelerationEnabled", Bool, File, Everywhere, ""),
    key("workflowKeywordTriggerEnabled", Bool, File, Everywhere, ""),
    key("workflowSizeGuideline", OneOfStr(&["unrestricted", "small", "medium", "large"]), File, Everywhere, "Size limits of workflows.").since("2.1.330"),
    key("worktree", WORKTREE, File, Everywhere, "How to create worktrees."),
    key("wslInheritsWindowsSettings", Bool, File, Managed, ""),
    key("xaaIdp", XAA_IDP, Dropped, Everywhere, ""),
];
