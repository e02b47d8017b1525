//! The hooks of a repository, as they were found.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Event;
use super::hook_file::HookFile;
use super::owner::{Manager, Owner};
use super::shim::program_of;

/// The hooks of one repository, as they were found.
#[derive(Clone, Debug)]
pub struct HookSnapshot {
    /// The version of git.
    pub version: Version,
    /// Why git does not use the repository, such as that it belongs to another user; `None` if it does.
    pub refused: Option<String>,
    /// The repository's own folder of hooks, which all its worktrees share.
    pub folder: PathBuf,
    /// The folder as shown to people.
    pub shown: String,
    /// What kind of folder it is.
    pub state: FolderState,
    /// The files of the events in it, by name: `NAME`, and everything that starts with `NAME.`.
    pub files: BTreeMap<String, HookFile>,
    /// The configuration files of the managers that own some of these hooks, as text.
    pub told: Vec<(Manager, String)>,
    /// The folder that git uses instead; `None` unless `core.hooksPath` is set.
    pub hooks_path: Option<HooksPath>,
    /// Git's settings `hook.*`, in order of precedence; the last one wins.
    pub settings: Vec<Setting>,
}

/// What kind of folder the folder of hooks is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderState {
    /// A folder.
    There,
    /// It does not exist.
    Missing,
    /// A symbolic link, or below one, to this folder outside of the repository.
    Elsewhere(PathBuf),
}

/// The folder of hooks that `core.hooksPath` names.
#[derive(Clone, Debug)]
pub struct HooksPath {
    /// The value as written.
    pub value: String,
    /// The scope of the setting: `local`, `worktree`, `global` or `system`.
    pub scope: String,
    /// The file of the setting.
    pub origin: String,
    /// The folder, as an absolute path.
    pub folder: PathBuf,
    /// Whether it is a folder, or could be created; `/dev/null` cannot.
    pub is_folder: bool,
    /// The files that run from there, by the name of the event. Husky's files are one folder above.
    pub files: BTreeMap<String, HookFile>,
    /// Whether husky set it.
    pub husky: bool,
}

/// One setting of git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The scope: `local`, `worktree`, `global` or `system`.
    pub scope: String,
    /// The file that sets it.
    pub origin: String,
    /// The name, with its section in lower case.
    pub key: String,
    /// The value.
    pub value: String,
    /// Whether it is a command of claude-env whose program exists.
    pub program_runs: bool,
}

impl Setting {
    /// Returns the program of a command of claude-env; `None` for any other setting.
    pub fn program(&self) -> Option<String> {
        program_of(&self.value)
    }
}

/// The version of git.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The major version.
    pub major: u32,
    /// The minor version.
    pub minor: u32,
}

impl Version {
    /// The first version that runs hooks from its configuration.
    const CONFIGURED_HOOKS: Self = Self { major: 2, minor: 54 };

    /// Parses the output of `git --version`, such as `git version 2.47.3 (…)`; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().strip_prefix("git version ")?.split('.');
        let mut next = || numbers.next().and_then(|number| number.parse().ok());
        Some(Self { major: next()?, minor: next()? })
    }

    /// Returns true if this version runs hooks from its configuration.
    pub fn has_configured_hooks(self) -> bool {
        self >= Self::CONFIGURED_HOOKS
    }
}

/// The hook of claude-env for an event in git's configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Configured<'s> {
    pub(super) command: &'s Setting,
    /// Whether it runs for its event only.
    pub(super) for_event: bool,
    /// The setting that disables it; `None` if none does.
    pub(super) off: Option<&'s Setting>,
}

impl HookSnapshot {
    /// Returns the hook of claude-env for an event, from all scopes as git merges them; `None` if there is none.
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

    /// Returns true if the repository's own configuration has a section of claude-env for an event.
    pub(super) fn is_in_config(&self, event: Event) -> bool {
        let section = format!("hook.{}.", event.friendly_name());
        self.settings
            .iter()
            .any(|setting| setting.scope == "local" && setting.key.starts_with(&section))
    }

    /// Returns the file of an event whose name ends with `suffix`; `None` if there is none.
    pub(super) fn file(&self, event: Event, suffix: &str) -> Option<&HookFile> {
        self.files.get(&format!("{event}{suffix}"))
    }

    /// Returns true if git runs claude-env because somebody wrote a call into the hook or into a manager's configuration.
    pub(super) fn is_by_hand(&self, event: Event) -> bool {
        let Some(main) = self.file(event, "").filter(|main| main.executable) else { return false };
        let told = |manager: Manager| {
            let mut told = self.told.iter().filter(|(whose, _)| *whose == manager);
            told.any(|(_, text)| manager.runs_us(text, event))
        };
        main.calls_us(event) || matches!(main.owner, Owner::Manager(manager) if told(manager))
    }

    /// Returns the file of claude-env for an event and its name, wherever it was moved; `None` if there is none.
    pub(super) fn ours(&self, event: Event) -> Option<(&str, &HookFile)> {
        self.files_of(event).find(|(_, file)| file.owner.is_ours())
    }

    /// Returns all files of an event, the hook itself first.
    pub(super) fn files_of(&self, event: Event) -> impl Iterator<Item = (&str, &HookFile)> {
        let dotted = format!("{event}.");
        let of_event = move |name: &str| name == event.name() || name.starts_with(&dotted);
        let files = self.files.iter().map(|(name, file)| (name.as_str(), file));
        files.filter(move |(name, _)| of_event(name))
    }
}
