//! Masking secrets in everything that is printed: by their shape, by the name of their key, and in URLs.
//!
//! A workspace and the output of other programs can contain secrets that no finding marks. Of a long secret the first four
//! characters stay, which tell its kind.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value as Json;

use super::secret::{find, names_secret, userinfo_secrets};

/// From how many characters on the beginning of a secret is shown.
const LONG_SECRET: usize = 12;

/// Returns what is shown of a secret.
pub(super) fn beginning(secret: &str) -> String {
    let shown = if secret.chars().count() >= LONG_SECRET { 4 } else { 0 };
    secret.chars().take(shown).take_while(|c| *c != '\n').chain(['…']).collect()
}

/// Returns a text with all secrets masked that have a known shape or are in a URL.
pub fn text(text: &str) -> Cow<'_, str> {
    replaced(text, ranges(text))
}

/// Returns lines of a file with secrets masked: also those that a key such as `API_TOKEN` names, in JSON, TOML or arguments.
pub fn lines(text: &str) -> Cow<'_, str> {
    replaced(text, line_ranges(text))
}

/// Returns a value with its secrets masked. `name` is the key that it stands at.
pub fn value(name: &str, value: &Json) -> Json {
    match value {
        Json::String(text) => Json::String(named(name, text)),
        // What follows an option such as `--api-key` is what the option names.
        Json::Array(items) => {
            let before =
                [name].into_iter().chain(items.iter().map(|item| item.as_str().unwrap_or(name)));
            let option = |word: &str| if word.starts_with('-') { word } else { name }.to_owned();
            before.zip(items).map(|(before, item)| self::value(&option(before), item)).collect()
        }
        Json::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), self::value(key, value))).collect()
        }
        other => other.clone(),
    }
}

/// Returns the text at a key with its secrets masked: all of it, if the key names a secret.
pub fn named(name: &str, text: &str) -> String {
    if names_secret(name) && !text.contains("${") && !text.is_empty() {
        return beginning(text);
    }
    lines(text).into_owned()
}

/// Returns the byte ranges of all secrets in lines of a file, in order and apart from each other.
pub(super) fn line_ranges(text: &str) -> Vec<Range<usize>> {
    let mut found = ranges(text);
    found.extend(assigned(text));
    found
}

/// Returns the byte ranges of secrets that need no name.
fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = find(text).into_iter().map(|hit| hit.range).collect();
    found.extend(private_keys(text));
    if text.contains("://") {
        found.extend(userinfo_secrets(text));
        found.extend(query_secrets(text));
    }
    found
}

/// Returns the bodies of private keys, from the first line on.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let ends = text.match_indices("PRIVATE KEY-----").map(|(at, word)| at + word.len());
    let bodies = ends.filter_map(|start| {
        let rest = text.get(start..)?;
        let end = rest.find("-----END").unwrap_or(rest.len());
        (!rest.get(..end)?.trim().is_empty()).then_some(start..start + end)
    });
    bodies.collect()
}

/// Returns the values of secret parameters in the queries of URLs.
fn query_secrets(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices(['?', '&']).map(|(at, _)| at + 1);
    let values = starts.filter_map(|start| {
        let rest = text.get(start..)?;
        let end = rest.find(['&', '#', '"', '\'', '`', ' ', '\n', '\t']).unwrap_or(rest.len());
        let (name, value) = rest.get(..end)?.split_once('=')?;
        let is_secret = names_secret(name) && !value.is_empty() && !value.contains("${");
        is_secret.then_some(start + name.len() + 1..start + end)
    });
    values.collect()
}

/// Returns the values that stand behind a name of a secret: `"token": "…"`, `token = '…'`, `--token …`, `--token=…`.
fn assigned(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(is_name)).map(|n| at + n) {
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        at = start + length;
        let name = rest.get(..length).unwrap_or_default();
        if !names_secret(name) {
            continue;
        }
        if let Some(range) = value_after(text, at, name.starts_with('-')) {
            at = range.end;
            if is_literal(text.get(range.clone()).unwrap_or_default()) {
                found.push(range);
            }
        }
    }
    found
}

/// Returns the range of the value that follows a name which ends at `end`; `None` if nothing is assigned. The value of an option may
/// follow a blank.
fn value_after(text: &str, end: usize, option: bool) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    // The quote that closes the name.
    let after = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start_matches([' ', '\t']);
    let value = match after.strip_prefix(['=', ':']) {
        Some(value) => value.trim_start_matches([' ', '\t']),
        // In a list of arguments, the value is the next item.
        None if option => after.trim_start_matches([',', ' ', '\t', '\n', '\r']),
        None => return None,
    };
    let start = text.len() - value.len();
    let (start, length) = match value.chars().next()? {
        quote @ ('"' | '\'') => (start + 1, value.get(1..)?.find(quote)?),
        _ => (start, value.find(char::is_whitespace).unwrap_or(value.len())),
    };
    (length > 0).then_some(start..start + length)
}

/// Returns true for a value that can be a secret: not a reference, a boolean, a number, a path or the start of a structure.
fn is_literal(text: &str) -> bool {
    let plain = matches!(text, "true" | "false" | "null") || text.parse::<f64>().is_ok();
    !plain && !text.contains("${") && !text.starts_with(['/', '~', '[', '{', '`', '…'])
}

/// Returns the text with ranges masked, which may overlap and come in any order.
fn replaced(text: &str, mut ranges: Vec<Range<usize>>) -> Cow<'_, str> {
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for range in ranges {
        let from = range.start.max(at);
        if let (Some(before), Some(secret)) = (text.get(at..from), text.get(from..range.end)) {
            out.push_str(before);
            // What an overlapping range left of a secret is not its beginning.
            out.push_str(&if from == range.start { beginning(secret) } else { "…".to_owned() });
            at = range.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    // Put together here, so that no scanner takes this file for a leak.
    fn token() -> String {
        ["ghp_", "q7Zk3R9vTx2LmN8bWc5Yd1Fh6Jp4Sa0GuEoI"].concat()
    }

    #[test]
    fn secrets_without_a_name_are_masked() {
        let check = |input: &str, expect: &str| assert_eq!(text(input), expect);
        let token = token();
        check("no secret", "no secret");
        check(&format!("a {token} b {token}"), "a ghp_… b ghp_…");
        check("https://me:hunter2@x.example/a", "https://me:…@x.example/a");
        check("git https://a:hunter2@x, https://b:hunter3@y", "git https://a:…@x, https://b:…@y");
        check("https://q7Rk2ZpX9mWv4LtB@x.example", "https://q7Rk…@x.example");
        check("https://ada@x.example", "https://ada@x.example");
        check("https://x/?access_token=hunter2&a=b", "https://x/?access_token=…&a=b");
        check("`https://x/?a=b&api_key=hunter2`", "`https://x/?a=b&api_key=…`");
        let key = ["-----BEGIN PRIVATE ", "KEY-----"].concat();
        check(&format!("{key}\nMIIB\nAAAA\n-----END x"), &format!("{key}…-----END x"));
    }

    #[test]
    fn secrets_with_a_name_are_masked_in_lines() {
        let check = |input: &str, expect: &str| assert_eq!(lines(input), expect);
        check("\"API_TOKEN\": \"hunter2\",", "\"API_TOKEN\": \"…\",");
        check("API_TOKEN = 'q7Rk2ZpX9mWv4LtB'", "API_TOKEN = 'q7Rk…'");
        check("env.DB_PASSWORD=hunter2 x", "env.DB_PASSWORD=… x");
        check("\"--api-key\",\n  \"hunter2\"", "\"--api-key\",\n  \"…\"");
        check("--token hunter2 --token=hunter3", "--token … --token=…");
        check("API_TOKEN = \"${vault:a#b}\"", "API_TOKEN = \"${vault:a#b}\"");
        check("TOKEN = true", "TOKEN = true");
        check("apiKeyHelper = \"bin/key\"", "apiKeyHelper = \"bin/key\"");
        check("the token is in Vault", "the token is in Vault");
        check("a secret; another", "a secret; another");
    }

    #[test]
    fn secrets_in_values_are_masked() {
        let check = |name: &str, input: Json, expect: Json| {
            assert_eq!(value(name, &input), expect, "{input}");
        };
        let token = token();
        check("x", json!(token), json!("ghp_…"));
        check("args", json!(["-t", format!("a {token} b")]), json!(["-t", "a ghp_… b"]));
        check("env", json!({"API_KEY": "hunter2"}), json!({"API_KEY": "…"}));
        check("API_KEY", json!("0123456789abcdef"), json!("0123…"));
        check("args", json!(["--api-key", "hunter2", "x"]), json!(["--api-key", "…", "x"]));
        check("Authorization", json!("Bearer ${TOKEN}"), json!("Bearer ${TOKEN}"));
        check("url", json!("https://me:hunter2@x.example"), json!("https://me:…@x.example"));
        check("deny", json!("Read(./.env)"), json!("Read(./.env)"));
    }

    proptest! {
        #[test]
        fn no_token_survives(before in ".{0,20}[ \"'\n]", after in "[ \"'\n].{0,20}") {
            let token = token();
            let input = format!("{before}{token}{after}");
            let (plain, line) = (text(&input).into_owned(), lines(&input).into_owned());
            prop_assert!(!plain.contains("q7Zk") && !line.contains("q7Zk"), "{plain} {line}");
        }
    }
}
