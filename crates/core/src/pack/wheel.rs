//! The metadata of a Python wheel, and the hashes of its files.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// The files of an unpacked release by their path in it.
pub type Files = BTreeMap<String, Arc<[u8]>>;

/// Returns the path of a file of the `*.dist-info` folder.
fn dist_info<'a>(files: &'a Files, name: &str) -> Option<&'a str> {
    files.keys().map(String::as_str).find(|path| {
        path.split_once('/')
            .is_some_and(|(folder, rest)| folder.ends_with(".dist-info") && rest == name)
    })
}

/// Returns a field of the wheel's `METADATA`; `None` without one. Fields end at the first empty line.
pub fn metadata<'a>(files: &'a Files, field: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(files.get(dist_info(files, "METADATA")?)?).ok()?;
    (text.lines().take_while(|line| !line.is_empty()))
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(field))
        .map(|(_, value)| value.trim())
}

/// Returns true if the files have a `RECORD`: a wheel has one, a source checkout does not.
pub fn has_record(files: &Files) -> bool {
    dist_info(files, "RECORD").is_some()
}

/// Compares files with the `RECORD` of their wheel, for all paths that are `wanted`. Fails with the reason, as a sentence
/// fragment.
pub fn verify_record(files: &Files, wanted: impl Fn(&str) -> bool) -> Result<(), String> {
    let Some(record_path) = dist_info(files, "RECORD") else {
        return Err("it has no RECORD, so it is no wheel".to_owned());
    };
    let text = files.get(record_path).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let text = text.ok_or_else(|| format!("{record_path} is not UTF-8"))?;
    let mut recorded = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (path, hash) = record_line(line)
            .ok_or_else(|| format!("{record_path} has a line that cannot be read: {line}"))?;
        recorded.insert(path, hash);
    }
    for (path, hash) in recorded.iter().filter(|(path, _)| wanted(path)) {
        let Some(bytes) = files.get(path) else {
            return Err(format!("{path} is in its RECORD and not in it"));
        };
        match hash.strip_prefix("sha256=") {
            Some(hash) if hash == base64_url(&Sha256::digest(bytes)) => {}
            Some(_) => return Err(format!("{path} does not have the hash that its RECORD says")),
            // The record cannot hold its own hash.
            None if path == record_path => {}
            None => return Err(format!("its RECORD has no SHA-256 for {path}")),
        }
    }
    match files.keys().filter(|path| wanted(path)).find(|path| !recorded.contains_key(*path)) {
        Some(path) => Err(format!("{path} is not in its RECORD")),
        None => Ok(()),
    }
}

/// Returns path and hash of a line `path,hash,size`; a path with a comma or quote is in double quotes.
fn record_line(line: &str) -> Option<(String, &str)> {
    let line = line.trim_end();
    let (rest, _size) = line.rsplit_once(',')?;
    let (path, hash) = rest.rsplit_once(',')?;
    let path = match path.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?.replace("\"\"", "\""),
        None => path.to_owned(),
    };
    Some((path, hash))
}

/// Returns base64 with the URL alphabet and without padding, the format of hashes in RECORD.
fn base64_url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (chunk.iter()).fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            let index = bits >> (18 - 6 * digit) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_for_urls_and_unpadded() {
        let check = |bytes: &[u8], expect: &str| assert_eq!(base64_url(bytes), expect);
        check(b"", "");
        check(b"f", "Zg");
        check(b"fo", "Zm8");
        check(b"foo", "Zm9v");
        check(&[0xfb, 0xff], "-_8");
        check(&Sha256::digest(b""), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    }

    #[test]
    fn a_record_must_hold_for_what_is_wanted() {
        let check = |record: &str, expect: Result<(), &str>| {
            let files: Files =
                [("x/a.md", ""), ("x/b.py", "print()"), ("x-1.dist-info/RECORD", record)]
                    .into_iter()
                    .map(|(path, text)| (path.to_owned(), Arc::from(text.as_bytes())))
                    .collect();
            let wanted = |path: &str| path.ends_with(".md");
            assert_eq!(verify_record(&files, wanted), expect.map_err(str::to_owned), "{record}");
        };
        let good = "x/a.md,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n";
        check(good, Ok(()));
        check(&format!("{good}x/b.py,sha256=wrong,7\nx-1.dist-info/RECORD,,\n"), Ok(()));
        check("x/a.md,sha256=AAAA,0\n", Err("x/a.md does not have the hash that its RECORD says"));
        check("x/a.md,,0\n", Err("its RECORD has no SHA-256 for x/a.md"));
        check("", Err("x/a.md is not in its RECORD"));
        check(
            &format!("{good}x/c.md,sha256=AAAA,0\n"),
            Err("x/c.md is in its RECORD and not in it"),
        );
    }
}
