//! The `pre-commit` hook of a config repository: findings that a commit would add.

use std::collections::HashMap;
use std::path::Path;

use super::Failure;
use super::check;
use crate::edge::env::Env;
use crate::edge::git;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::Request;
use claude_env_core::diagnostic::{Finding, Severity};
use claude_env_core::layer::MANIFEST_FILE;

/// Returns the findings in the staged files that the last commit does not have; `None` outside of a config repository.
///
/// Existing problems do not count, so that each can be fixed in a commit of its own. Fails when the index cannot be read.
pub fn findings(directory: &Path, env: &Env) -> Result<Option<Vec<Finding>>, Failure> {
    let place = git::discover(directory).ok().flatten();
    let Some((place, top)) = place.and_then(|place| Some((place.clone(), place.work_tree?))) else {
        return Ok(None);
    };
    if !top.join(MANIFEST_FILE).is_file() {
        return Ok(None);
    }
    let request = |revision: Option<&str>| Request {
        config_repo: Some(top.clone()),
        revision: revision.map(str::to_owned),
        ..Request::at(directory)
    };
    let staged = check::check(&Opened::staged(&request(None), env)?.repository, None)?.findings;
    let first_commit = matches!(git::head_commit(&place), Ok(None));
    if staged.is_empty() || first_commit {
        return Ok(Some(staged));
    }
    // A commit that cannot be read has no findings.
    let before = Opened::new(&request(Some("HEAD")), env);
    let before = before.and_then(|before| check::check(&before.repository, None));
    let before = before.map(|report| report.findings).unwrap_or_default();
    Ok(Some(added(staged, &before)))
}

/// Returns true when a commit with these findings is refused.
pub fn refuses(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity >= Severity::Error)
}

/// Returns the findings that are not among the earlier ones. Compares them without lines, which an edit above moves.
fn added(findings: Vec<Finding>, before: &[Finding]) -> Vec<Finding> {
    let mut known: HashMap<_, usize> = HashMap::new();
    for finding in before {
        *known.entry(finding.identity()).or_default() += 1;
    }
    let mut is_new = |finding: &Finding| match known.get_mut(&finding.identity()) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    findings.into_iter().filter(|finding| is_new(finding)).collect()
}
