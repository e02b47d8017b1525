//! References in values: `${vault:path#field}` and `${env:NAME}`.
//!
//! References are parsed and never resolved: a rendered file has a variable, `${NAME}`, which Claude Code expands, in place
//! of each. So no secret value is ever read.

use std::fmt;
use std::ops::Range;

/// A parsed reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A field of a secret in Vault.
    Vault {
        /// The path of the secret.
        path: String,
        /// The name of the field.
        field: String,
    },
    /// A variable of the environment that Claude Code is started in.
    Env {
        /// The name of the variable.
        name: String,
    },
}

impl Reference {
    /// Returns the name of the variable in rendered files.
    ///
    /// `${env:NAME}` is `NAME` itself; `${vault:mcp/docs#token}` is `CLAUDE_ENV_MCP_DOCS_TOKEN`.
    pub fn variable(&self) -> String {
        match self {
            Reference::Env { name } => name.clone(),
            Reference::Vault { path, field } => {
                let upper = |c: char| {
                    if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }
                };
                let name: String =
                    path.chars().chain(['/']).chain(field.chars()).map(upper).collect();
                format!("CLAUDE_ENV_{name}")
            }
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Vault { path, field } => write!(f, "${{vault:{path}#{field}}}"),
            Reference::Env { name } => write!(f, "${{env:{name}}}"),
        }
    }
}

/// One `${…}` of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its byte range in the text, from `$` to `}`.
    pub range: Range<usize>,
    /// Its meaning.
    pub what: What,
}

/// The meaning of a `${…}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A reference of claude-env.
    Reference(Reference),
    /// Claude Code's own `${NAME}` or `${NAME:-default}`; is rendered unchanged.
    Variable {
        /// The name of the variable.
        name: String,
        /// The text after `:-`; `None` without one.
        default: Option<String>,
    },
    /// A malformed reference, or an unknown scheme; the reason, as a sentence fragment.
    Malformed(String),
}

/// Finds every `${…}` of a text. A `${` that is never closed is malformed up to the end.
pub fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("${") {
        let start = from + at;
        let Some(length) = text[start..].find('}') else {
            let what = What::Malformed("`${` is not closed".to_owned());
            found.push(Found { range: start..text.len(), what });
            break;
        };
        let end = start + length + 1;
        found.push(Found { range: start..end, what: parse(&text[start + 2..end - 1]) });
        from = end;
    }
    found
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn parse(inner: &str) -> What {
    if is_name(inner) {
        return What::Variable { name: inner.to_owned(), default: None };
    }
    if let Some((name, default)) = inner.split_once(":-")
        && is_name(name)
    {
        return What::Variable { name: name.to_owned(), default: Some(default.to_owned()) };
    }
    if let Some(rest) = inner.strip_prefix("vault:") {
        return vault(rest);
    }
    if let Some(name) = inner.strip_prefix("env:") {
        return if is_name(name) {
            What::Reference(Reference::Env { name: name.to_owned() })
        } else {
            What::Malformed(format!("`{name}` is not the name of a variable"))
        };
    }
    match inner.split_once(':') {
        Some((scheme, _)) if is_name(scheme) => {
            What::Malformed(format!("there is no scheme `{scheme}`; use `vault` or `env`"))
        }
        _ => What::Malformed(format!("`{inner}` is neither a variable nor a reference")),
    }
}

fn vault(rest: &str) -> What {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let Some((path, field)) = rest.split_once('#') else {
        return What::Malformed(
            "a vault reference needs a field: `${vault:path#field}`".to_owned(),
        );
    };
    if path.is_empty() || field.is_empty() {
        return What::Malformed("the path or the field is empty".to_owned());
    }
    if let Some(bad) = path.chars().chain(field.chars()).find(|&c| !fine(c)) {
        return What::Malformed(format!("{bad:?} cannot stand in a vault reference"));
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) || field.contains('/') {
        return What::Malformed("the path has an empty, `.` or `..` part".to_owned());
    }
    What::Reference(Reference::Vault { path: path.to_owned(), field: field.to_owned() })
}

/// Returns the text for Claude Code: references become variables, everything else is unchanged.
pub fn rendered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for found in find(text) {
        if let What::Reference(reference) = &found.what {
            out.push_str(&text[from..found.range.start]);
            out.push_str(&format!("${{{}}}", reference.variable()));
            from = found.range.end;
        }
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_variables_and_the_rest_stays() {
        let check = |text: &str, expect: &str| assert_eq!(rendered(text), expect, "{text}");
        check("Bearer ${vault:mcp/docs#token}", "Bearer ${CLAUDE_ENV_MCP_DOCS_TOKEN}");
        check("${env:GITHUB_TOKEN}", "${GITHUB_TOKEN}");
        check("${HOME}/x ${PORT:-80} $Y", "${HOME}/x ${PORT:-80} $Y");
        check("${vault:a#b}${vault:a#c}", "${CLAUDE_ENV_A_B}${CLAUDE_ENV_A_C}");
        check("${vault:a}", "${vault:a}");
    }

    #[test]
    fn what_is_malformed_says_why() {
        let check = |text: &str, expect: &str| match &find(text)[0].what {
            What::Malformed(why) => assert!(why.contains(expect), "{why}"),
            other => panic!("{other:?}"),
        };
        check("${vault:a", "not closed");
        check("${vault:a}", "needs a field");
        check("${vault:#x}", "empty");
        check("${vault:../a#x}", "`..` part");
        check("${valt:a#b}", "no scheme `valt`");
        check("${env:1X}", "not the name");
        check("${a-b}", "neither");
    }
}
