//! Reads and changes the hooks of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::command::{ask_about_hooks, version};
use super::kept_hooks::link_kept_hooks;
use super::{GitDirs, run};
use crate::edge::fs::{FsError, write_atomic};
use crate::edge::process::ProcessError;
use crate::edge::regular_file::{self, LARGE, SMALL};
use claude_env_core::git::hooks::{
    Event, FolderState, HookFile, HookSnapshot, HookStep, HooksPath, Manager, Owner, Setting,
    Version,
};

/// The end of the path of husky's folder. husky replaces all files in it.
const HUSKY: &str = ".husky/_";

/// Why hooks cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum HooksError {
    /// The file system failed.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// git failed, or cannot be started.
    #[error(transparent)]
    Git(#[from] ProcessError),
    /// The output of `git version` was not understood.
    #[error("cannot tell which git this is: `git version` says `{0}`")]
    Version(String),
}

/// The hooks of the repository around a work tree.
#[derive(Debug)]
pub struct Hooks {
    top: PathBuf,
    common_dir: PathBuf,
}

impl Hooks {
    /// Returns the hooks of a repository; `None` without a work tree.
    pub fn of(dirs: &GitDirs) -> Option<Self> {
        let top = dirs.work_tree.clone()?;
        // The `commondir` of a linked work tree is `../..`.
        let common_dir = fs::canonicalize(&dirs.common_dir).unwrap_or(dirs.common_dir.clone());
        Some(Self { top, common_dir })
    }

    /// Waits for the lock on the hooks, and holds it until the result is dropped; `None` when the system has no such locks.
    pub fn lock(&self) -> Option<File> {
        File::open(&self.common_dir).ok().filter(|folder| folder.lock().is_ok())
    }

    /// Reads the hooks folder, git's configuration of hooks and the files of hook managers.
    ///
    /// Fails when a file cannot be read, or git fails.
    pub fn look(&self) -> Result<HookSnapshot, HooksError> {
        let folder = self.common_dir.join("hooks");
        let said = version(&self.top)?;
        let version =
            Version::parse(&said).ok_or_else(|| HooksError::Version(said.trim().to_owned()))?;
        let (state, files) = files(&folder)?;
        let refused = self.refused();
        let all = if refused.is_none() { self.settings()? } else { Vec::new() };
        let hooks_path = match all.iter().rfind(|setting| setting.key == "core.hookspath") {
            Some(setting) => self.hooks_path(setting, &folder)?,
            None => None,
        };
        let told = self.told(&files);
        let top = fs::canonicalize(&self.top).unwrap_or(self.top.clone());
        let shown = folder.strip_prefix(top).unwrap_or(&folder).display().to_string();
        let settings = all;
        Ok(HookSnapshot {
            version,
            refused,
            shown,
            state,
            files,
            told,
            hooks_path,
            settings,
            folder,
        })
    }

    /// Returns why git does not use this repository; `None` if it does. It skips the configuration of such a repository silently.
    fn refused(&self) -> Option<String> {
        match ask_about_hooks(&self.top, &["rev-parse", "--git-dir"]) {
            Err(ProcessError::Status { stderr, .. }) => {
                let first = stderr.lines().next().unwrap_or_default();
                Some(first.trim_start_matches("fatal: ").to_owned())
            }
            _ => None,
        }
    }

    /// Reads the configuration files of the managers that own some of these hooks.
    fn told(&self, files: &BTreeMap<String, HookFile>) -> Vec<(Manager, String)> {
        let managers: BTreeSet<Manager> = (files.values())
            .filter_map(|file| match file.owner {
                Owner::Manager(manager) => Some(manager),
                _ => None,
            })
            .collect();
        let read = |name: &&str| regular_file::read_to_string(&self.top.join(name), SMALL).ok();
        let told = |manager: Manager| {
            let texts = manager.files().iter().filter_map(read);
            texts.map(move |text| (manager, text)).collect::<Vec<_>>()
        };
        managers.into_iter().flat_map(told).collect()
    }

    /// Reads git's settings about hooks, the one that wins last.
    fn settings(&self) -> Result<Vec<Setting>, ProcessError> {
        let arguments = [
            "config",
            "--show-scope",
            "--show-origin",
            "-z",
            "--get-regexp",
            r"^(core\.hookspath|hook\..*)$",
        ];
        let listed = match ask_about_hooks(&self.top, &arguments) {
            Ok(listed) => listed,
            // No such settings.
            Err(ProcessError::Status { status, .. }) if status.code() == Some(1) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let listed = String::from_utf8_lossy(&listed);
        let mut parts = listed.split_terminator('\0');
        let mut settings = Vec::new();
        while let (Some(scope), Some(origin), Some(pair)) =
            (parts.next(), parts.next(), parts.next())
        {
            // A key without a value, which counts as true, has no newline.
            let (key, value) = pair.split_once('\n').unwrap_or((pair, "true"));
            let mut setting = Setting {
                scope: scope.to_owned(),
                origin: origin.strip_prefix("file:").unwrap_or(origin).to_owned(),
                key: key.to_owned(),
                value: value.to_owned(),
                program_runs: false,
            };
            setting.program_runs =
                setting.program().is_some_and(|it| is_executable(Path::new(&it)));
            settings.push(setting);
        }
        Ok(settings)
    }

    /// Returns what `core.hooksPath` leads to; `None` when that is the default folder.
    fn hooks_path(&self, setting: &Setting, own: &Path) -> Result<Option<HooksPath>, HooksError> {
        // Git resolves `~` and relative paths.
        let path = ask_about_hooks(&self.top, &["rev-parse", "--git-path", "hooks"])?;
        let path = String::from_utf8_lossy(&path);
        let folder = self.top.join(path.trim_end_matches(['\n', '\r']));
        let real = |path: &Path| fs::canonicalize(path).unwrap_or(path.to_owned());
        if real(&folder) == real(own) {
            return Ok(None);
        }
        let husky = folder.ends_with(HUSKY);
        let mut files = BTreeMap::new();
        for event in Event::ALL {
            let run_by_git = folder.join(event.name());
            let written = match folder.parent() {
                Some(above) if husky => above.join(event.name()),
                _ => run_by_git.clone(),
            };
            // husky generates its folder in one work tree; in another, git finds no hook there.
            if husky && !is_executable(&run_by_git) {
                continue;
            }
            if let Some(file) = file(&written)? {
                files.insert(event.name().to_owned(), file);
            }
        }
        Ok(Some(HooksPath {
            value: setting.value.clone(),
            scope: setting.scope.clone(),
            origin: setting.origin.clone(),
            is_folder: fs::metadata(&folder).map_or(true, |found| found.is_dir()),
            folder,
            files,
            husky,
        }))
    }

    /// Lets the hooks that are kept run under their own names. Fails when the file system fails.
    pub fn link_kept(&self) -> Result<(), HooksError> {
        Ok(link_kept_hooks(&self.common_dir)?)
    }

    /// Carries out one step of a plan. Fails when the file system or git fails.
    pub fn apply(&self, step: &HookStep) -> Result<(), HooksError> {
        let folder = self.common_dir.join("hooks");
        match step {
            HookStep::MakeFolder => match fs::create_dir(&folder) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(FsError::new("make the folder", &folder, error).into());
                }
                _ => {}
            },
            HookStep::Write { file, bytes, .. } => write_atomic(&folder.join(file), bytes, true)?,
            HookStep::Rename { from, to } => {
                let from = folder.join(from);
                fs::rename(&from, folder.join(to))
                    .map_err(|source| FsError::new("rename", &from, source))?;
            }
            HookStep::Remove { file } => {
                let file = folder.join(file);
                fs::remove_file(&file).map_err(|source| FsError::new("remove", &file, source))?;
            }
            // Fails when other files are in it, and then it stays.
            HookStep::RemoveFolder => {
                let _ = fs::remove_dir(&folder);
            }
            HookStep::Configure { event, command, .. } => {
                let key = |name: &str| format!("hook.{}.{name}", event.friendly_name());
                // In this order: git fails on an event without a command.
                self.configure(&[&key("command"), command])?;
                self.configure(&[&key("event"), event.name()])?;
            }
            HookStep::Unconfigure { event } => {
                let section = format!("hook.{}", event.friendly_name());
                run(&self.top, &["config", "--local", "--remove-section", &section])?;
            }
        }
        Ok(())
    }

    fn configure(&self, pair: &[&str; 2]) -> Result<(), ProcessError> {
        run(&self.top, &["config", "--local", "--replace-all", pair[0], pair[1]]).map(|_| ())
    }
}

/// Reads the state of the hooks folder, and the files of the events that we use.
fn files(folder: &Path) -> Result<(FolderState, BTreeMap<String, HookFile>), FsError> {
    let mut files = BTreeMap::new();
    let state = match fs::canonicalize(folder) {
        Ok(real) if real == folder => FolderState::There,
        Ok(real) => FolderState::Elsewhere(real),
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::read_link(folder) {
            Ok(target) => FolderState::Elsewhere(target),
            Err(_) => return Ok((FolderState::Missing, files)),
        },
        Err(source) => return Err(FsError::new("look into", folder, source)),
    };
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((state, files)),
        Err(source) => return Err(FsError::new("list", folder, source)),
    };
    for entry in listed {
        let entry = entry.map_err(|source| FsError::new("list", folder, source))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let of_event = Event::ALL.iter().any(|event| {
            let rest = name.strip_prefix(event.name());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') && rest != ".sample")
        });
        if of_event && let Some(file) = file(&entry.path())? {
            files.insert(name, file);
        }
    }
    Ok((state, files))
}

/// Reads a hook file; `None` when there is none.
fn file(path: &Path) -> Result<Option<HookFile>, FsError> {
    let failed = |source: io::Error| FsError::new("read", path, source);
    match fs::symlink_metadata(path) {
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    }
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {
            let bytes = regular_file::read(path, LARGE).map_err(failed)?;
            let runs = |program: &str| is_executable(Path::new(program));
            Ok(Some(HookFile::new(bytes, is_executable(path), runs)))
        }
        Ok(_) => Ok(Some(HookFile::odd())),
        // A dangling link: git runs nothing now, and may do so later.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(Some(HookFile::new(Vec::new(), false, |_| false)))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Returns true when a path is a file that may be executed.
fn is_executable(path: &Path) -> bool {
    let Ok(found) = fs::metadata(path) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        found.is_file() && found.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    found.is_file()
}
