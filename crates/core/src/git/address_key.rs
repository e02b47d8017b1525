//! One spelling for each address, so that mirrors and the registry of workspaces agree on which addresses are the same.

use std::fmt;

/// The schemes of servers, where a `.git` at the end makes no difference, and their default ports.
const SCHEMES: [(&str, &str); 4] =
    [("https", ":443"), ("http", ":80"), ("ssh", ":22"), ("git", ":9418")];

/// An address or the path of a folder in its one spelling: scheme and host in lower case, without credentials, default port, one
/// `.git` at the end and slashes at the end.
///
/// The case of a path counts: on most servers it names another repository. In `file:` addresses and paths `.git` counts too,
/// because two folders may differ in it alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressKey(String);

impl AddressKey {
    /// Returns the key of an address as people write it: a URL, `user@host:path`, or a path.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            return Self(scp_key(text).unwrap_or_else(|| trimmed(text).to_owned()));
        };
        let scheme = scheme.to_ascii_lowercase();
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user_info, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let user = match user_info.split(':').next() {
            // For ssh the user is a part of the address.
            Some(user) if scheme == "ssh" && !user.is_empty() => format!("{user}@"),
            _ => String::new(),
        };
        let host = host.to_ascii_lowercase();
        let known = SCHEMES.iter().find(|(known, _)| *known == scheme);
        let host = known.and_then(|(_, port)| host.strip_suffix(port)).unwrap_or(&host);
        let path = trimmed(path);
        let path = if known.is_some() { without_git(path) } else { path };
        Self(format!("{scheme}://{user}{host}{path}"))
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the key of `user@host:path`; `None` for anything else.
fn scp_key(text: &str) -> Option<String> {
    let (login, path) = text.split_once(':')?;
    let (user, host) = login.split_once('@')?;
    if user.is_empty() || user.contains('/') || host.is_empty() || host.contains('/') {
        return None;
    }
    Some(format!("{user}@{}:{}", host.to_ascii_lowercase(), without_git(trimmed(path))))
}

/// Returns a path without slashes at its end.
fn trimmed(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// Returns a path without one `.git` at its end, unless that is a whole segment.
fn without_git(path: &str) -> &str {
    match path.strip_suffix(".git") {
        Some(short) if !short.is_empty() && !short.ends_with('/') => short,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::AddressKey;

    fn key(text: &str) -> AddressKey {
        AddressKey::of(text)
    }

    #[test]
    fn one_repository_has_one_key() {
        let same = [
            ("https://github.com/acme/config", "HTTPS://GitHub.COM/acme/config.git"),
            ("https://github.com/acme/config", "https://me:token@github.com:443/acme/config//"),
            ("http://example.com/c", "http://example.com:80/c.git/"),
            ("ssh://git@example.com/c", "ssh://git:pw@Example.com:22/c.git"),
            ("git@github.com:acme/config", "git@GitHub.com:acme/config.git"),
            ("/srv/config", "/srv/config/"),
        ];
        for (one, other) in same {
            assert_eq!(key(one), key(other));
        }
    }

    #[test]
    fn other_repositories_have_other_keys() {
        let different = [
            ("https://github.com/acme/config", "https://github.com/acme/Config"),
            ("https://github.com/acme/config", "http://github.com/acme/config"),
            ("https://github.com/acme/config", "https://github.com/acme/config.git.git"),
            ("https://github.com/acme/config", "https://github.com:8443/acme/config"),
            ("ssh://git@example.com/c", "ssh://root@example.com/c"),
            ("file:///srv/c", "file:///srv/c.git"),
            ("/srv/c", "/srv/c.git"),
            ("https://a.example/.git", "https://a.example/"),
        ];
        for (one, other) in different {
            assert_ne!(key(one), key(other));
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in "(https|ssh|file|GIT)://([a-zA-Z:]{0,4}@)?[a-zA-Z.:0-9]{0,9}(/[a-zA-Z.@%?]{0,6}){0,4}") {
            // Removing one suffix may leave another; that is then a different address, and its key is stable after that.
            let key = AddressKey::of(&text);
            prop_assume!(!key.as_str().ends_with(".git") && !key.as_str().contains('@'));
            prop_assume!(![":443", ":80", ":22", ":9418"].iter().any(|port| key.as_str().contains(port)));
            prop_assert_eq!(AddressKey::of(key.as_str()), key);
        }

        #[test]
        fn no_credentials_stay(password in "[a-z0-9]{8,20}") {
            let key = AddressKey::of(&format!("https://me:{password}@host.example/Z"));
            prop_assert_eq!(key.as_str(), "https://host.example/Z");
        }
    }
}
