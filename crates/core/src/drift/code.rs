//! The rule ids of drift in SARIF: `drift/<class>`.

use super::DriftClass;
use crate::diagnostic::{Code, Severity};

/// The documentation page of all rules.
const PAGE: &str = include_str!("../../../../docs/drift.md");

const fn code(id: &'static str, name: &'static str, summary: &'static str) -> Code {
    Code { id, name, severity: Severity::Warning, summary, page: PAGE }
}

static DRIFT: Code =
    code("drift/drift", "drift", "An entry was changed or removed in the workspace.");
static CONFLICT: Code = code(
    "drift/conflict",
    "drift-conflict",
    "An entry was changed to different values in the workspace and in the configuration.",
);
static COLLISION: Code = code(
    "drift/foreign-collision",
    "drift-foreign-collision",
    "The workspace had another value before claude-env wrote the entry.",
);
static ORPHAN: Code = code(
    "drift/orphan-drifted",
    "drift-orphan-drifted",
    "An entry was removed from the configuration, and changed in the workspace.",
);
static FOREIGN: Code = code(
    "drift/foreign",
    "drift-foreign",
    "An entry at an exclusive path is not in the configuration.",
);
/// The rule for a file of the workspace that cannot be compared.
pub static UNREADABLE: Code = code(
    "drift/unreadable",
    "drift-unreadable",
    "A file cannot be read, so all of its entries count as drifted.",
);

impl DriftClass {
    /// Returns the rule of the class.
    pub fn code(self) -> &'static Code {
        match self {
            Self::Drift => &DRIFT,
            Self::Conflict => &CONFLICT,
            Self::ForeignCollision => &COLLISION,
            Self::OrphanDrifted => &ORPHAN,
            Self::Foreign => &FOREIGN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_rule_of_its_name_and_a_row_on_the_page() {
        for class in DriftClass::ALL {
            assert_eq!(class.code().id, format!("drift/{}", class.word().replace(' ', "-")));
            assert!(PAGE.contains(&format!("| {} |", class.word())), "{}", class.word());
        }
        assert!(FOREIGN.url().ends_with("/docs/drift.md"), "{}", FOREIGN.url());
    }
}
