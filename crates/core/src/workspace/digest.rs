//! Digests: how the lock records what was written without repeating it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

/// The first half of a SHA-256 hash, written as 32 hexadecimal digits.
///
/// Equal digests mean equal meaning, not equal bytes: line endings, a byte order mark, a final newline and the order of JSON
/// keys do not count. In a script line endings and a byte order mark count, because they decide whether it runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 16]);

impl Digest {
    /// Computes the digest of a whole file. A file with a NUL byte is not text, so every byte counts.
    pub fn of_file(bytes: &[u8], executable: bool) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(if executable { b"x" } else { b"-" });
        if memchr::memchr(0, bytes).is_some() {
            hasher.update(b"b");
            hasher.update(bytes);
        } else {
            hasher.update(b"t");
            // The same as for any text, unless there is something to ignore: locks stay as they are.
            match is_script(bytes, executable) {
                true => hasher.update(bytes.strip_suffix(b"\n").unwrap_or(bytes)),
                false => update_text(&mut hasher, bytes),
            }
        }
        Self::cut(hasher)
    }

    /// Computes the digest of bytes, every one of which counts.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"r");
        hasher.update(bytes);
        Self::cut(hasher)
    }

    /// Computes the digest of the text of a block.
    pub fn of_text(text: &str) -> Self {
        let mut hasher = Sha256::new();
        update_text(&mut hasher, text.as_bytes());
        Self::cut(hasher)
    }

    /// Computes the digest of a JSON value; the order of keys does not count.
    pub fn of_json(value: &Json) -> Self {
        let mut text = Vec::new();
        canonical(value, &mut text);
        let mut hasher = Sha256::new();
        hasher.update(text);
        Self::cut(hasher)
    }

    /// Parses a digest in the form of its [`fmt::Display`]; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digest = [0; 16];
        let pairs = text.as_bytes().chunks_exact(2);
        if text.len() != 32 {
            return None;
        }
        for (byte, pair) in digest.iter_mut().zip(pairs) {
            let hex = |b: &u8| match b {
                b'0'..=b'9' => Some(b - b'0'),
                b'a'..=b'f' => Some(b - b'a' + 10),
                _ => None,
            };
            let [high, low] = pair else { return None };
            *byte = hex(high)? << 4 | hex(low)?;
        }
        Some(Self(digest))
    }

    /// Returns the hexadecimal digits.
    fn hex(self) -> [u8; 32] {
        let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
        let mut digits = [0; 32];
        for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(self.0) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        digits
    }

    fn cut(hasher: Sha256) -> Self {
        let mut half = [0; 16];
        for (to, from) in half.iter_mut().zip(hasher.finalize()) {
            *to = from;
        }
        Self(half)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.hex()).unwrap_or_default())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Returns true for a file that the system runs: an executable one, or one that names its interpreter.
pub fn is_script(bytes: &[u8], executable: bool) -> bool {
    executable || bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).starts_with(b"#!")
}

/// Hashes a text without its byte order mark and final newline, and with CRLF as LF.
fn update_text(hasher: &mut Sha256, bytes: &[u8]) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let mut from = 0;
    for at in memchr::memchr_iter(b'\r', bytes) {
        if bytes.get(at + 1) == Some(&b'\n') {
            hasher.update(bytes.get(from..at).unwrap_or_default());
            from = at + 1;
        }
    }
    hasher.update(bytes.get(from..).unwrap_or_default());
}

/// Writes a value without whitespace and with its keys sorted.
fn canonical(value: &Json, out: &mut Vec<u8>) {
    match value {
        Json::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                canonical(item, out);
            }
            out.push(b']');
        }
        Json::Object(map) => {
            let mut keys: Vec<(&String, &Json)> = map.iter().collect();
            keys.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (index, (key, item)) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                plain(key, out);
                out.push(b':');
                canonical(item, out);
            }
            out.push(b'}');
        }
        leaf => plain(leaf, out),
    }
}

fn plain(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    // A vector takes whatever is written to it, and a text or a number can always be written.
    let _ = serde_json::to_writer(out, value);
}

/// The most digests that are kept: enough for several workspaces, and small.
const MOST_KNOWN: usize = 512;

/// A cache of the digests of files that many workspaces share.
///
/// The key of a file is the allocation that holds its bytes, which the cache keeps alive. It is emptied when it is full:
/// files of one workspace alone are never asked for again.
#[derive(Debug, Default)]
pub struct DigestCache(HashMap<usize, Known>);

/// A file that has digests.
#[derive(Debug)]
struct Known {
    bytes: Arc<[u8]>,
    plain: Option<Digest>,
    executable: Option<Digest>,
    raw: Option<Digest>,
}

impl DigestCache {
    /// Returns the digest of a file of ours, as [`Digest::of_file`] has it.
    pub fn file(&mut self, bytes: &Arc<[u8]>, executable: bool) -> Digest {
        if self.0.len() >= MOST_KNOWN {
            self.0.clear();
        }
        let known = self.0.entry(bytes.as_ptr().addr()).or_insert_with(|| Known::new(bytes));
        known.hold(bytes);
        let digest = if executable { &mut known.executable } else { &mut known.plain };
        *digest.get_or_insert_with(|| Digest::of_file(bytes, executable))
    }

    /// Returns the digest of all bytes, as [`Digest::of_bytes`] has it; remembered for what is known as a file.
    pub fn bytes(&mut self, bytes: &Arc<[u8]>) -> Digest {
        match self.0.get_mut(&bytes.as_ptr().addr()) {
            Some(known) => {
                known.hold(bytes);
                *known.raw.get_or_insert_with(|| Digest::of_bytes(bytes))
            }
            None => Digest::of_bytes(bytes),
        }
    }
}

impl Known {
    fn new(bytes: &Arc<[u8]>) -> Self {
        Self { bytes: Arc::clone(bytes), plain: None, executable: None, raw: None }
    }

    /// Makes sure that this is about these bytes. Only an empty slice can share its address with another one.
    fn hold(&mut self, bytes: &Arc<[u8]>) {
        if self.bytes.len() != bytes.len() {
            *self = Self::new(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_mean_the_same_have_one_digest() {
        let check = |a: &[u8], b: &[u8], same: bool| {
            assert_eq!(Digest::of_file(a, false) == Digest::of_file(b, false), same, "{a:?} {b:?}");
        };
        check(b"a\nb\n", b"a\r\nb\r\n", true);
        check(b"a\nb\n", b"a\nb", true);
        check(b"a\nb\n", b"\xef\xbb\xbfa\nb\r\n", true);
        check(b"a\n", b"a\n\n", false);
        check(b"a\rb", b"a\nb", false);
        check(b"a\0\r\n", b"a\0\n", false);
        assert_ne!(Digest::of_file(b"a", false), Digest::of_file(b"a", true));
    }

    #[test]
    fn line_ends_of_scripts_count() {
        let check = |a: &[u8], b: &[u8], executable: bool, same: bool| {
            let digest = |bytes| Digest::of_file(bytes, executable);
            assert_eq!(digest(a) == digest(b), same, "{a:?} {b:?}");
        };
        check(b"#!/bin/sh\nx\n", b"#!/bin/sh\r\nx\r\n", false, false);
        check(b"#!/bin/sh\nx\n", b"#!/bin/sh\nx\r\n", false, false);
        check(b"#!/bin/sh\nx\n", b"\xef\xbb\xbf#!/bin/sh\nx\n", false, false);
        check(b"echo\n", b"echo\r\n", true, false);
        check(b"# text\n", b"# text\r\n", false, true);
        check(b"#!/bin/sh\nx\n", b"#!/bin/sh\nx", true, true);
        // The digests in existing locks of scripts with usual line ends.
        let old = |bytes: &[u8]| {
            let mut hasher = Sha256::new();
            hasher.update(b"xt");
            update_text(&mut hasher, bytes);
            Digest::cut(hasher)
        };
        assert_eq!(Digest::of_file(b"#!/bin/sh\nx\n", true), old(b"#!/bin/sh\nx\n"));
    }

    #[test]
    fn the_order_of_keys_does_not_count() {
        let json = |text: &str| Digest::of_json(&serde_json::from_str(text).expect("JSON"));
        assert_eq!(json(r#"{"a":1,"b":{"c":[1],"d":2}}"#), json(r#"{"b":{"d":2,"c":[1]},"a":1}"#));
        assert_ne!(json("[1,2]"), json("[2,1]"));
        assert_ne!(json("1"), json("1.0"));
        assert_ne!(json(r#""1""#), json("1"));
    }

    #[test]
    fn parse_reads_what_display_writes() {
        let digest = Digest::of_text("x");
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        for bad in
            ["", "12", "zz345678901234567890123456789012", "ABCDEF78901234567890123456789012"]
        {
            assert_eq!(Digest::parse(bad), None);
        }
    }
}
