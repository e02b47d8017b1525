//! Syntax errors of JavaScript regular expressions.
//!
//! Only patterns that no engine compiles are errors.

use std::ops::Range;

/// An error of a pattern: its byte range, and a message as a sentence fragment.
pub type RegexError = (Range<usize>, &'static str);

/// Finds the first error of a pattern without flags; `None` if there may be none.
pub fn check(pattern: &str) -> Result<(), RegexError> {
    let bytes = pattern.as_bytes();
    let mut groups: Vec<usize> = Vec::new();
    // Whether the last thing can be repeated.
    let mut atom = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'\\' => match bytes.get(at) {
                None => return Err((start..at, "`\\` has nothing to escape")),
                Some(next) => {
                    atom = !matches!(next, b'b' | b'B');
                    at +=
                        pattern.get(at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
                }
            },
            b'[' => {
                at = class_end(bytes, at).ok_or((start..at, "`[` is not closed"))?;
                atom = true;
            }
            b'(' => {
                groups.push(start);
                if bytes.get(at) == Some(&b'?') {
                    at = group_start(pattern, at + 1)
                        .ok_or((start..at + 1, "`(?` starts no group"))?;
                }
                atom = false;
            }
            b')' => {
                groups.pop().ok_or((start..at, "`)` closes nothing"))?;
                atom = true;
            }
            b'*' | b'+' | b'?' => {
                if !atom {
                    return Err((start..at, "there is nothing to repeat"));
                }
                if bytes.get(at) == Some(&b'?') {
                    at += 1;
                }
                atom = false;
            }
            b'{' => match repetition_end(bytes, at) {
                Some(end) => {
                    if !atom {
                        return Err((start..end, "there is nothing to repeat"));
                    }
                    at = end + usize::from(bytes.get(end) == Some(&b'?'));
                    atom = false;
                }
                None => atom = true,
            },
            b'|' | b'^' | b'$' => atom = false,
            _ => atom = true,
        }
    }
    match groups.pop() {
        Some(open) => Err((open..open + 1, "`(` is not closed")),
        None => Ok(()),
    }
}

/// Returns one past the `]` of a class whose content starts here.
fn class_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b']' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// Returns where the content of a special group starts; `at` is behind `(?`.
fn group_start(pattern: &str, at: usize) -> Option<usize> {
    let rest = pattern.get(at..)?;
    for start in [":", "=", "!", "<=", "<!"] {
        if rest.starts_with(start) {
            return Some(at + start.len());
        }
    }
    if let Some(name) = rest.strip_prefix('<') {
        return Some(at + 1 + name.find('>')? + 1);
    }
    // `(?i:…)`: newer engines know it.
    let end = rest.find(|c: char| !matches!(c, 'i' | 'm' | 's' | '-'))?;
    rest.get(end..)?.starts_with(':').then_some(at + end + 1)
}

/// Returns one past the `}` of a repetition such as `{2,}` whose content starts here; other braces are literal.
fn repetition_end(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = digits(start);
    if at == start {
        return None;
    }
    if bytes.get(at) == Some(&b',') {
        at = digits(at + 1);
    }
    (bytes.get(at) == Some(&b'}')).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certain_errors_are_found() {
        let check = |pattern: &str, expect: &str| {
            let (range, _) = check(pattern).expect_err(pattern);
            assert_eq!(&pattern[range], expect, "{pattern}");
        };
        check("*Bash", "*");
        check("Bash(", "(");
        check("(Bash|Edit", "(");
        check("Bash)", ")");
        check("[A-Z", "[");
        check("Bash(*)", "*");
        check("mcp__|*", "*");
        check("a**", "*");
        check("a*??", "?");
        check("^*", "*");
        check("{2}", "{2}");
        check("(?P<tool>Bash)", "(?");
        check("(?i)bash", "(?");
        check("Bash\\", "\\");
    }

    #[test]
    fn what_an_engine_takes_passes() {
        for pattern in [
            "mcp__github__.*",
            "^(Edit|Write)$",
            "[*]",
            "a{2,3}?",
            "a{",
            "}",
            "]",
            "\\(",
            "(?:a)",
            "(?<n>a)+",
            "(?!Bash).*",
            "(?<=x)y",
            "a|",
            "",
            "[\\]]",
            "(?i:bash)",
            "(?=a)*",
            "\\ä",
            "x{,2}",
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
    }
}
