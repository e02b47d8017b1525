//! The events of Claude Code's hooks, and iterators over the tables that configure hooks.

use std::sync::Arc;

use crate::source::Node;

/// An event that hooks can be for.
#[derive(Debug)]
pub struct Event {
    /// The name, as a key of `hooks`.
    pub name: &'static str,
    /// What a matcher is compared with.
    pub matches: Matches,
    /// The first version that knows it; `None` if the oldest supported version, 2.1.197, does.
    pub since: Option<&'static str>,
}

/// What a matcher of an event is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matches {
    /// The name of a tool.
    Tool,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Some other text.
    Text,
    /// Nothing: the matcher is ignored, and the hook always runs.
    Nothing,
}

const fn event(name: &'static str, matches: Matches) -> Event {
    Event { name, matches, since: None }
}

const fn since(version: &'static str, name: &'static str, matches: Matches) -> Event {
    Event { name, matches, since: Some(version) }
}

/// All events, sorted.
pub const EVENTS: &[Event] = &[
    event(
        "ConfigChange",
        Matches::Words(&[
            "user_settings",
            "project_settings",
            "local_settings",
            "policy_settings",
            "skills",
        ]),
    ),
    event("CwdChanged", Matches::Nothing),
    since("2.1.219", "DirectoryAdded", Matches::Text),
    event("Elicitation", Matches::Text),
    event("ElicitationResult", Matches::Text),
    event("FileChanged", Matches::Text),
    event("InstructionsLoaded", Matches::Text),
    event("MessageDisplay", Matches::Nothing),
    event("Notification", Matches::Text),
    event("PermissionDenied", Matches::Tool),
    event("PermissionRequest", Matches::Tool),
    event("PostCompact", Matches::Words(&["manual", "auto"])),
    since("2.1.330", "PostModelSwitch", Matches::Text),
    event("PostToolBatch", Matches::Nothing),
    event("PostToolUse", Matches::Tool),
    event("PostToolUseFailure", Matches::Tool),
    event("PreCompact", Matches::Words(&["manual", "auto"])),
    since("2.1.330", "PreModelSwitch", Matches::Text),
    since("2.1.332", "PreSkillShellCommand", Matches::Text),
    event("PreToolUse", Matches::Tool),
    event("SessionEnd", Matches::Text),
    event("SessionStart", Matches::Words(&["startup", "resume", "clear", "compact", "fork"])),
    event("Setup", Matches::Words(&["init", "maintenance"])),
    event("Stop", Matches::Nothing),
    event("StopFailure", Matches::Text),
    event("SubagentStart", Matches::Text),
    event("SubagentStop", Matches::Text),
    event("TaskCompleted", Matches::Nothing),
    event("TaskCreated", Matches::Nothing),
    event("TeammateIdle", Matches::Nothing),
    event("UserPromptExpansion", Matches::Text),
    event("UserPromptSubmit", Matches::Nothing),
    event("WorktreeCreate", Matches::Nothing),
    event("WorktreeRemove", Matches::Nothing),
];

/// Returns the event of this name.
pub fn find(name: &str) -> Option<&'static Event> {
    let at = EVENTS.binary_search_by(|event| event.name.cmp(name)).ok()?;
    EVENTS.get(at)
}

/// Returns the events of a document that Claude Code knows, each with its value.
pub fn events(root: &Node) -> impl Iterator<Item = (&'static Event, &Arc<Node>)> {
    let table = root.get("hooks").and_then(|hooks| hooks.as_table());
    table.into_iter().flatten().filter_map(|(name, node)| Some((find(name)?, node)))
}

/// Returns the matchers of a document: each entry of each event's array.
pub fn matchers(root: &Node) -> impl Iterator<Item = (&'static Event, &Arc<Node>)> {
    events(root).flat_map(|(event, node)| {
        node.as_array().unwrap_or_default().iter().map(move |matcher| (event, matcher))
    })
}

/// Returns the handlers of a document: each entry of each matcher's `hooks`.
pub fn handlers(root: &Node) -> impl Iterator<Item = (&'static Event, &Arc<Node>)> {
    matchers(root).flat_map(|(event, matcher)| {
        let hooks = matcher.get("hooks").and_then(|hooks| hooks.as_array()).unwrap_or_default();
        hooks.iter().map(move |handler| (event, handler))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_sorted_and_found() {
        assert!(EVENTS.is_sorted_by_key(|event| event.name));
        assert_eq!(EVENTS.len(), 34);
        assert!(find("PreToolUse").is_some());
        assert!(find("preToolUse").is_none());
    }
}
