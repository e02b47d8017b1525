//! In whose hands each hook is.

use super::snapshot::Configured;
use super::{Event, FolderState, HookFile, HookSnapshot, Owner};

/// How the hook for one event stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    pub event: Event,
    pub state: HookState,
    /// The file or the setting that this is about, as shown to people; empty if there is none.
    pub place: String,
}

/// Whether git runs us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookState {
    /// It does.
    Installed(Via),
    /// Nothing is there.
    Missing,
    /// Somebody else's hook is there.
    Foreign(Owner),
    /// Ours was there, and somebody put theirs in its place; it lies aside under this name.
    Displaced { by: Owner, aside: String },
    /// Ours is there, and git does not run it: why, and what to do about it if that is not to install it again.
    Off { why: String, help: Option<String> },
    /// Ours is there, and this program is not.
    ProgramGone(String),
    /// Git was told to look for hooks in this folder.
    Elsewhere(String),
}

/// How git comes to run us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// By its configuration of this scope.
    Config(String),
    /// By the hook's file, which first runs what was there before, if something was.
    File { before: Option<Owner> },
    /// By another hook, which runs what was there before it.
    Manager(Owner),
    /// By a line that somebody wrote.
    Hand,
}

impl Hook {
    /// Whether git runs us.
    pub fn is_installed(&self) -> bool {
        matches!(self.state, HookState::Installed(_))
    }
}

/// How the hooks for these events stand.
pub fn hooks(found: &HookSnapshot, events: &[Event]) -> Vec<Hook> {
    events.iter().map(|&event| hook(found, event)).collect()
}

fn hook(found: &HookSnapshot, event: Event) -> Hook {
    let configured = found.configured(event).map(|hook| by_config(found, event, hook));
    // What does not work this way may work the other way.
    match configured {
        Some(hook) if hook.is_installed() => hook,
        Some(hook) => {
            let file = by_file(found, event);
            if file.is_installed() { file } else { hook }
        }
        None => by_file(found, event),
    }
}

fn by_config(found: &HookSnapshot, event: Event, hook: Configured<'_>) -> Hook {
    let Configured { command, for_event, off: switched_off } = hook;
    let state = if !found.version.has_configured_hooks() {
        let version = found.version;
        off(format!(
            "git {}.{} runs no hooks of its configuration; git 2.54 does",
            version.major, version.minor
        ))
    } else if let Some(switch) = switched_off {
        HookState::Off {
            why: format!("`{}` is `{}` in {}", switch.key, switch.value, switch.origin),
            help: Some(format!("`git config --{} --unset-all {}`", switch.scope, switch.key)),
        }
    } else if !for_event {
        off(format!("`hook.{}.event` is not `{event}` alone", event.friendly_name()))
    } else {
        match command.program() {
            Some(program) if !command.program_runs => HookState::ProgramGone(program),
            Some(_) => HookState::Installed(Via::Config(command.scope.clone())),
            // Somebody's own command, under our name.
            None => HookState::Installed(Via::Hand),
        }
    };
    let place = format!("{} in {}", command.key.trim_end_matches(".command"), command.origin);
    Hook { event, state, place }
}

fn by_file(found: &HookSnapshot, event: Event) -> Hook {
    let at = |state, place: String| Hook { event, state, place };
    if let Some(path) = &found.hooks_path {
        let shown = path.folder.join(event.name()).display().to_string();
        let theirs = path.files.get(event.name());
        return match theirs {
            Some(file) if file.calls_us(event) => at(HookState::Installed(Via::Hand), shown),
            _ => at(HookState::Elsewhere(path.value.clone()), shown),
        };
    }
    let shown = |name: &str| format!("{}/{name}", found.shown);
    if let FolderState::Elsewhere(folder) = &found.state {
        let folder = folder.display().to_string();
        return match found.file(event, "") {
            Some(file) if file.calls_us(event) => {
                at(HookState::Installed(Via::Hand), shown(event.name()))
            }
            _ => at(HookState::Elsewhere(folder), shown(event.name())),
        };
    }
    let aside = found.ours(event).filter(|(name, _)| *name != event.name());
    let Some(main) = found.file(event, "") else {
        return at(HookState::Missing, String::new());
    };
    let place = shown(event.name());
    if main.owner.is_ours() {
        return at(own(found, event, main, Via::File { before: before(found, event) }), place);
    }
    match aside {
        Some((name, file)) if main.runs_legacy() && name == format!("{event}.legacy") => {
            at(own(found, event, file, Via::Manager(main.owner.clone())), shown(name))
        }
        _ if found.is_by_hand(event) => at(HookState::Installed(Via::Hand), place),
        Some((name, _)) => {
            let aside = name.to_owned();
            at(HookState::Displaced { by: main.owner.clone(), aside }, place)
        }
        None => at(HookState::Foreign(main.owner.clone()), place),
    }
}

/// How a file of ours stands that would be run.
fn own(found: &HookSnapshot, event: Event, file: &HookFile, via: Via) -> HookState {
    let main = found.file(event, "");
    if !file.executable || main.is_some_and(|main| !main.executable) {
        return off("it is not executable".to_owned());
    }
    match &file.owner {
        Owner::Ours(shim) if !file.program_runs => HookState::ProgramGone(shim.program.clone()),
        _ => HookState::Installed(via),
    }
}

/// What installing it again puts right.
fn off(why: String) -> HookState {
    HookState::Off { why, help: None }
}

/// Who wrote the hook that ours runs first.
fn before(found: &HookSnapshot, event: Event) -> Option<Owner> {
    found.files.get(&event.before()).map(|file| file.owner.clone())
}
