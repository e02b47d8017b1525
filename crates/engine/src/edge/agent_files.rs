//! An agent on this machine: its version, and the files that it reads outside of workspaces.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::env::Env;
use super::process::{self, Answer};
use claude_env_core::agent::Installation;
use claude_env_core::agent::claude_code::{ClientState, FileText, SettingsFile};

/// How long the program may take to print its version.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The largest file that is read.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The files of an agent on this machine, outside of workspaces.
#[derive(Clone, Debug)]
pub struct AgentFiles {
    /// The folder of the person, such as `~/.claude`.
    pub folder: PathBuf,
    /// The state, such as `~/.claude.json`.
    pub state: PathBuf,
    /// The folder of managed settings, such as `/etc/claude-code`.
    pub managed: PathBuf,
    /// The names of the files.
    pub installation: &'static Installation,
}

impl AgentFiles {
    /// Returns the files of an agent for the person of an environment; `None` without a home.
    pub fn of(installation: &'static Installation, env: &Env) -> Option<Self> {
        let (folder, state) = env.agent_files(installation)?;
        let managed = PathBuf::from(installation.managed.on(std::env::consts::OS));
        Some(Self { folder, state, managed, installation })
    }

    /// Returns the path of the person's settings.
    pub fn settings(&self) -> PathBuf {
        self.folder.join(self.installation.settings)
    }

    /// Returns the path of the managed servers.
    pub fn managed_servers(&self) -> PathBuf {
        self.managed.join(self.installation.managed_servers)
    }

    /// Reads the managed settings, lowest precedence first. Skips files that do not exist.
    pub fn managed_settings(&self) -> Vec<SettingsFile> {
        let mut paths = vec![self.managed.join(self.installation.managed_settings)];
        let folder = self.managed.join(self.installation.managed_settings_folder);
        let more = std::fs::read_dir(folder);
        let more = more.into_iter().flatten().flatten().map(|entry| entry.path());
        let mut more: Vec<PathBuf> = more.filter(|path| is_settings(path)).collect();
        more.sort();
        paths.extend(more);
        let files = paths.into_iter().map(|path| file(&path, path.display().to_string()));
        files.filter(|file| file.text != FileText::Missing).collect()
    }

    /// Reads the state for a workspace with these paths. Fails with the reason, as the end of a sentence.
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

/// Reads a file of settings or servers. `shown` is its path for messages.
pub fn file(path: &Path, shown: String) -> SettingsFile {
    SettingsFile { shown, text: text(path) }
}

/// Reads the text at a path; follows symbolic links.
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

/// Returns true when something is at a path.
pub fn is_there(path: &Path) -> bool {
    path.exists()
}

/// Returns the paths by which an agent may know a folder: the given one, and the one with links resolved.
pub fn known_as(folder: &Path) -> Vec<String> {
    let mut names = vec![folder.display().to_string()];
    if let Ok(resolved) = folder.canonicalize() {
        names.push(resolved.display().to_string());
    }
    names.dedup();
    names
}

/// Returns true when two paths are the same file.
pub fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Returns what the program prints for `--version`; `None` when it is not installed. Fails with the reason.
pub fn version(installation: &Installation, folder: &Path) -> Result<Option<String>, String> {
    match process::ask(
        installation.program,
        &[OsStr::new("--version")],
        folder,
        installation.quiet,
        TIMEOUT,
    ) {
        Answer::Stdout(text) => Ok(Some(text)),
        Answer::NotInstalled => Ok(None),
        Answer::Failed(why) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claude_env_core::agent::claude_code::INSTALLATION;

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
        let files = AgentFiles {
            folder: folder.path().join(".claude"),
            state: folder.path().join(".claude.json"),
            managed: folder.path().join("managed"),
            installation: &INSTALLATION,
        };
        let names: Vec<String> = files
            .managed_settings()
            .into_iter()
            .map(|file| file.shown.rsplit('/').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(names, ["10-a.json", "20-b.json"]);
        let state = files.state(&["/other".to_owned(), "/ws".to_owned()]).expect("a state");
        assert!(state.trusted && state.servers.contains("a"));
        assert!(!format!("{state:?}").contains("secret"));
        write(".claude.json", "{");
        assert_eq!(files.state(&[]), Err("is not valid JSON".to_owned()));
    }
}
