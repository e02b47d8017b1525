//! Comparing vendored files with the hashes in `pack.toml`.

use sha2::{Digest, Sha256};

use super::{PACK_FILE, Pack};
use crate::diagnostic::{Diagnostic, code};
use crate::source::{Sources, Span};

/// Returns the SHA-256 of some bytes in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// One file that differs from `pack.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Its content changed; the place is the recorded hash.
    Changed(String, Span),
    /// It is listed, but missing; the place is its entry in the list.
    Missing(String, Span),
    /// It exists, but is not listed.
    Extra(String),
}

impl Mismatch {
    /// Returns the file's path inside the pack.
    pub fn path(&self) -> &str {
        match self {
            Mismatch::Changed(path, _) | Mismatch::Missing(path, _) | Mismatch::Extra(path) => path,
        }
    }

    pub(super) fn diagnostic(&self, pack: &Pack, sources: &Sources) -> Diagnostic {
        let folder = pack.folder();
        let path = self.path();
        let source = sources.add(format!("{folder}/{path}"), format!("pack {}", pack.name), "");
        let found =
            |what: String| Diagnostic::new(code::PACK_MODIFIED, Span::new(source, 0..0), what);
        let vendor_again =
            format!("vendor it again with `claude-env pack update {} --force`", pack.toml.pin());
        match self {
            Mismatch::Changed(_, recorded) => {
                found(format!("`{path}` is not the file that was vendored: its hash differs"))
                    .other(*recorded, "the hash of the vendored file")
                    .note("a pack is a copy of what somebody else released; what it says it is must hold")
                    .help(format!(
                        "restore it with git, or {vendor_again}; \
                         to change what is rendered, put a file of your own into a layer"
                    ))
            }
            Mismatch::Missing(_, entry) => {
                found(format!("`{path}` of the pack `{}` is missing", pack.name))
                    .other(*entry, "listed here")
                    .help(format!(
                        "restore it with git, or {vendor_again}; \
                         what is not wanted is left out with `exclude = [\"{}/{path}\"]` in a layer",
                        pack.name
                    ))
            }
            Mismatch::Extra(_) => {
                found(format!("`{path}` is no file of the pack `{}`", pack.name))
                    .note(format!("{folder}/{PACK_FILE} does not list it, so it is not rendered"))
                    .help("move it into a layer, or remove it")
            }
        }
    }
}

impl Pack {
    /// Returns the files that are changed, missing or extra, sorted by path.
    pub fn mismatches(&self) -> Vec<Mismatch> {
        let listed =
            self.toml.files.iter().filter_map(|(path, hash)| match self.files.get(path.as_str()) {
                None => Some(Mismatch::Missing(path.clone(), hash.span)),
                Some(bytes) if sha256(bytes) != hash.value => {
                    Some(Mismatch::Changed(path.clone(), hash.span))
                }
                Some(_) => None,
            });
        let extra = self.files.keys().filter(|path| !self.toml.lists(path));
        let mut all: Vec<Mismatch> =
            listed.chain(extra.map(|path| Mismatch::Extra(path.clone()))).collect();
        all.sort_by(|a, b| a.path().cmp(b.path()));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn sha256_is_lower_case_hexadecimal() {
        let check = |bytes: &[u8], expect: &str| assert_eq!(sha256(bytes), expect);
        check(b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        check(b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
