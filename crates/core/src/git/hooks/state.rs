//! Which hook git runs for each event.

use super::shim::shell_word;
use super::snapshot::Configured;
use super::{Event, FolderState, HookFile, HookSnapshot, Owner};

/// The state of the hook of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The event.
    pub event: Event,
    /// Whether git runs claude-env.
    pub state: HookState,
    /// The file or the setting, as shown to people; empty if there is none.
    pub place: String,
}

/// Whether git runs claude-env for an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookState {
    /// It does, in this way.
    Installed(Via),
    /// There is no hook.
    Missing,
    /// There is only a hook of somebody else.
    Foreign(Owner),
    /// Another hook replaced the installed one.
    Displaced {
        /// Who wrote the other hook.
        by: Owner,
        /// The name under which the installed hook was kept.
        aside: String,
    },
    /// The hook is installed, but git does not run it.
    Off {
        /// Why not.
        why: String,
        /// What to do about it; `None` if installing again is enough.
        help: Option<String>,
    },
    /// The hook is installed, but this program does not exist.
    ProgramGone(String),
    /// Git uses this folder of hooks instead.
    Elsewhere(String),
}

/// How git runs claude-env.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// By its configuration, in this scope.
    Config(String),
    /// By the file of the hook.
    File {
        /// Who wrote the hook from before the installation, which runs first; `None` if there was none.
        before: Option<Owner>,
    },
    /// By the hook of a manager, which runs the hook from before its installation.
    Manager(Owner),
    /// By a call that somebody else wrote.
    Hand,
}

impl Hook {
    /// Returns true if git runs claude-env.
    pub fn is_installed(&self) -> bool {
        matches!(self.state, HookState::Installed(_))
    }
}

/// Returns the state of the hooks of these events.
pub fn hooks(found: &HookSnapshot, events: &[Event]) -> Vec<Hook> {
    events.iter().map(|&event| hook(found, event)).collect()
}

fn hook(found: &HookSnapshot, event: Event) -> Hook {
    if let Some(why) = &found.refused {
        let state = HookState::Off {
            why: format!("git does not use this repository: {why}"),
            help: Some(allow(found)),
        };
        return Hook { event, state, place: found.shown.clone() };
    }
    let configured = found.configured(event).map(|hook| by_config(found, event, hook));
    // If the configuration does not work, the file may.
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
            "git {}.{} does not run hooks from its configuration; git 2.54 does",
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
            // Somebody else's command, under the name of claude-env's hook.
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
            // A hook of husky is read by another file, which is executable.
            Some(file) if file.calls_us(event) && (path.husky || file.executable) => {
                at(HookState::Installed(Via::Hand), shown)
            }
            _ => at(HookState::Elsewhere(path.value.clone()), shown),
        };
    }
    let shown = |name: &str| format!("{}/{name}", found.shown);
    if let FolderState::Elsewhere(folder) = &found.state {
        let folder = folder.display().to_string();
        return match found.file(event, "") {
            Some(file) if file.calls_us(event) && file.executable => {
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

/// Returns the command that lets git use a repository of another owner.
pub(super) fn allow(found: &HookSnapshot) -> String {
    let git_dir = found.folder.parent().unwrap_or(&found.folder);
    // Of a work tree, git asks for its root.
    let root = match git_dir.file_name() {
        Some(name) if name == ".git" => git_dir.parent().unwrap_or(git_dir),
        _ => git_dir,
    };
    let root = shell_word(&root.display().to_string());
    format!("if you trust its owner: `git config --global --add safe.directory {root}`")
}

/// Returns the state of an installed file that git would run.
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

/// Returns the state of a hook that installing again fixes.
fn off(why: String) -> HookState {
    HookState::Off { why, help: None }
}

/// Returns who wrote the hook that runs first; `None` if there is none.
fn before(found: &HookSnapshot, event: Event) -> Option<Owner> {
    found.files.get(&event.before()).map(|file| file.owner.clone())
}
