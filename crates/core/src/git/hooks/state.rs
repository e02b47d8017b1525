//! In whose hands each hook is.

use super::snapshot::Configured;
use super::{Event, Folder, HookFile, Owner, Seen};

/// How the hook for one event stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    pub event: Event,
    pub standing: Standing,
    /// The file or the setting that this is about, as shown to people; empty if there is none.
    pub place: String,
}

/// Whether git runs us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Installed(Via),
    /// Nothing is there.
    Missing,
    /// Somebody else's hook is there.
    Foreign(Owner),
    /// Ours was there, and somebody put theirs in its place; it lies aside under this name.
    Overtaken { by: Owner, aside: String },
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
        matches!(self.standing, Standing::Installed(_))
    }
}

/// How the hooks for these events stand.
pub fn hooks(seen: &Seen, events: &[Event]) -> Vec<Hook> {
    events.iter().map(|&event| hook(seen, event)).collect()
}

fn hook(seen: &Seen, event: Event) -> Hook {
    let configured = seen.configured(event).map(|hook| by_config(seen, event, hook));
    // What does not work this way may work the other way.
    match configured {
        Some(hook) if hook.is_installed() => hook,
        Some(hook) => {
            let file = by_file(seen, event);
            if file.is_installed() { file } else { hook }
        }
        None => by_file(seen, event),
    }
}

fn by_config(seen: &Seen, event: Event, hook: Configured<'_>) -> Hook {
    let Configured { command, for_event, off: switched_off } = hook;
    let standing = if !seen.version.has_configured_hooks() {
        let version = seen.version;
        off(format!(
            "git {}.{} runs no hooks of its configuration; git 2.54 does",
            version.major, version.minor
        ))
    } else if let Some(switch) = switched_off {
        Standing::Off {
            why: format!("`{}` is `{}` in {}", switch.key, switch.value, switch.origin),
            help: Some(format!("`git config --{} --unset-all {}`", switch.scope, switch.key)),
        }
    } else if !for_event {
        off(format!("`hook.{}.event` is not `{event}` alone", event.friendly_name()))
    } else {
        match command.program() {
            Some(program) if !command.program_runs => Standing::ProgramGone(program),
            Some(_) => Standing::Installed(Via::Config(command.scope.clone())),
            // Somebody's own command, under our name.
            None => Standing::Installed(Via::Hand),
        }
    };
    let place = format!("{} in {}", command.key.trim_end_matches(".command"), command.origin);
    Hook { event, standing, place }
}

fn by_file(seen: &Seen, event: Event) -> Hook {
    let at = |standing, place: String| Hook { event, standing, place };
    if let Some(path) = &seen.hooks_path {
        let shown = path.folder.join(event.name()).display().to_string();
        let theirs = path.files.get(event.name());
        return match theirs {
            Some(file) if file.calls_us(event) => at(Standing::Installed(Via::Hand), shown),
            _ => at(Standing::Elsewhere(path.value.clone()), shown),
        };
    }
    let shown = |name: &str| format!("{}/{name}", seen.shown);
    if let Folder::Elsewhere(folder) = &seen.state {
        let folder = folder.display().to_string();
        return match seen.file(event, "") {
            Some(file) if file.calls_us(event) => {
                at(Standing::Installed(Via::Hand), shown(event.name()))
            }
            _ => at(Standing::Elsewhere(folder), shown(event.name())),
        };
    }
    let aside = seen.ours(event).filter(|(name, _)| *name != event.name());
    let Some(main) = seen.file(event, "") else {
        return at(Standing::Missing, String::new());
    };
    let place = shown(event.name());
    if main.owner.is_ours() {
        return at(own(seen, event, main, Via::File { before: before(seen, event) }), place);
    }
    match aside {
        Some((name, file)) if main.runs_legacy() && name == format!("{event}.legacy") => {
            at(own(seen, event, file, Via::Manager(main.owner.clone())), shown(name))
        }
        _ if seen.is_by_hand(event) => at(Standing::Installed(Via::Hand), place),
        Some((name, _)) => {
            let aside = name.to_owned();
            at(Standing::Overtaken { by: main.owner.clone(), aside }, place)
        }
        None => at(Standing::Foreign(main.owner.clone()), place),
    }
}

/// How a file of ours stands that would be run.
fn own(seen: &Seen, event: Event, file: &HookFile, via: Via) -> Standing {
    let main = seen.file(event, "");
    if !file.executable || main.is_some_and(|main| !main.executable) {
        return off("it is not executable".to_owned());
    }
    match &file.owner {
        Owner::Ours(shim) if !file.program_runs => Standing::ProgramGone(shim.program.clone()),
        _ => Standing::Installed(via),
    }
}

/// What installing it again puts right.
fn off(why: String) -> Standing {
    Standing::Off { why, help: None }
}

/// Who wrote the hook that ours runs first.
fn before(seen: &Seen, event: Event) -> Option<Owner> {
    seen.files.get(&event.before()).map(|file| file.owner.clone())
}
