//! `demo`: shows check, explain and render on the embedded example, in a temporary folder.

use std::path::PathBuf;
use std::sync::Arc;

use super::embedded::EXAMPLE;
use super::{Failure, check, explain, new, render};
use crate::edge::config_source::ConfigSource;
use crate::edge::fs;
use crate::ops::repository::load::{Digests, Opened, Repository};
use crate::ops::repository::locate::SourceKey;
use claude_env_core::diagnostic::Finding;
use claude_env_core::layer::{Scope, ScopeName};
use claude_env_core::merge::Explanation;
use claude_env_core::workspace::Plan;

/// The key whose history the demo shows: three layers set it.
pub const KEY: &str = "settings.cleanupPeriodDays";
/// The file that the demo changes, below the config repository.
pub const CHANGED_FILE: &str = "teams/payments/layer.toml";
/// The text that the demo replaces in it, and the new text.
const CHANGE: (&str, &str) = ("cleanupPeriodDays = 14", "cleanupPeriodDays = 7");

/// A running demo: the example in a folder of its own, and an empty workspace beside it.
pub struct Demo {
    /// The folder that holds both.
    pub folder: PathBuf,
    /// The config repository.
    pub config: PathBuf,
    /// The workspace that is bound to it.
    pub workspace: PathBuf,
}

impl Demo {
    /// Writes the example into a new temporary folder, which is kept. Fails when it cannot be written.
    pub fn start() -> Result<Self, Failure> {
        let folder = tempfile::Builder::new()
            .prefix("claude-env-demo-")
            .tempdir()
            .map_err(|error| Failure::io(format!("cannot make a temporary folder: {error}")))?
            .keep();
        let config = folder.join("acme-config");
        new::write(&config, EXAMPLE)?;
        let workspace = folder.join("checkout");
        Ok(Self { folder, config, workspace })
    }

    /// Checks the config repository. Fails when it cannot be read.
    pub fn check(&self) -> Result<Vec<Finding>, Failure> {
        Ok(check::check(&self.open()?.repository, None)?.findings)
    }

    /// Explains [`KEY`]. Fails when the configuration has errors.
    pub fn explain(&self) -> Result<(Opened, Explanation), Failure> {
        let opened = self.open()?;
        let loaded = opened.repository.stack(&opened.scope, None)?;
        let (merged, _) = opened.repository.usable(&loaded)?;
        let explanation = explain::explain(&opened.repository, &merged, KEY)?;
        Ok((opened, explanation))
    }

    /// Changes one layer. Fails when the file cannot be written.
    pub fn change(&self) -> Result<(), Failure> {
        let path = self.config.join(CHANGED_FILE);
        let failed = |error| Failure::io(format!("cannot change `{}`: {error}", path.display()));
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        let changed = text.replace(CHANGE.0, CHANGE.1);
        Ok(fs::write_atomic(&path, changed.as_bytes(), false)?)
    }

    /// Renders into the workspace; in a dry run, only plans. Fails when the configuration has errors.
    pub fn render(&self, dry_run: bool) -> Result<Plan, Failure> {
        render::one(&self.open()?, &self.workspace, dry_run)
    }

    fn open(&self) -> Result<Opened, Failure> {
        let source = ConfigSource::folder(&self.config)?;
        let name = |name: &str| ScopeName::parse(name).ok();
        let scope = Scope { team: name("payments"), project: name("checkout"), ..Scope::default() };
        Ok(Opened {
            repository: Arc::new(Repository::open(source)?),
            name: "acme-config".to_owned(),
            scope,
            source_key: SourceKey::Options,
            digests: Digests::default(),
            workspace: None,
        })
    }
}
