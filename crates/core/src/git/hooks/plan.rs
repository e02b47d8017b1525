//! What is to be done so that git runs us, and so that it does no more.

use std::path::Path;

use super::shim::{self, Shim};
use super::{Event, FolderState, HookFile, HookSnapshot, HooksPath, Owner};

/// How git is to be told about a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookForm {
    /// By its configuration: nobody's files are in the way.
    Config,
    /// By a file in its folder of hooks.
    File,
}

/// What is to be installed.
#[derive(Clone, Debug)]
pub struct InstallOptions {
    pub events: Vec<Event>,
    pub form: HookForm,
    /// The absolute path of the program.
    pub program: String,
}

/// One thing to do. Files are named as in the folder of hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookStep {
    /// Make the folder of hooks.
    MakeFolder,
    /// Write a hook's file; `new` if none of that name is there.
    Write {
        file: String,
        bytes: Vec<u8>,
        new: bool,
    },
    /// Put a file, as it is, under another name, in the place of what is there.
    Rename {
        from: String,
        to: String,
    },
    Remove {
        file: String,
    },
    /// Take the folder away if nothing is left in it.
    RemoveFolder,
    /// Set our section of git's configuration.
    Configure {
        event: Event,
        command: String,
        new: bool,
    },
    /// Take our section out of git's configuration.
    Unconfigure {
        event: Event,
    },
}

/// What to do, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HooksPlan {
    pub steps: Vec<HookStep>,
    /// What a person should know of it.
    pub warnings: Vec<String>,
}

/// Why nothing is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksRefusal {
    pub message: String,
    /// What would resolve it, one line each.
    pub hints: Vec<String>,
}

/// What makes git run us for these events.
pub fn install(found: &HookSnapshot, options: &InstallOptions) -> Result<HooksPlan, HooksRefusal> {
    let mut plan = HooksPlan::default();
    match options.form {
        HookForm::Config => {
            for &event in &options.events {
                configure(found, event, &options.program, &mut plan);
            }
            // What an older git needed is taken back, or it would run us twice.
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
            // An older git does not read it: then it is another git's, and stays.
            if found.version.has_configured_hooks() {
                unconfigure(found, &options.events, &mut plan);
            }
        }
    }
    Ok(plan)
}

/// What takes everything of ours away again, whatever form it has.
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

/// What puts a file of ours where git or a manager of hooks runs it.
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
    // A manager that runs what was there before it is left in its place, so that it knows its own file again.
    let slot = match main {
        Some(main) if main.runs_legacy() => format!("{event}.legacy"),
        _ => event.name().to_owned(),
    };
    // Where others moved ours to, it would be in their way.
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

/// What takes the files of ours away, and brings back what was there before.
fn remove_files(found: &HookSnapshot, events: &[Event], plan: &mut HooksPlan) {
    let mut folder_made = false;
    for &event in events {
        let main = found.file(event, "");
        let mut before =
            found.files.get_key_value(&event.before()).filter(|(_, kept)| !kept.owner.is_ours());
        // A manager has written its own hook again since: what we kept of it would be a second one.
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
                "`{0}/{kept}` stays: it was there before us, and there is another hook at `{0}/{event}` now",
                found.shown
            )),
        }
    }
    if folder_made {
        plan.steps.push(HookStep::RemoveFolder);
    }
}

/// Whether git looks for hooks in a folder that is not the repository's, where somebody has written all the calls by hand.
/// Refuses if not all: nothing is written there.
fn is_elsewhere(found: &HookSnapshot, events: &[Event]) -> Result<bool, HooksRefusal> {
    let (folder, files) = match (&found.hooks_path, &found.state) {
        (Some(path), _) => (&path.folder, &path.files),
        (None, FolderState::Elsewhere(folder)) => (folder, &found.files),
        (None, FolderState::There | FolderState::Missing) => return Ok(false),
    };
    let calls = |event: Event| files.get(event.name()).is_some_and(|file| file.calls_us(event));
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
        hints.push("to keep it, have the hooks there call claude-env:".to_owned());
        let folder = match path.folder.parent() {
            Some(above) if path.husky => above,
            _ => &path.folder,
        };
        hints.extend(open.iter().map(|&event| line_for(event, folder, path.husky)));
    }
    let or = if path.is_folder { "or " } else { "" };
    hints.push(match path.scope.as_str() {
        "global" | "system" => format!(
            "{or}let this repository have hooks of its own, without those: `git config --local core.hooksPath {}`, then `claude-env hooks install`",
            shim::shell_word(&found.folder.display().to_string())
        ),
        scope => format!(
            "{or}drop it, and with it those hooks: `git config --{scope} --unset-all core.hooksPath`, then `claude-env hooks install`"
        ),
    });
    hints.push("git 2.54 and newer run our hooks beside such a folder".to_owned());
    let by = if path.husky { ", as husky does" } else { "" };
    let message = format!(
        "git looks for hooks in `{}`: core.hooksPath is set in {}{by}",
        path.value, path.origin
    );
    HooksRefusal { message, hints }
}

/// A command that has a hook call us. A `sourced` one needs no first line and no mode.
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
    let mut hints = vec!["to keep the link, have the hooks there call claude-env:".to_owned()];
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
            "there are two hooks for one place: `{shown}/{slot}` ({}), and `{shown}/{before}`, which was there before claude-env",
            file.owner
        ),
        hints: vec![
            format!("if the first is to stay: `rm {}`", path(before)),
            format!("if the second is: `mv {} {}`", path(before), path(slot)),
            "then `claude-env hooks install`".to_owned(),
        ],
    }
}

fn odd(found: &HookSnapshot, slot: &str) -> HooksRefusal {
    HooksRefusal {
        message: format!("`{}/{slot}` is no file", found.shown),
        hints: vec!["move it away, then `claude-env hooks install`".to_owned()],
    }
}
