//! When two findings are the same one: in one run, in two states of the files, and for tools that follow a finding.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use super::Finding;

/// What two findings of the same problem share in two states of the files: code, file and message.
///
/// Lines and columns do not count, and neither do digits in the message: an edit above the problem moves it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    code: &'static str,
    file: String,
    message: String,
}

impl Finding {
    /// Returns the identity by which findings are compared between two states of the files.
    pub fn identity(&self) -> Identity {
        let message = self.message.replace(|c: char| c.is_ascii_digit(), "");
        Identity { code: self.code.id, file: self.at.file.clone(), message }
    }

    /// Returns a hash of code, file and marked line: 16 hexadecimal digits, the same wherever the line moves in its file.
    pub fn line_hash(&self) -> String {
        let before = self.at.lines.get(..self.at.marked.start).unwrap_or("");
        let line = self.at.lines.lines().nth(before.matches('\n').count()).unwrap_or("");
        let mut hasher = Sha256::new();
        for part in [self.code.id, &self.at.file, line.trim()] {
            hasher.update(part.as_bytes());
            hasher.update([0]);
        }
        hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Compares findings in the order in which they are shown: by file, place, code and message.
    pub fn order(&self, other: &Self) -> Ordering {
        (self.at.file.as_str(), self.at.place, self.code.id, &self.message).cmp(&(
            other.at.file.as_str(),
            other.at.place,
            other.code.id,
            &other.message,
        ))
    }
}

/// Sorts findings into the order in which they are shown, and removes those that several scopes have alike.
pub fn sort_and_dedup(findings: &mut Vec<Finding>) {
    findings.sort_by(Finding::order);
    findings.dedup_by(|b, a| a.order(b).is_eq());
}
