//! The versions of Claude Code that are supported.

use crate::doctor::{Area, Line, Version};

/// The oldest version that is tested.
const OLDEST: Version = Version([2, 1, 197]);
/// The newest version that is tested.
const NEWEST: Version = Version([2, 1, 330]);

/// Returns the line about the output of `claude --version`, such as `2.1.330 (Claude Code)`.
pub fn client_version(answer: &str) -> Line {
    let area = Area::Installed;
    let Some(version) = Version::find(answer) else {
        let message = "the output of `claude --version` has no version";
        return Line::note(area, message, "run it, and check its output");
    };
    if version < OLDEST {
        let message =
            format!("Claude Code {version} is older than {OLDEST}, the oldest supported version");
        Line::fail(area, message, "run `claude update`")
    } else if version > NEWEST {
        let message =
            format!("Claude Code {version} is newer than {NEWEST}, the newest tested version");
        Line::note(area, message, "no problem is known; if there is one, please report it")
    } else {
        Line::good(area, format!("Claude Code {version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn versions_are_compared() {
        let check = |answer: &str, state: State, part: &str| {
            let line = client_version(answer);
            assert_eq!(line.state, state, "{line:?}");
            assert!(line.message.contains(part), "{line:?}");
        };
        check("2.1.197 (Claude Code)\n", State::Good, "2.1.197");
        check("2.1.330 (Claude Code)\n", State::Good, "2.1.330");
        check("2.0.99 (Claude Code)\n", State::Fail, "older");
        check("3.0.0", State::Note, "newer");
        check("hello", State::Note, "has no version");
    }
}
