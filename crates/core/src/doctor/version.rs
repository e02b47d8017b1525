//! Versions of installed programs.

use std::fmt;

use super::{Area, Line};

/// A version of three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub [u32; 3]);

/// The oldest supported git.
const OLDEST_GIT: Version = Version([2, 39, 0]);

impl Version {
    /// Returns the first version in a text, such as `2.1.330`; a missing third number is 0. `None` if there is none.
    pub fn find(text: &str) -> Option<Self> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let end = text.get(start..)?.find(|c: char| !c.is_ascii_digit() && c != '.');
        let version = text.get(start..end.map_or(text.len(), |end| start + end))?;
        let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
        Some(Self([parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)]))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// Returns the line about the output of `git --version`, such as `git version 2.39.5`.
pub fn git_version(answer: &str) -> Line {
    let area = Area::Installed;
    match Version::find(answer) {
        Some(version) if version >= OLDEST_GIT => Line::good(area, format!("git {version}")),
        Some(version) => Line::fail(
            area,
            format!("git {version} is older than 2.39, the oldest supported version"),
            "install a newer git",
        ),
        None => Line::fail(
            area,
            "the output of `git --version` has no version",
            "install git 2.39 or newer",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn versions_are_compared() {
        let check = |answer: &str, state: State, part: &str| {
            let line = git_version(answer);
            assert_eq!(line.state, state, "{line:?}");
            assert!(line.message.contains(part), "{line:?}");
        };
        check("git version 2.54.0.windows.1", State::Good, "git 2.54.0");
        check("git version 2.39\n", State::Good, "2.39.0");
        check("git version 2.30.2 (Apple Git-130)", State::Fail, "older");
        check("", State::Fail, "has no version");
    }
}
