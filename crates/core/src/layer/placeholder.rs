//! Files that git stores as a placeholder, because a filter keeps their content elsewhere.
//!
//! Layers are read from git's objects, where filters do not apply: a filter is a program.

/// A program that keeps the content of files elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// Git LFS: the file names the content by its hash. Format: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
    Lfs,
    /// git-crypt: the file is encrypted.
    Crypt,
    /// git-annex: the file names the content by its key.
    Annex,
}

/// How the files begin.
const STARTS: [(&[u8], Placeholder); 4] = [
    (b"version https://git-lfs.github.com/spec/", Placeholder::Lfs),
    // The name of Git LFS before its first release.
    (b"version https://hawser.github.com/spec/", Placeholder::Lfs),
    (b"\0GITCRYPT\0", Placeholder::Crypt),
    (b"/annex/objects/", Placeholder::Annex),
];

impl Placeholder {
    /// Returns the program that keeps the content of a file; `None` for a file that is its own content.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        STARTS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| *kind)
    }

    /// Returns what the file is, as the end of a sentence.
    pub fn what(self) -> &'static str {
        match self {
            Self::Lfs => "a pointer of Git LFS, not the content of the file",
            Self::Crypt => "encrypted by git-crypt",
            Self::Annex => "a pointer of git-annex, not the content of the file",
        }
    }

    /// Returns what to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Lfs => {
                "store the file in git itself: exclude it from `filter=lfs` in `.gitattributes`, then run `git add --renormalize`"
            }
            Self::Crypt => {
                "store the file unencrypted, and secrets as `${vault:…}` or `${env:…}` references"
            }
            Self::Annex => "store the file in git itself: run `git annex unannex`, then `git add`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Placeholder;

    #[test]
    fn only_the_start_of_a_file_makes_it_a_placeholder() {
        let check = |bytes: &[u8], expect| assert_eq!(Placeholder::of(bytes), expect, "{bytes:?}");
        check(
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\n",
            Some(Placeholder::Lfs),
        );
        check(b"version https://git-lfs.github.com/spec/v1\r\noid\r\n", Some(Placeholder::Lfs));
        check(b"version https://hawser.github.com/spec/v1\n", Some(Placeholder::Lfs));
        check(b"\0GITCRYPT\0\x12\x34", Some(Placeholder::Crypt));
        check(b"/annex/objects/SHA256E-s1--ab\n", Some(Placeholder::Annex));
        check(b"See version https://git-lfs.github.com/spec/v1\n", None);
        check(b"version 2\n", None);
        check(b"", None);
    }
}
