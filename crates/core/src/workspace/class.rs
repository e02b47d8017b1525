//! The classes of entries, and what a sync does with each.

use super::digest::Digest;

/// The state of an entry across configuration, lock and workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// All three are equal.
    Clean,
    /// The configuration changed; the workspace still has what was last written.
    Pending,
    /// The workspace changed, the configuration did not.
    Drift,
    /// Configuration and workspace changed to the same value, or both removed the entry.
    Converged,
    /// Configuration and workspace changed to different values.
    Conflict,
    /// Configured, never written, and nothing is in its place.
    New,
    /// Configured and never written, but another value is in its place.
    ForeignCollision,
    /// No longer configured; the workspace still has what was last written.
    Orphan,
    /// No longer configured, and changed in the workspace since it was written.
    OrphanDrifted,
    /// Configuration and workspace changed different lines of a text, so both changes can be kept.
    Merged,
    /// Neither configured nor ever written, at a path that the policy calls exclusive. Looked for on request only.
    Foreign,
}

impl Class {
    /// The classes of entries that the configuration has changed, and nobody in the workspace.
    pub const BEHIND: [Self; 3] = [Class::Pending, Class::New, Class::Orphan];

    /// Returns the word for the class in every output format.
    pub fn word(self) -> &'static str {
        match self {
            Class::Clean => "clean",
            Class::Pending => "pending",
            Class::Drift => "drift",
            Class::Converged => "converged",
            Class::Conflict => "conflict",
            Class::New => "new",
            Class::ForeignCollision => "foreign collision",
            Class::Orphan => "orphan",
            Class::OrphanDrifted => "orphan drifted",
            Class::Merged => "merged",
            Class::Foreign => "foreign",
        }
    }

    /// Returns what `sync` does with an entry of this class. The only place that maps classes to decisions.
    pub fn decision(self, policy: Policy) -> Decision {
        match self {
            Class::Clean => Decision::Nothing,
            Class::Pending | Class::New | Class::Orphan | Class::Merged => Decision::Apply,
            Class::Converged => Decision::Record,
            Class::Drift
            | Class::Conflict
            | Class::ForeignCollision
            | Class::OrphanDrifted
            | Class::Foreign => match policy {
                Policy::Keep => Decision::Keep,
                Policy::Force => Decision::Apply,
            },
        }
    }
}

/// Which side wins where the workspace differs from what was last written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The workspace: local changes are kept.
    #[default]
    Keep,
    /// The configuration: local changes are overwritten.
    Force,
}

/// What a sync does with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing.
    Nothing,
    /// Writes or removes the entry, and records it in the lock.
    Apply,
    /// Updates the lock only.
    Record,
    /// Keeps the entry of the workspace and the entry of the lock.
    Keep,
}

/// Classifies one entry; `None` when it is neither configured nor in the lock.
///
/// `desired`, `base` (the lock) and `actual` are digests, `None` where the entry does not exist. `pending` is what an
/// interrupted run was about to record: what it may have written or removed counts as written by claude-env.
pub(super) fn classify(
    desired: Option<Digest>,
    base: Option<Digest>,
    pending: Option<Option<Digest>>,
    actual: Option<Digest>,
) -> Option<Class> {
    if actual == desired {
        return match (desired, base) {
            (None, None) => None,
            _ if base == desired => Some(Class::Clean),
            _ => Some(Class::Converged),
        };
    }
    let ours = actual == base || pending == Some(actual);
    match (desired, ours) {
        (None, true) => Some(Class::Orphan),
        (None, false) => base.map(|_| Class::OrphanDrifted),
        (Some(_), true) if actual.is_none() => Some(Class::New),
        (Some(_), true) => Some(Class::Pending),
        (Some(_), false) if base == desired => Some(Class::Drift),
        (Some(_), false) if base.is_none() => Some(Class::ForeignCollision),
        (Some(_), false) => Some(Class::Conflict),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digests from letters; `-` is nothing.
    fn check(
        desired: char,
        base: char,
        pending: Option<char>,
        actual: char,
        expect: Option<Class>,
    ) {
        let digest = |c: char| (c != '-').then(|| Digest::of_text(&c.to_string()));
        assert_eq!(
            classify(digest(desired), digest(base), pending.map(digest), digest(actual)),
            expect,
            "desired {desired} base {base} pending {pending:?} actual {actual}"
        );
    }

    #[test]
    fn nine_classes() {
        check('a', 'a', None, 'a', Some(Class::Clean));
        check('b', 'a', None, 'a', Some(Class::Pending));
        check('a', 'a', None, 'x', Some(Class::Drift));
        check('a', 'a', None, '-', Some(Class::Drift));
        check('b', 'a', None, 'b', Some(Class::Converged));
        check('-', 'a', None, '-', Some(Class::Converged));
        check('a', '-', None, 'a', Some(Class::Converged));
        check('b', 'a', None, 'x', Some(Class::Conflict));
        check('b', 'a', None, '-', Some(Class::Conflict));
        check('a', '-', None, '-', Some(Class::New));
        check('a', '-', None, 'x', Some(Class::ForeignCollision));
        check('-', 'a', None, 'a', Some(Class::Orphan));
        check('-', 'a', None, 'x', Some(Class::OrphanDrifted));
        check('-', '-', None, 'x', None);
        check('-', '-', None, '-', None);
    }

    #[test]
    fn what_an_interrupted_run_did_is_ours() {
        // It may have written b over a, and the configuration has moved on, or back.
        check('c', 'a', Some('b'), 'b', Some(Class::Pending));
        check('a', 'a', Some('b'), 'b', Some(Class::Pending));
        check('b', 'a', Some('b'), 'b', Some(Class::Converged));
        check('b', 'a', Some('b'), 'a', Some(Class::Pending));
        check('-', 'a', Some('b'), 'b', Some(Class::Orphan));
        check('c', 'a', Some('b'), 'x', Some(Class::Conflict));
        // It may have written what was not there.
        check('c', '-', Some('b'), 'b', Some(Class::Pending));
        check('-', '-', Some('b'), 'b', Some(Class::Orphan));
        check('-', '-', Some('b'), 'x', None);
        check('c', '-', Some('b'), 'x', Some(Class::ForeignCollision));
        // It may have removed what was there.
        check('a', 'a', Some('-'), '-', Some(Class::New));
        check('b', 'a', Some('-'), '-', Some(Class::New));
        check('a', 'a', Some('-'), 'x', Some(Class::Drift));
    }
}
