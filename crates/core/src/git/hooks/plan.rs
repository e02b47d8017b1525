//! The steps that install and uninstall the hooks.

use std::path::Path;

use super::shim::{self, Shim};
use super::state::allow;
use super::{Event, FolderState, HookFile, HookSnapshot, HooksPath, Owner};

/// How a hook is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookForm {
    /// In git's configuration, where no files of other hooks are in the way.
    Config,
    /// As a file in the folder of hooks.
    File,
}

/// What to install.
#[derive(Clone, Debug)]
pub struct InstallOptions {
    /// The events.
    pub events: Vec<Event>,
    /// How they are installed.
    pub form: HookForm,
    /// The absolute path of the program.
    pub program: String,
}

/// One step. Files are relative to the folder of hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookStep {
    /// Create the folder of hooks.
    MakeFolder,
    /// Write the file of a hook.
    Write {
        /// The name of the file.
        file: String,
        /// The content.
        bytes: Vec<u8>,
        /// Whether no file of that name exists.
        new: bool,
    },
    /// Rename a file, replacing the one of the new name.
    Rename {
        /// The current name.
        from: String,
        /// The new name.
        to: String,
    },
    /// Delete a file.
    Remove {
        /// The name of the file.
        file: String,
    },
    /// Delete the folder if it is empty.
    RemoveFolder,
    /// Set the section of a hook in git's configuration.
    Configure {
        /// The event.
        event: Event,
        /// The command that git runs.
        command: String,
        /// Whether no such section exists.
        new: bool,
    },
    /// Remove the section of a hook from git's configuration.
    Unconfigure {
        /// The event.
        event: Event,
    },
}

/// The steps, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HooksPlan {
    /// The steps.
    pub steps: Vec<HookStep>,
    /// Warnings for people.
    pub warnings: Vec<String>,
}

/// Why nothing is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksRefusal {
    /// The reason.
    pub message: String,
    /// What would resolve it, one line each.
    pub hints: Vec<String>,
}

/// Plans the installation of the hooks. Fails when another hook is in the way that cannot be kept.
pub fn install(found: &HookSnapshot, options: &InstallOptions) -> Result<HooksPlan, HooksRefusal> {
    if let Some(why) = &found.refused {
        return Err(HooksRefusal {
            message: format!("git does not use this repository: {why}"),
            hints: vec![allow(found)],
        });
    }
    let mut plan = HooksPlan::default();
    match options.form {
        HookForm::Config => {
            for &event in &options.events {
                configure(found, event, &options.program, &mut plan);
            }
            // The files for an older git are removed, or git would run both.
            remove_files(found, &options.events, &mut plan);
        }
        HookForm::File => {
            if is_elsewhere(found, &options.events)? {
                return Ok(plan);
            }
            let mut steps = Vec::new();
            for &event in &options.events {
                write(found, event, &options.program, &mut steps)?;
            }
            let writes = steps.iter().any(|step| matches!(step, HookStep::Write { .. }));
            if found.state == FolderState::Missing && writes {
                plan.steps.push(HookStep::MakeFolder);
            }
            plan.steps.append(&mut steps);
            // An older git ignores the configuration. Another git may use it, so it stays.
            if found.version.has_configured_hooks() {
                unconfigure(found, &options.events, &mut plan);
            }
        }
    }
    Ok(plan)
}

/// Plans the removal of all hooks of claude-env, however they were installed.
pub fn uninstall(found: &HookSnapshot) -> HooksPlan {
    let mut plan = HooksPlan::default();
    unconfigure(found, &Event::ALL, &mut plan);
    remove_files(found, &Event::ALL, &mut plan);
    plan
}

fn configure(found: &HookSnapshot, event: Event, program: &str, plan: &mut HooksPlan) {
    let command = shim::command(event, program);
    let there = found.configured(event);
    let is_so = there.is_some_and(|there| {
        let everywhere = there.command.scope != "local" && there.command.program_runs;
        there.for_event && (there.command.value == command || everywhere)
    });
    if !is_so {
        plan.steps.push(HookStep::Configure { event, command, new: !found.is_in_config(event) });
    }
    if let Some(off) = there.and_then(|there| there.off) {
        plan.warnings.push(format!(
            "git does not run the hook {event}: `{}` is `{}` in {}",
            off.key, off.value, off.origin
        ));
    }
}

fn unconfigure(found: &HookSnapshot, events: &[Event], plan: &mut HooksPlan) {
    let there = events.iter().filter(|&&event| found.is_in_config(event));
    plan.steps.extend(there.map(|&event| HookStep::Unconfigure { event }));
}

/// Plans the file of a hook, where git or a hook manager runs it.
fn write(
    found: &HookSnapshot,
    event: Event,
    program: &str,
    steps: &mut Vec<HookStep>,
) -> Result<(), HooksRefusal> {
    let is_run_by_manager = found.file(event, ".legacy").is_some_and(|file| file.owner.is_ours());
    if found.is_by_hand(event) && !is_run_by_manager {
        return Ok(());
    }
    let main = found.file(event, "");
    // A manager that runs the hook from before its installation stays in place, so that it recognizes its own file.
    let slot = match main {
        Some(main) if main.runs_legacy() => format!("{event}.legacy"),
        _ => event.name().to_owned(),
    };
    // Copies of the file that others moved aside would be in their way.
    let aside = found.files_of(event).filter(|(name, file)| *name != slot && file.owner.is_ours());
    steps.extend(aside.map(|(name, _)| HookStep::Remove { file: name.to_owned() }));
    let there = found.files.get(&slot);
    let folder_made = match there.map(|file| &file.owner) {
        Some(Owner::Ours(shim)) => shim.folder_made,
        _ => found.state == FolderState::Missing,
    };
    let bytes = Shim { program: program.to_owned(), folder_made }.text(event);
    match there {
        Some(file) if file.odd => return Err(odd(found, &slot)),
        Some(file) if file.bytes == bytes && file.executable => return Ok(()),
        Some(file) if !file.owner.is_ours() => {
            let before = event.before();
            if let Some(kept) = found.files.get(&before)
                && !kept.owner.is_ours()
                && !kept.is_like(file)
            {
                return Err(two_before(found, &slot, file, &before));
            }
            steps.push(HookStep::Rename { from: slot.clone(), to: before });
            steps.push(HookStep::Write { file: slot, bytes, new: true });
            return Ok(());
        }
        Some(_) | None => {}
    }
    steps.push(HookStep::Write { file: slot, bytes, new: there.is_none() });
    Ok(())
}

/// Plans the removal of the files, and the return of the hooks from before the installation.
fn remove_files(found: &HookSnapshot, events: &[Event], plan: &mut HooksPlan) {
    let mut folder_made = false;
    for &event in events {
        let main = found.file(event, "");
        let mut before =
            found.files.get_key_value(&event.before()).filter(|(_, kept)| !kept.owner.is_ours());
        // A manager has written its own hook again since, so the kept copy would be a duplicate.
        let again = before.filter(|(_, kept)| {
            main.is_some_and(|main| !main.owner.is_ours() && main.is_like(kept))
        });
        if let Some((name, _)) = again {
            plan.steps.push(HookStep::Remove { file: name.clone() });
            before = None;
        }
        for (name, file) in found.files_of(event) {
            let Owner::Ours(shim) = &file.owner else { continue };
            folder_made |= shim.folder_made;
            plan.steps.push(match before.take() {
                Some((kept, _)) => HookStep::Rename { from: kept.clone(), to: name.to_owned() },
                None => HookStep::Remove { file: name.to_owned() },
            });
        }
        match (before, main) {
            (None, _) => {}
            (Some((kept, _)), None) => {
                plan.steps.push(HookStep::Rename { from: kept.clone(), to: event.name().to_owned() });
            }
            (Some((kept, _)), Some(_)) => plan.warnings.push(format!(
                "`{0}/{kept}` is kept: it existed before claude-env was installed, and there is now another hook at `{0}/{event}`",
                found.shown
            )),
        }
    }
    if folder_made {
        plan.steps.push(HookStep::RemoveFolder);
    }
}

/// Returns true if git uses a folder of hooks outside of the repository, and somebody wrote all calls there. Fails if calls
/// are missing: nothing is written there.
fn is_elsewhere(found: &HookSnapshot, events: &[Event]) -> Result<bool, HooksRefusal> {
    let (folder, files) = match (&found.hooks_path, &found.state) {
        (Some(path), _) => (&path.folder, &path.files),
        (None, FolderState::Elsewhere(folder)) => (folder, &found.files),
        (None, FolderState::There | FolderState::Missing) => return Ok(false),
    };
    let husky = found.hooks_path.as_ref().is_some_and(|path| path.husky);
    let calls = |event: Event| {
        let file = files.get(event.name());
        file.is_some_and(|file| file.calls_us(event) && (husky || file.executable))
    };
    let open: Vec<Event> = events.iter().copied().filter(|event| !calls(*event)).collect();
    match &found.hooks_path {
        _ if open.is_empty() => Ok(true),
        Some(path) => Err(foreign_path(found, path, &open)),
        None => Err(linked_folder(found, folder, &open)),
    }
}

fn foreign_path(found: &HookSnapshot, path: &HooksPath, open: &[Event]) -> HooksRefusal {
    let mut hints = Vec::new();
    if path.is_folder {
        hints.push("to keep it, let the hooks there call claude-env:".to_owned());
        let folder = match path.folder.parent() {
            Some(above) if path.husky => above,
            _ => &path.folder,
        };
        hints.extend(open.iter().map(|&event| line_for(event, folder, path.husky)));
    }
    let or = if path.is_folder { "or " } else { "" };
    hints.push(match path.scope.as_str() {
        "global" | "system" => format!(
            "{or}use this repository's own hooks instead: `git config --local core.hooksPath {}`, then `claude-env hooks install`",
            shim::shell_word(&found.folder.display().to_string())
        ),
        scope => format!(
            "{or}remove the setting, and with it those hooks: `git config --{scope} --unset-all core.hooksPath`, then `claude-env hooks install`"
        ),
    });
    hints.push("git 2.54 and later run claude-env's hooks in addition to such a folder".to_owned());
    let by = if path.husky { ", as husky does" } else { "" };
    let message = format!(
        "git looks for hooks in `{}`: core.hooksPath is set in {}{by}",
        path.value, path.origin
    );
    HooksRefusal { message, hints }
}

/// Returns a shell command that adds a call of claude-env to a hook. A `sourced` hook needs no first line and no mode.
fn line_for(event: Event, folder: &Path, sourced: bool) -> String {
    let file = shim::shell_word(&folder.join(event.name()).display().to_string());
    let call =
        format!("if command -v claude-env >/dev/null; then {}{event} \"$@\"; fi", shim::CALL);
    if sourced {
        return format!("echo '{call}' >> {file}");
    }
    format!("[ -e {file} ] || echo '#!/bin/sh' > {file}; echo '{call}' >> {file}; chmod +x {file}")
}

fn linked_folder(found: &HookSnapshot, folder: &Path, open: &[Event]) -> HooksRefusal {
    let mut hints = vec!["to keep the link, let the hooks there call claude-env:".to_owned()];
    hints.extend(open.iter().map(|&event| line_for(event, folder, false)));
    hints.push(format!(
        "or replace it by a folder: `rm {0} && mkdir {0}`, then `claude-env hooks install`",
        shim::shell_word(&found.folder.display().to_string())
    ));
    HooksRefusal {
        message: format!(
            "`{}` is a link to `{}`, outside of the repository's git directory",
            found.shown,
            folder.display()
        ),
        hints,
    }
}

fn two_before(found: &HookSnapshot, slot: &str, file: &HookFile, before: &str) -> HooksRefusal {
    let shown = &found.shown;
    let path = |name: &str| shim::shell_word(&found.folder.join(name).display().to_string());
    HooksRefusal {
        message: format!(
            "two hooks for one event: `{shown}/{slot}` ({}), and `{shown}/{before}`, which existed before claude-env was installed",
            file.owner
        ),
        hints: vec![
            format!("to keep the first: `rm {}`", path(before)),
            format!("to keep the second: `mv {} {}`", path(before), path(slot)),
            "then `claude-env hooks install`".to_owned(),
        ],
    }
}

fn odd(found: &HookSnapshot, slot: &str) -> HooksRefusal {
    HooksRefusal {
        message: format!("`{}/{slot}` is not a regular file", found.shown),
        hints: vec!["move it away, then `claude-env hooks install`".to_owned()],
    }
}
