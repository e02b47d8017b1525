//! What was found in a repository.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Event;
use super::hook_file::HookFile;
use super::owner::{Manager, Owner};
use super::shim::program_of;

/// Everything about the hooks of one repository.
#[derive(Clone, Debug)]
pub struct HookSnapshot {
    pub version: Version,
    /// The repository's own folder of hooks, which all its work trees share.
    pub folder: PathBuf,
    /// The same as shown to people.
    pub shown: String,
    pub state: FolderState,
    /// The files of our events in it, by name: `NAME`, and whatever begins with `NAME.`.
    pub files: BTreeMap<String, HookFile>,
    /// What the managers are told whose hooks are among them: the text of each file.
    pub told: Vec<(Manager, String)>,
    /// Where git looks instead, if somebody told it to.
    pub hooks_path: Option<HooksPath>,
    /// Git's configuration of `hook.*`, in the order in which it counts.
    pub settings: Vec<Setting>,
}

/// What the folder of hooks is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderState {
    There,
    Missing,
    /// A link, or below one, to a place that is not the repository's.
    Elsewhere(PathBuf),
}

/// A folder of hooks that is not the repository's own: `core.hooksPath`.
#[derive(Clone, Debug)]
pub struct HooksPath {
    /// As it was written.
    pub value: String,
    /// Which configuration says so: `local`, `worktree`, `global` or `system`; and its file.
    pub scope: String,
    pub origin: String,
    pub folder: PathBuf,
    /// Whether it is a folder, or could become one; `/dev/null` cannot.
    pub is_folder: bool,
    /// The files that are run from there, by the name of the event. Husky's own lie one folder above.
    pub files: BTreeMap<String, HookFile>,
    /// Whether husky set it.
    pub husky: bool,
}

/// A value in git's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub scope: String,
    pub origin: String,
    /// The name with its section in lower case.
    pub key: String,
    pub value: String,
    /// Whether the program of a command of ours is there.
    pub program_runs: bool,
}

impl Setting {
    /// The program, if this is a command of ours.
    pub fn program(&self) -> Option<String> {
        program_of(&self.value)
    }
}

/// Which git this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
}

impl Version {
    /// The first one that runs hooks which are named in its configuration.
    const CONFIGURED_HOOKS: Self = Self { major: 2, minor: 54 };

    /// Reads `git version 2.47.3 (…)`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().strip_prefix("git version ")?.split('.');
        let mut next = || numbers.next().and_then(|number| number.parse().ok());
        Some(Self { major: next()?, minor: next()? })
    }

    /// Whether it runs hooks that are named in its configuration.
    pub fn has_configured_hooks(self) -> bool {
        self >= Self::CONFIGURED_HOOKS
    }
}

/// Our hook for an event, as git's configuration has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Configured<'s> {
    pub(super) command: &'s Setting,
    /// Whether it is run for its event and for no other.
    pub(super) for_event: bool,
    /// The setting that switches it off, if one does.
    pub(super) off: Option<&'s Setting>,
}

impl HookSnapshot {
    /// Our hook for an event in git's configuration, of all scopes together as git reads them.
    pub(super) fn configured(&self, event: Event) -> Option<Configured<'_>> {
        let name = event.friendly_name();
        let all = |key: String| self.settings.iter().filter(move |setting| setting.key == key);
        let command = all(format!("hook.{name}.command")).next_back()?;
        let mut events: Vec<&str> = Vec::new();
        for setting in all(format!("hook.{name}.event")) {
            match setting.value.as_str() {
                "" => events.clear(),
                event if events.contains(&event) => {}
                event => events.push(event),
            }
        }
        let off = [name.as_str(), event.name()].into_iter().find_map(|name| {
            let last = all(format!("hook.{name}.enabled")).next_back()?;
            let no = ["false", "no", "off", "0"].contains(&last.value.to_lowercase().as_str());
            no.then_some(last)
        });
        Some(Configured { command, for_event: events == [event.name()], off })
    }

    /// Whether the repository's own configuration has anything of ours for an event.
    pub(super) fn is_in_config(&self, event: Event) -> bool {
        let section = format!("hook.{}.", event.friendly_name());
        self.settings
            .iter()
            .any(|setting| setting.scope == "local" && setting.key.starts_with(&section))
    }

    /// The file of an event's hook, by what comes after its name.
    pub(super) fn file(&self, event: Event, suffix: &str) -> Option<&HookFile> {
        self.files.get(&format!("{event}{suffix}"))
    }

    /// Whether git runs us for an event by what somebody wrote: into the hook, or for the manager whose hook it is.
    pub(super) fn is_by_hand(&self, event: Event) -> bool {
        let Some(main) = self.file(event, "").filter(|main| main.executable) else { return false };
        let told = |manager: Manager| {
            let mut told = self.told.iter().filter(|(whose, _)| *whose == manager);
            told.any(|(_, text)| manager.runs_us(text, event))
        };
        main.calls_us(event) || matches!(main.owner, Owner::Manager(manager) if told(manager))
    }

    /// Our file for an event and its name, wherever it is now.
    pub(super) fn ours(&self, event: Event) -> Option<(&str, &HookFile)> {
        self.files_of(event).find(|(_, file)| file.owner.is_ours())
    }

    /// All files of an event, the hook itself first.
    pub(super) fn files_of(&self, event: Event) -> impl Iterator<Item = (&str, &HookFile)> {
        let dotted = format!("{event}.");
        let of_event = move |name: &str| name == event.name() || name.starts_with(&dotted);
        let files = self.files.iter().map(|(name, file)| (name.as_str(), file));
        files.filter(move |(name, _)| of_event(name))
    }
}
