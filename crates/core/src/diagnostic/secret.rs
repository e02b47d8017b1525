//! Finding secrets in text.
//!
//! Tokens of known services have a prefix and a minimum length, and are found anywhere in a text. This is fast: a token is a
//! long run of letters, digits, `-` and `_`; such runs are rare, so most bytes are skipped.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Something that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its byte range in the text.
    pub range: Range<usize>,
    /// The kind of secret, with its article.
    pub what: &'static str,
}

/// The length of the shortest known token.
const SHORTEST: usize = 20;

/// The bytes of tokens.
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation)] // the loop ends at 255
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        byte += 1;
    }
    table
};

/// The end of the first line of a private key. Built once: that takes as long as searching a short file.
static PRIVATE_KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("PRIVATE KEY-----"));

/// Finds every secret of a known format.
pub fn find(text: &str) -> Vec<Hit> {
    let bytes = text.as_bytes();
    let mut hits = Vec::new();
    // The window of SHORTEST bytes that ends here is looked at from behind; its first foreign byte says how far to jump.
    let mut end = SHORTEST - 1;
    while end < bytes.len() {
        if let Some(back) = last_break(&bytes[end - 15..=end]) {
            end = end - back + SHORTEST;
            continue;
        }
        let window = end + 1 - SHORTEST;
        let mut at = end;
        while at > window && TOKEN[usize::from(bytes[at])] {
            at -= 1;
        }
        if !TOKEN[usize::from(bytes[at])] {
            end = at + SHORTEST;
            continue;
        }
        let length = bytes[at..].iter().take_while(|&&b| TOKEN[usize::from(b)]).count();
        hits.extend(token(text, at, at + length));
        end = at + length + SHORTEST;
    }
    for at in PRIVATE_KEY.find_iter(bytes) {
        hits.extend(private_key(text, at));
    }
    hits.sort_by_key(|hit| hit.range.start);
    hits
}

/// Returns how far from the end of sixteen bytes the last one below `-` stands; all of those break a token.
///
/// Prose has one nearly everywhere, so this decides for most of a text, and all bytes at once: subtracting borrows into the
/// high bit of each smaller byte. Borrows run upwards, so the lowest mark, which is the last byte, is exact.
fn last_break(sixteen: &[u8]) -> Option<usize> {
    const ONES: u128 = u128::MAX / 255;
    let word = u128::from_be_bytes(sixteen.try_into().ok()?);
    let marks = word.wrapping_sub(ONES * b'-' as u128) & !word & (ONES * 128);
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

/// Makers' tokens: prefix, shortest rest, what it is.
const SHAPES: &[(&str, usize, &str)] = &[
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghu_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("ghr_", 36, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 16, "a GitLab token"),
    ("sk-ant-", 20, "an Anthropic key"),
    ("sk_live_", 20, "a Stripe key"),
    ("rk_live_", 20, "a Stripe key"),
    ("sk-", 20, "an API key"),
    ("xoxa-", 16, "a Slack token"),
    ("xoxb-", 16, "a Slack token"),
    ("xoxp-", 16, "a Slack token"),
    ("xoxr-", 16, "a Slack token"),
    ("xoxs-", 16, "a Slack token"),
    ("npm_", 36, "an npm token"),
    ("pypi-", 32, "a PyPI token"),
    ("AIza", 35, "a Google API key"),
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
];

fn token(text: &str, start: usize, end: usize) -> Option<Hit> {
    let run = &text[start..end];
    let before = &text[..start];
    if let Some(what) = jwt(text, start, end) {
        return Some(what);
    }
    let shape = SHAPES.iter().find(|(prefix, ..)| run.starts_with(prefix));
    let (rest, what) = match shape {
        Some(&(prefix, shortest, what)) => {
            let rest = &run[prefix.len()..];
            let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
            let fits = match prefix {
                "AKIA" | "ASIA" => rest.len() == shortest && rest.bytes().all(upper),
                _ => rest.len() >= shortest,
            };
            if !fits {
                return None;
            }
            (rest, what)
        }
        None if before.ends_with("hvs.") => (run, "a Vault token"),
        None if before.ends_with("Bearer ") || before.ends_with("bearer ") => {
            (run, "a bearer token")
        }
        None => return None,
    };
    let is_cut = is_cut(&text[end..]) && rest.len() < CUT_BELOW;
    (is_random(rest) && !is_placeholder(rest) && !is_cut).then_some(Hit { range: start..end, what })
}

/// The length from which a token that dots follow is taken for a whole one, at the end of a sentence.
const CUT_BELOW: usize = 36;

/// Returns true if the text after a token says that only its beginning is shown, as documentation does.
fn is_cut(after: &str) -> bool {
    ["...", "\u{2026}", "***", "[...", "<", "\u{2022}\u{2022}"]
        .iter()
        .any(|dots| after.starts_with(dots))
}

fn jwt(text: &str, start: usize, end: usize) -> Option<Hit> {
    if !text[start..].starts_with("eyJ") {
        return None;
    }
    let part = |from: usize| {
        let rest = text.as_bytes().get(from..)?.strip_prefix(b".")?;
        let length = rest.iter().take_while(|&&b| TOKEN[usize::from(b)]).count();
        (length >= 10).then_some(from + 1 + length)
    };
    let payload = part(end)?;
    let end = part(payload)?;
    (!is_placeholder(&text[start..end]))
        .then_some(Hit { range: start..end, what: "a JSON Web Token" })
}

/// Returns a private key, if its head is followed by data and not by dots.
fn private_key(text: &str, at: usize) -> Option<Hit> {
    let start = text[..at].rfind("-----BEGIN")?;
    if at - start > 40 {
        return None;
    }
    let end = at + "PRIVATE KEY-----".len();
    let is_data = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let mut rest = text.as_bytes().get(end..)?;
    // A line end, or its escape in a string.
    for skipped in [&b"\r"[..], b"\n", b"\\r", b"\\n", b" ", b" ", b" ", b" "] {
        rest = rest.strip_prefix(skipped).unwrap_or(rest);
    }
    let data = rest.iter().take_while(|&&b| is_data(b)).count();
    (data >= 40).then_some(Hit { range: start..end, what: "a private key" })
}

/// Parts of the names of keys with secrets, each with its letters.
const SECRET_WORDS: [(&str, u32); 9] = {
    let mut words = [
        ("token", 0),
        ("secret", 0),
        ("password", 0),
        ("passwd", 0),
        ("apikey", 0),
        ("credential", 0),
        ("privatekey", 0),
        ("accesskey", 0),
        ("authorization", 0),
    ];
    let mut at = 0;
    while at < words.len() {
        words[at].1 = letters(words[at].0.as_bytes());
        at += 1;
    }
    words
};

/// Returns the set of letters in a text, whatever their case: bit 0 for `a`.
const fn letters(text: &[u8]) -> u32 {
    let mut set = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at].is_ascii_alphabetic() {
            set |= 1 << (text[at].to_ascii_lowercase() - b'a');
        }
        at += 1;
    }
    set
}

/// Returns true if a key of this name has a secret.
pub fn names_secret(key: &str) -> bool {
    // Few keys have the letters of such a word at all.
    let letters = letters(key.as_bytes());
    if !SECRET_WORDS.iter().any(|(_, needed)| letters & needed == *needed) {
        return false;
    }
    let plain: String = key
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|b| char::from(b.to_ascii_lowercase()))
        .collect();
    let says = SECRET_WORDS.iter().any(|(word, _)| plain.contains(word));
    let about =
        ["helper", "file", "path", "url", "uri", "name", "id", "command", "dir", "tokens", "env"];
    says && !about.iter().any(|end| plain.ends_with(end))
}

/// Returns true if a value under such a key is a literal secret: long, random, no path, no placeholder, no reference.
pub fn is_secret_literal(value: &str) -> bool {
    let value = ["Bearer ", "bearer ", "Basic ", "basic ", "token ", "Token "]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .unwrap_or(value);
    // What rules most values out comes first; a brace also tells of a reference.
    value.len() >= 16
        && !value.bytes().any(|b| {
            b.is_ascii_whitespace() || matches!(b, b'<' | b'>' | b'{' | b'}' | b'(' | b')')
        })
        && !value.starts_with(['/', '.', '~', '$', '%', '@'])
        && !value.contains("://")
        && is_random(value)
        && !is_placeholder(value)
}

/// Returns the password of a `scheme://user:password@host` in a text.
pub fn url_password(text: &str) -> Option<Range<usize>> {
    let scheme_end = text.find("://")? + 3;
    let rest = &text[scheme_end..];
    let authority = &rest[..rest.find(['/', '?', '#', ' ']).unwrap_or(rest.len())];
    let (userinfo, _) = authority.rsplit_once('@')?;
    let (user, password) = userinfo.split_once(':')?;
    let fixed = !password.contains(['$', '<', '*', '{', '%']) && password.len() >= 3;
    let word = matches!(password, "pass" | "password" | "secret" | "pw" | "postgres" | "root");
    let start = scheme_end + user.len() + 1;
    (fixed && !word && !is_placeholder(password)).then_some(start..start + password.len())
}

/// Returns what is secret in the user information of each URL of a text: the password, or a token in the place of a user.
pub fn userinfo_secrets(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices("://").map(|(at, separator)| at + separator.len());
    let secrets = starts.filter_map(|start| {
        let rest = text.get(start..)?;
        let ends = ['/', '?', '#', ' ', '\n', '\t', '"', '\'', '`', ',', ')'];
        let authority = rest.get(..rest.find(ends).unwrap_or(rest.len()))?;
        let (userinfo, _) = authority.rsplit_once('@')?;
        let (from, secret) = match userinfo.split_once(':') {
            Some((user, password)) => (start + user.len() + 1, password),
            None if userinfo.len() >= 16 && is_random(userinfo) => (start, userinfo),
            None => return None,
        };
        let is_literal = !secret.is_empty() && !secret.contains(['$', '<', '*', '{']);
        is_literal.then(|| from..from + secret.len())
    });
    secrets.collect()
}

/// Returns at least three bits of entropy a character, letters and digits mixed.
fn is_random(text: &str) -> bool {
    let class = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    if !class(u8::is_ascii_digit) || !class(u8::is_ascii_alphabetic) {
        return false;
    }
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    let entropy: f64 = counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| f64::from(count) / length)
        .map(|share| -share * share.log2())
        .sum();
    entropy >= 3.0
}

fn is_placeholder(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "xxx",
        "example",
        "changeme",
        "change-me",
        "change_me",
        "placeholder",
        "your",
        "dummy",
        "redacted",
        "replace",
        "insert",
        "sample",
        "todo",
        "fake",
        "-here",
        "_here",
        "...",
        "\u{2026}",
        "***",
        "1234567890",
        "0123456789",
        "abcdefgh",
        "deadbeef",
    ];
    let lower = value.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Put together here, so that no scanner takes this file for a leak.
    fn made(prefix: &str, rest: &str) -> String {
        [prefix, rest].concat()
    }

    fn check(text: &str, expect: &[&str]) {
        let found: Vec<&str> = find(text).iter().map(|hit| hit.what).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn tokens_have_shapes() {
        let rest = "q7Rk2ZpX9mWv4LtB8sNd3HcJ6yTfG1aE5uQo";
        check(&format!("token = \"{}\"", made("ghp_", rest)), &["a GitHub token"]);
        check(&format!("x {} y", made("glpat-", &rest[..20])), &["a GitLab token"]);
        check(&made("sk-ant-api03-", rest), &["an Anthropic key"]);
        check(&made("npm_", rest), &["an npm token"]);
        check(&made("AKIA", "Z7QK2XPM9WV4LTB8"), &["an AWS access key"]);
        check(&made("xoxb-", "2718281828-3141592653-q7Rk2ZpX"), &["a Slack token"]);
        check(&format!("Authorization: Bearer {rest}"), &["a bearer token"]);
        check(
            &made("eyJhbGciOiJIUzI1NiJ9", &format!(".{}.{}", &rest[..20], &rest[10..])),
            &["a JSON Web Token"],
        );
        check(
            &made("-----BEGIN RSA PRIVATE", &format!(" KEY-----\n{rest}{rest}\n")),
            &["a private key"],
        );
        check(
            &format!("{}\n{}", made("ghp_", rest), made("npm_", rest)),
            &["a GitHub token", "an npm token"],
        );
    }

    #[test]
    fn examples_are_no_secrets() {
        for text in [
            "sk-ant-...",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "AKIAIOSFODNN7EXAMPLE",
            "Bearer YOUR_TOKEN_1_GOES_IN_HERE",
            "-----BEGIN PRIVATE KEY-----\n...\n",
            "--------------------------------",
            "sk-loading-spinner-component-wrapper",
            "a-long-name-of-a-branch-2026-11-22",
            "AKIA",
            "Authorization: Bearer eyJhbGciOiJIUzI1NiIs...",
            "Bearer eyJhbGciOiJIUzI1NiIs\u{2026}",
            "key: sk-proj-8Hq2Lm5Zr9Tx4Wc7Vb1N***",
            "token: hvs.CAESIJ3k9QmZ7rT2xLw8[...]",
            "",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn a_whole_token_before_dots_is_a_secret() {
        let rest = "q7Rk2ZpX9mWv4LtB8sNd3HcJ6yTfG1aE5uQo";
        check(&format!("It was {}...", made("ghp_", rest)), &["a GitHub token"]);
        check(&format!("Bearer {rest}{rest}..."), &["a bearer token"]);
    }

    #[test]
    fn keys_name_secrets() {
        let check = |key: &str, expect: bool| assert_eq!(names_secret(key), expect, "{key}");
        check("GITHUB_TOKEN", true);
        check("x-api-key", true);
        check("clientSecret", true);
        check("MAX_MCP_OUTPUT_TOKENS", false);
        check("apiKeyHelper", false);
        check("TOKEN_FILE", false);
        check("NODE_ENV", false);
    }

    #[test]
    fn literals_are_random() {
        let check =
            |value: &str, expect: bool| assert_eq!(is_secret_literal(value), expect, "{value}");
        check("q7Rk2ZpX9mWv4LtB", true);
        check("Bearer q7Rk2ZpX9mWv4LtB8sNd", true);
        check("correct horse battery staple", false);
        check("${vault:mcp/docs#token}", false);
        check("/run/secrets/token-2026", false);
        check("<your-token-123456>", false);
        check("aaaaaaaaaaaaaaaa1111", false);
        check("short1", false);
    }

    #[test]
    fn passwords_in_urls() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(url_password(text).map(|range| &text[range]), expect, "{text}");
        };
        check("postgres://ada:k3Rr9z@db/x", Some("k3Rr9z"));
        check("https://x.example/a@b", None);
        check("https://ada:${PW}@x.example", None);
        check("postgres://user:password@localhost", None);
    }
}
