//! The identity of findings: within one run, across two states of the files, and for tools that track findings.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use super::Finding;

/// The identity of a finding across two states of the files: code, file and message.
///
/// Lines, columns and digits in the message are ignored, because an edit above the problem changes them.
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

/// Sorts findings into the order in which they are shown, and removes duplicates of several scopes.
pub fn sort_and_dedup(findings: &mut Vec<Finding>) {
    findings.sort_by(Finding::order);
    findings.dedup_by(|b, a| a.order(b).is_eq());
}
