//! Config repositories as single text files: `tests/configs/invalid/*.repo`.
//!
//! ```text
//! # what is wrong, in one line
//! expect error base/layer.toml:2 CE050
//! -- base/layer.toml --
//! [permissions]
//! allow = ["bash"]
//! ```
//! Lines of the preamble: `expect SEVERITY FILE:LINE CODE`, `args …`, `no-manifest`, comments. Headers of files: `-- PATH --`,
//! `-- executable PATH --`, `-- symlink PATH -> TARGET --`, `-- hex PATH --`, `-- fifo PATH --`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A repository and what `check` must find in it.
#[derive(Debug, Default)]
pub(crate) struct Fixture {
    /// `SEVERITY FILE:LINE CODE`, sorted.
    pub(crate) expect: Vec<String>,
    /// Further arguments of `check`.
    pub(crate) args: Vec<String>,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    kind: Kind,
    path: String,
    text: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Executable,
    Symlink(String),
    Hex,
    Fifo,
}

impl Fixture {
    /// Parses a fixture; a mistake in one fails the test that reads it.
    pub(crate) fn parse(text: &str) -> Self {
        let mut fixture = Self::default();
        let mut manifest = true;
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            if let Some(header) = bare.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"))
            {
                fixture.files.push(file(header));
            } else if let Some(file) = fixture.files.last_mut() {
                file.text.push_str(line);
            } else if let Some(expected) = bare.strip_prefix("expect ") {
                fixture.expect.push(expected.trim().to_owned());
            } else if let Some(args) = bare.strip_prefix("args ") {
                fixture.args.extend(args.split_whitespace().map(str::to_owned));
            } else if bare == "no-manifest" {
                manifest = false;
            } else {
                assert!(bare.is_empty() || bare.starts_with('#'), "what is `{bare}`?");
            }
        }
        if manifest && !fixture.files.iter().any(|file| file.path == "claude-env.toml") {
            fixture.files.push(File {
                kind: Kind::Plain,
                path: "claude-env.toml".to_owned(),
                text: "version = 1\n".to_owned(),
            });
        }
        fixture.expect.sort();
        fixture
    }

    /// Writes the repository into a folder.
    pub(crate) fn write(&self, root: &Path) {
        for file in &self.files {
            let path = root.join(&file.path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
            match &file.kind {
                Kind::Plain => std::fs::write(&path, &file.text).expect("the file"),
                Kind::Executable => {
                    std::fs::write(&path, &file.text).expect("the file");
                    let mode = std::fs::Permissions::from_mode(0o755);
                    std::fs::set_permissions(&path, mode).expect("the mode");
                }
                Kind::Symlink(target) => {
                    std::os::unix::fs::symlink(target, &path).expect("the link");
                }
                Kind::Hex => std::fs::write(&path, bytes(&file.text)).expect("the file"),
                Kind::Fifo => {
                    let made = std::process::Command::new("mkfifo").arg(&path).status();
                    assert!(made.expect("mkfifo").success());
                }
            }
        }
    }
}

fn file(header: &str) -> File {
    let (kind, path) = match header.split_once(' ') {
        Some(("executable", path)) => (Kind::Executable, path),
        Some(("hex", path)) => (Kind::Hex, path),
        Some(("fifo", path)) => (Kind::Fifo, path),
        Some(("symlink", rest)) => {
            let (path, target) = rest.split_once(" -> ").expect("PATH -> TARGET");
            (Kind::Symlink(target.to_owned()), path)
        }
        _ => (Kind::Plain, header),
    };
    File { kind, path: path.to_owned(), text: String::new() }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pair = |pair: &[u8]| Some(digit(pair[0])? * 16 + digit(pair[1])?);
    digits.chunks_exact(2).map(|two| pair(two).expect("hex digits")).collect()
}
