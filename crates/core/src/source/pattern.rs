//! Patterns over key paths: `permissions.*`, `devcontainer.**`.

use super::key::{KeyPath, take_segment};

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// Exactly one segment.
    One,
    /// Any number of segments, none included.
    Any,
}

/// A pattern over key paths. `*` is one segment, `**` any number, a quoted segment is literal and may contain dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    segments: Vec<Segment>,
}

/// Why a text is not a pattern, as a sentence fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError(pub String);

/// The specificity of a pattern: more literal segments first, then the longer pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    literals: usize,
    length: usize,
}

impl Pattern {
    /// Parses a pattern. Fails when a segment is malformed.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut segments = Vec::new();
        let mut rest = text.trim();
        loop {
            let quoted = rest.starts_with(['"', '\'']);
            let (segment, after) = take_segment(rest).map_err(PatternError)?;
            segments.push(match segment.as_str() {
                "*" if !quoted => Segment::One,
                "**" if !quoted => Segment::Any,
                literal if !quoted && literal.contains('*') => {
                    return Err(PatternError(format!(
                        "`{literal}`: a `*` stands for a whole segment, not for a part of one"
                    )));
                }
                _ => Segment::Literal(segment),
            });
            if after.is_empty() {
                return Ok(Self { segments });
            }
            rest = after
                .strip_prefix('.')
                .ok_or_else(|| PatternError(format!("expected `.` before `{after}`")))?;
        }
    }

    /// Returns true if the pattern matches this path.
    pub fn matches<S: AsRef<str>>(&self, path: &[S]) -> bool {
        covers(&self.segments, path)
    }

    /// Returns true if the pattern matches a key or a table that holds the key.
    pub fn covers(&self, key: &KeyPath) -> bool {
        let segments = key.segments();
        (1..=segments.len()).any(|end| segments.get(..end).is_some_and(|part| self.matches(part)))
    }

    /// Returns true if some path below or above this one could be covered: used to find patterns that can never match.
    pub fn first_literal(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Literal(literal)) => Some(literal),
            _ => None,
        }
    }

    /// Returns the specificity of the pattern.
    pub fn specificity(&self) -> Specificity {
        let literal = |segment: &&Segment| matches!(segment, Segment::Literal(_));
        Specificity {
            literals: self.segments.iter().filter(literal).count(),
            length: self.segments.len(),
        }
    }
}

/// Compares from left to right. After a mismatch only the last `**` takes one more segment, so the cost is at most the product
/// of both lengths, however many `**` there are.
fn covers<S: AsRef<str>>(pattern: &[Segment], path: &[S]) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut last_any: Option<(usize, usize)> = None;
    while let Some(head) = path.get(next) {
        let fits = match pattern.get(at) {
            Some(Segment::Any) => {
                last_any = Some((at, next));
                at += 1;
                continue;
            }
            Some(Segment::One) => true,
            Some(Segment::Literal(literal)) => literal == head.as_ref(),
            None => false,
        };
        if fits {
            (at, next) = (at + 1, next + 1);
        } else if let Some((any, taken)) = last_any {
            last_any = Some((any, taken + 1));
            (at, next) = (any + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|segment| *segment == Segment::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str, expect: bool) {
        let path: Vec<&str> = path.split('.').filter(|s| !s.is_empty()).collect();
        let pattern = Pattern::parse(pattern).expect("a valid pattern");
        assert_eq!(pattern.matches(&path), expect, "{pattern:?} {path:?}");
    }

    #[test]
    fn stars_stand_for_segments() {
        check("**", "", true);
        check("**", "a.b.c", true);
        check("permissions.*", "permissions.allow", true);
        check("permissions.*", "permissions.allow.x", false);
        check("permissions.**", "permissions", true);
        check("a.**.z", "a.z", true);
        check("a.**.z", "a.b.c.z", true);
        check("a.**.z", "a.b.c", false);
        check("\"*\"", "x", false);
    }

    #[test]
    fn a_star_inside_a_segment_is_refused() {
        assert!(Pattern::parse("a.b*").is_err());
        assert!(Pattern::parse("a..b").is_err());
    }

    #[test]
    fn more_literals_win_then_length() {
        let of = |text: &str| Pattern::parse(text).expect("a valid pattern").specificity();
        assert!(of("permissions.allow") > of("permissions.*"));
        assert!(of("a.*.*") > of("a.*"));
        assert!(of("a") > of("**"));
    }
}
