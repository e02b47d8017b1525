//! Config repositories and workspaces to begin with.

use std::path::Path;

use super::{Outcome, TestEnv};

/// The example of the repository.
pub(crate) const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/acme-config");

impl TestEnv {
    /// A config repository in the folder `config`, committed. The manifest is added if it is not among the files.
    pub(crate) fn config(&self, files: &[(&str, &str)]) {
        self.write("config/claude-env.toml", "version = 1\n");
        for (path, text) in files {
            self.write(&format!("config/{path}"), text);
        }
        self.commit_all("config");
    }

    /// The example as the config repository `config`, committed.
    pub(crate) fn example(&self) {
        copy(Path::new(EXAMPLE), &self.join("config"));
        self.commit_all("config");
    }

    /// An empty git repository `ws`, not bound yet.
    pub(crate) fn workspace(&self) {
        self.git("", &["init", "--quiet", "--initial-branch=main", "ws"]);
    }

    /// Binds `ws` to `config` and syncs it for the first time.
    pub(crate) fn bind(&self, options: &[&str]) -> Outcome {
        let source = ["-C", "ws", "init", "--source", "../config"];
        self.run(&[source.as_slice(), options].concat())
    }

    /// Syncs `ws`.
    pub(crate) fn sync(&self) -> Outcome {
        self.run(&["-C", "ws", "sync"])
    }

    /// Lets the hooks of a bound workspace write every file; in mode `committed`, they do not by default.
    #[track_caller]
    pub(crate) fn hooks_sync(&self, folder: &str) {
        let binding = format!("{folder}/.claude-env.toml");
        self.edit(&binding, "[render]\n", "[render]\nhooks = \"sync\"\n");
        self.run(&["-C", folder, "sync"]).code(0);
    }

    /// Replaces a part of a file that must be there once.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}:\n{text}");
        self.write(path, text.replace(from, to));
    }

    /// Commits what was edited in the config repository.
    pub(crate) fn commit_config(&self) {
        self.commit_all("config");
    }

    /// Reads a file as JSON.
    pub(crate) fn json(&self, path: &str) -> serde_json::Value {
        let text = self.read(path);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"))
    }
}

impl Outcome {
    /// What was printed to stdout, as one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        let value: serde_json::Value = serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error} in\n{}\nstderr:\n{}", self.stdout, self.stderr)
        });
        // So that no answer goes unseen by the validation.
        assert_eq!(value.get("command").is_some(), self.answer.is_some(), "{value:#}");
        value
    }
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder");
    for entry in std::fs::read_dir(from).expect("the folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("the file");
        }
    }
}
