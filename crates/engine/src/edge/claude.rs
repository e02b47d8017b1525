//! Claude Code on this machine: its version, and the files that it reads beside those of a workspace.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::process::{self, Answer};
use claude_env_core::agent::claude_code::{
    ClientState, FileText, MANAGED_SETTINGS, MANAGED_SETTINGS_FOLDER, SettingsFile,
};

/// How long the program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(20);

/// The largest file that is read.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Where Claude Code keeps what is a person's, and what is of those who manage the machine.
#[derive(Clone, Debug)]
pub struct Places {
    /// `~/.claude`.
    pub config: PathBuf,
    /// `~/.claude.json`.
    pub state: PathBuf,
    /// The folder of managed settings, such as `/etc/claude-code`.
    pub managed: PathBuf,
}

impl Places {
    /// Those of managed settings on this system.
    pub fn managed_folder() -> PathBuf {
        PathBuf::from(match std::env::consts::OS {
            "macos" => "/Library/Application Support/ClaudeCode",
            "windows" => r"C:\Program Files\ClaudeCode",
            _ => "/etc/claude-code",
        })
    }

    /// The files of managed settings, lowest first.
    pub fn managed_settings(&self) -> Vec<SettingsFile> {
        let mut paths = vec![self.managed.join(MANAGED_SETTINGS)];
        let more = std::fs::read_dir(self.managed.join(MANAGED_SETTINGS_FOLDER));
        let more = more.into_iter().flatten().flatten().map(|entry| entry.path());
        let mut more: Vec<PathBuf> = more.filter(|path| is_settings(path)).collect();
        more.sort();
        paths.extend(more);
        let files = paths.into_iter().map(|path| file(&path, path.display().to_string()));
        files.filter(|file| file.text != FileText::Missing).collect()
    }

    /// What of a person's state matters for a workspace that is known by one of these paths; why it cannot be told.
    pub fn state(&self, roots: &[String]) -> Result<ClientState, String> {
        match text(&self.state) {
            FileText::Missing => Ok(ClientState::default()),
            FileText::Unreadable(why) => Err(format!("cannot be read: {why}")),
            FileText::Text(text) => {
                ClientState::read(&text, roots).ok_or_else(|| "is not valid JSON".to_owned())
            }
        }
    }
}

fn is_settings(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.ends_with(".json") && !name.starts_with('.')
}

/// A file of settings or servers.
pub fn file(path: &Path, shown: String) -> SettingsFile {
    SettingsFile { shown, text: text(path) }
}

/// The text at a path, whoever may read it.
pub fn text(path: &Path) -> FileText {
    use std::io::ErrorKind;
    match std::fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            FileText::Missing
        }
        Err(error) => FileText::Unreadable(error.to_string()),
        Ok(meta) if !meta.is_file() => FileText::Unreadable("it is no regular file".to_owned()),
        Ok(meta) if meta.len() > MOST_BYTES => FileText::Unreadable("it is too large".to_owned()),
        Ok(_) => match super::regular_file::read(path, MOST_BYTES) {
            Err(error) => FileText::Unreadable(error.to_string()),
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => FileText::Text(text),
                Err(_) => FileText::Unreadable("it is not UTF-8".to_owned()),
            },
        },
    }
}

/// Whether something is at a path.
pub fn is_there(path: &Path) -> bool {
    path.exists()
}

/// The paths that a folder may be known by: itself, and what links on the way to it stand for.
pub fn known_as(folder: &Path) -> Vec<String> {
    let mut names = vec![folder.display().to_string()];
    if let Ok(resolved) = folder.canonicalize() {
        names.push(resolved.display().to_string());
    }
    names.dedup();
    names
}

/// Whether two paths are the same file.
pub fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// What `claude --version` says; `None` if there is no such program.
pub fn version(folder: &Path) -> Result<Option<String>, String> {
    // It looks for a newer version of itself unless told not to.
    let quiet = [("DISABLE_AUTOUPDATER", "1"), ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")];
    match process::ask("claude", &[OsStr::new("--version")], folder, &quiet, PATIENCE) {
        Answer::Stdout(text) => Ok(Some(text)),
        Answer::NotInstalled => Ok(None),
        Answer::Failed(why) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test sets the stage")]
    fn managed_settings_are_read_in_their_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, text).expect("written");
        };
        write("managed/managed-settings.d/20-b.json", "{}");
        write("managed/managed-settings.d/10-a.json", "{");
        write("managed/managed-settings.d/.hidden.json", "{}");
        write("managed/managed-settings.d/readme.md", "{}");
        write(
            ".claude.json",
            r#"{"mcpServers": {"a": {"env": {"KEY": "secret"}}}, "projects": {"/ws": {"hasTrustDialogAccepted": true}}}"#,
        );
        let places = Places {
            config: folder.path().join(".claude"),
            state: folder.path().join(".claude.json"),
            managed: folder.path().join("managed"),
        };
        let names: Vec<String> = places
            .managed_settings()
            .into_iter()
            .map(|file| file.shown.rsplit('/').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(names, ["10-a.json", "20-b.json"]);
        let state = places.state(&["/other".to_owned(), "/ws".to_owned()]).expect("a state");
        assert!(state.trusted && state.servers.contains("a"));
        assert!(!format!("{state:?}").contains("secret"));
        write(".claude.json", "{");
        assert_eq!(places.state(&[]), Err("is not valid JSON".to_owned()));
    }
}
