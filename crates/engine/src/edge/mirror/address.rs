//! The address of a config repository. Credentials in it are passed to git only, in its environment: other users of the
//! machine can read command lines.

use std::fmt;
use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::edge::git;
use claude_env_core::git::AddressKey;

/// The schemes of addresses. Remote helpers of git such as `ext::COMMAND` are excluded: a binding comes with a checkout, and
/// must not run programs.
const SCHEMES: [&str; 5] = ["https", "http", "ssh", "git", "file"];

/// A URL, or `user@host:path` as in ssh.
///
/// [`Display`](fmt::Display) and [`Debug`](fmt::Debug) omit credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    full: String,
    shown: String,
    /// Secret parts of the text, the longest first.
    secrets: Vec<String>,
    /// The credentials for HTTP, if the address has any.
    credentials: Option<Credentials>,
}

/// The credentials in an HTTP address.
#[derive(Clone, PartialEq, Eq)]
struct Credentials {
    /// Scheme, host and port: the only server that gets them.
    origin: String,
    user: String,
    password: Option<String>,
}

/// A credential helper that reads the credentials from its environment.
const HELPER: &str = r#"!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$CLAUDE_ENV_GIT_USER" "$CLAUDE_ENV_GIT_PASSWORD"; }; f"#;

impl Address {
    /// Parses an address; `None` for a path.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |text: &str| Self {
            full: text.to_owned(),
            shown: text.to_owned(),
            secrets: Vec::new(),
            credentials: None,
        };
        let Some((scheme, rest)) = text.split_once("://") else {
            let (host, path) = text.split_once(':')?;
            let (user, host) = host.split_once('@')?;
            let is_scp = !user.is_empty()
                && !user.contains('/')
                && !host.is_empty()
                && !host.contains(['/', '@'])
                && !path.is_empty();
            return is_scp.then(|| plain(text));
        };
        if !SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let Some((user_info, host)) = rest[..end].rsplit_once('@') else {
            return Some(plain(text));
        };
        let (user, password) = match user_info.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (user_info, None),
        };
        // For ssh the user is a part of the address; for HTTP it is often a token.
        let keeps_user = scheme.eq_ignore_ascii_case("ssh");
        let kept = if keeps_user { format!("{user}@") } else { String::new() };
        let is_http = ["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
        let credentials = Credentials {
            origin: format!("{scheme}://{host}"),
            user: percent_decoded(user),
            password: password.map(percent_decoded),
        };
        let mut secrets = vec![user_info.to_owned()];
        secrets.extend(password.map(str::to_owned));
        if !keeps_user {
            secrets.push(user.to_owned());
        }
        let decoded: Vec<String> = secrets.iter().map(|secret| percent_decoded(secret)).collect();
        secrets.extend(decoded);
        // Redacting a few letters would change unrelated words and hide nothing.
        secrets.retain(|secret| secret.len() > 3 && !(keeps_user && secret == user));
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Some(Self {
            full: text.to_owned(),
            shown: format!("{scheme}://{kept}{host}{}", &rest[end..]),
            secrets,
            credentials: Some(credentials).filter(|it| is_http && it.fits_helper()),
        })
    }

    /// Parses an address that was given as a path; `None` for a path.
    pub fn of_path(path: &Path) -> Option<Self> {
        path.to_str().and_then(Self::parse)
    }

    /// Returns the address without credentials.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Returns true when the address holds credentials.
    pub fn has_credentials(&self) -> bool {
        self.full != self.shown
    }

    /// Passes the credentials to a git command, in its environment.
    pub(super) fn pass_credentials(&self, command: &mut Command) {
        let Some(Credentials { origin, user, password }) = &self.credentials else { return };
        let (helper, username) =
            (format!("credential.{origin}.helper"), format!("credential.{origin}.username"));
        match password {
            // Turns off the user's credential helpers: they might store these credentials.
            Some(password) => {
                command.env("CLAUDE_ENV_GIT_USER", user).env("CLAUDE_ENV_GIT_PASSWORD", password);
                git::configure(command, &[(&helper, ""), (&helper, HELPER)]);
            }
            None => git::configure(command, &[(&username, user)]),
        }
    }

    /// Returns the one spelling of the address that mirrors and the registry of workspaces compare: see
    /// [`AddressKey`].
    pub fn key(&self) -> AddressKey {
        AddressKey::of(&self.shown)
    }

    /// Returns the name of the folder for what is fetched from these addresses: a readable part and a hash of them all.
    ///
    /// With other addresses it is another folder, so that nothing that one binding's `mirrors` delivered is read by another.
    pub(super) fn folder_name<'a>(addresses: impl IntoIterator<Item = &'a Self>) -> String {
        const LONGEST: usize = 60;
        let keys: Vec<String> =
            addresses.into_iter().map(|address| address.key().to_string()).collect();
        let hash = Sha256::digest(keys.join("\n").as_bytes());
        let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let first = keys.first().map_or("", String::as_str);
        let readable = first.split_once("://").map_or(first, |(_, rest)| rest);
        let words = readable.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_'));
        let words: Vec<&str> =
            words.map(|word| word.trim_matches('.')).filter(|word| !word.is_empty()).collect();
        let readable = words.join("-");
        // Keeps the end, which has the repository's name. It is all ASCII here.
        let readable = &readable[readable.len().saturating_sub(LONGEST)..];
        format!("{}-{hash}", readable.trim_start_matches(['-', '.']))
    }

    /// Returns a text without the secrets of this address.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut text = text.replace(&self.full, &self.shown);
        for secret in &self.secrets {
            text = text.replace(&format!("{secret}@"), "").replace(secret, "***");
        }
        text
    }
}

impl Credentials {
    /// Returns true when a credential helper can print these values, one on each line.
    fn fits_helper(&self) -> bool {
        let parts = [Some(&self.origin), Some(&self.user), self.password.as_ref()];
        !parts.into_iter().flatten().any(|part| part.contains(['\n', '\r', '\0']))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.shown)
    }
}

/// Decodes `%40` and the like.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(code) if byte == b'%' => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses_are_told_from_paths_and_lose_their_credentials() {
        let cases = [
            ("https://example.com/acme/config", Some("https://example.com/acme/config")),
            ("HTTPS://example.com/c.git", Some("HTTPS://example.com/c.git")),
            ("https://me:secret@example.com/c", Some("https://example.com/c")),
            ("https://token@example.com:8443/c", Some("https://example.com:8443/c")),
            ("https://me:se@cret@example.com/a@b", Some("https://example.com/a@b")),
            ("https://me:secret@example.com", Some("https://example.com")),
            ("ssh://git@example.com:2222/c", Some("ssh://git@example.com:2222/c")),
            ("ssh://git:secret@example.com/c", Some("ssh://git@example.com/c")),
            ("git@example.com:acme/config.git", Some("git@example.com:acme/config.git")),
            ("git://example.com/c", Some("git://example.com/c")),
            ("file:///srv/config@2", Some("file:///srv/config@2")),
            ("../config", None),
            ("/srv/a@b:c", None),
            ("C:\\config", None),
            ("host:config", None),
            ("@host:config", None),
            ("git@:config", None),
            ("git@host:", None),
            ("ext::sh -c evil@x:y", None),
            ("ext::ssh://x", None),
            ("ftp://example.com/c", None),
            ("", None),
        ];
        for (text, expect) in cases {
            let address = Address::parse(text);
            assert_eq!(address.as_ref().map(Address::shown), expect, "{text}");
            if let Some(address) = address {
                assert!(!format!("{address} {address:?}").contains("cret"), "{text}");
            }
        }
    }

    #[test]
    fn what_git_says_loses_the_credentials() {
        let url = "https://my%40name:pass%2Fword@example.com/c";
        let address = Address::parse(url).expect("an address");
        for said in [
            format!("fatal: unable to access '{url}/': no"),
            "fatal: bad pass%2Fword and pass/word of my@name".to_owned(),
            "Password for 'https://my%40name@example.com': ".to_owned(),
        ] {
            let redacted = address.redact(&said);
            for secret in ["pass%2F", "pass/", "my@name", "my%40name"] {
                assert!(!redacted.contains(secret), "{redacted}");
            }
        }
        let ssh = Address::parse("ssh://git:hunter22@example.com/git").expect("an address");
        assert_eq!(ssh.redact("git@example.com said hunter22"), "git@example.com said ***");
    }

    fn folder(texts: &[&str]) -> String {
        let addresses: Vec<_> =
            texts.iter().map(|text| Address::parse(text).expect("an address")).collect();
        Address::folder_name(&addresses)
    }

    #[test]
    fn a_folder_is_readable_and_the_same_with_and_without_credentials() {
        let name = |text: &str| folder(&[text]);
        let plain = name("https://github.com/acme/config");
        assert!(plain.starts_with("github.com-acme-config-"), "{plain}");
        assert_eq!(plain, name("https://me:secret@github.com/acme/config.git"));
        assert_eq!(plain, name("https://github.com/acme/config/"));
        assert_eq!(plain, name("HTTPS://GitHub.com:443/acme/config"));
        for other in [
            "https://github.com/acme-config",
            "ssh://github.com/acme/config",
            "https://github.com/acme/Config",
            "https://github.com/acme/config.git.git",
            "https://github.com:8443/acme/config",
        ] {
            assert_ne!(plain, name(other), "{other}");
        }
        let long = name(&format!("file:///../{}/é/config", "x".repeat(300)));
        assert!(long.len() < 100 && long.contains("-config-") && !long.contains(".."), "{long}");
    }

    #[test]
    fn a_folder_belongs_to_all_of_its_addresses_in_their_order() {
        let (one, two) = ("https://example.com/one", "https://example.com/two");
        let all = [folder(&[one]), folder(&[two]), folder(&[one, two]), folder(&[two, one])];
        for (index, name) in all.iter().enumerate() {
            assert!(!all[..index].contains(name), "{all:?}");
        }
    }
}
