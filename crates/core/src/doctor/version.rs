//! Versions of other programs, and which we know.

use super::{Area, Line};

/// The clients that everything is tried with.
const OLDEST: [u32; 3] = [2, 1, 197];
const NEWEST: [u32; 3] = [2, 1, 330];

/// The oldest git that everything is tried with, and the first that runs hooks of its configuration.
const OLDEST_GIT: [u32; 3] = [2, 39, 0];

/// Returns what `claude --version` says: `2.1.330 (Claude Code)`.
pub fn client_version(answer: &str) -> Line {
    let area = Area::Installed;
    let Some(version) = numbers(answer) else {
        return Line::note(
            area,
            "`claude --version` does not say its version",
            "run it, and see what it says",
        );
    };
    let (shown, oldest, newest) = (dotted(version), dotted(OLDEST), dotted(NEWEST));
    if version < OLDEST {
        Line::fail(
            area,
            format!("Claude Code {shown} is older than {oldest}, the oldest that is supported"),
            "run `claude update`",
        )
    } else if version > NEWEST {
        let message =
            format!("Claude Code {shown} is newer than {newest}, the newest that was tried");
        Line::note(area, message, "nothing is known to be wrong; if something is, please report it")
    } else {
        Line::good(area, format!("Claude Code {shown}"))
    }
}

/// Returns what `git --version` says: `git version 2.39.5`.
pub fn git_version(answer: &str) -> Line {
    let area = Area::Installed;
    match numbers(answer) {
        Some(version) if version >= OLDEST_GIT => {
            Line::good(area, format!("git {}", dotted(version)))
        }
        Some(version) => Line::fail(
            area,
            format!("git {} is older than 2.39, the oldest that is supported", dotted(version)),
            "install a newer git",
        ),
        None => Line::fail(
            area,
            "`git --version` does not say its version",
            "install git 2.39 or newer",
        ),
    }
}

/// Returns the first three numbers of a text, as in `2.1.330`; a third one that is missing is 0.
fn numbers(text: &str) -> Option<[u32; 3]> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let end = text.get(start..)?.find(|c: char| !c.is_ascii_digit() && c != '.');
    let version = text.get(start..end.map_or(text.len(), |end| start + end))?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    Some([parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)])
}

fn dotted(version: [u32; 3]) -> String {
    version.map(|part| part.to_string()).join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn versions_are_judged() {
        let check = |line: Line, state: State, part: &str| {
            assert_eq!(line.state, state, "{line:?}");
            assert!(line.message.contains(part), "{line:?}");
        };
        check(client_version("2.1.197 (Claude Code)\n"), State::Good, "2.1.197");
        check(client_version("2.1.330 (Claude Code)\n"), State::Good, "2.1.330");
        check(client_version("2.0.99 (Claude Code)\n"), State::Fail, "older");
        check(client_version("3.0.0"), State::Note, "newer");
        check(client_version("hello"), State::Note, "does not say");
        check(git_version("git version 2.54.0.windows.1"), State::Good, "git 2.54.0");
        check(git_version("git version 2.39\n"), State::Good, "2.39.0");
        check(git_version("git version 2.30.2 (Apple Git-130)"), State::Fail, "older");
        check(git_version(""), State::Fail, "does not say");
    }
}
