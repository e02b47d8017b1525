//! Pointers: how the code and a lock name one value of a JSON document.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The keys from the root of a JSON document to a value. An empty pointer names the whole document.
///
/// It is written in the notation of RFC 6901, such as `/mcpServers/docs`, and sorts like that text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pointer(Arc<[Arc<str>]>);

impl Pointer {
    /// Parses the notation of RFC 6901; `None` for a text that is neither empty nor starts with `/`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        Some(text.strip_prefix('/')?.split('/').map(unescaped).collect())
    }

    /// Returns the keys, outermost first.
    pub fn segments(&self) -> &[Arc<str>] {
        &self.0
    }

    /// Returns true for the pointer of the whole document.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the pointer of the first keys, at most all.
    pub fn prefix(&self, length: usize) -> Self {
        self.0.iter().take(length).cloned().collect()
    }

    /// Returns true if this pointer names the same value as another, or one inside it.
    pub fn is_within(&self, outer: &Self) -> bool {
        self.0.starts_with(&outer.0)
    }

    /// Returns the keys joined by `/` and not escaped, as people read them.
    pub fn plain(&self) -> String {
        self.0.join("/")
    }
}

impl<S: Into<Arc<str>>> FromIterator<S> for Pointer {
    fn from_iter<I: IntoIterator<Item = S>>(segments: I) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Pointer {
    /// Writes the notation of RFC 6901; nothing for the whole document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &*self.0 {
            f.write_str("/")?;
            match segment.contains(['~', '/']) {
                true => f.write_str(&segment.replace('~', "~0").replace('/', "~1"))?,
                false => f.write_str(segment)?,
            }
        }
        Ok(())
    }
}

impl Ord for Pointer {
    fn cmp(&self, other: &Self) -> Ordering {
        let differs = self.0.iter().zip(&*other.0).position(|(a, b)| a != b);
        match differs {
            None => self.0.len().cmp(&other.0.len()),
            // One may be the start of the other, so what follows counts, too.
            Some(at) => written(&self.0, at).cmp(written(&other.0, at)),
        }
    }
}

impl PartialOrd for Pointer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Returns the bytes of the notation from a segment on.
fn written(segments: &[Arc<str>], from: usize) -> impl Iterator<Item = u8> {
    let rest = segments.get(from..).unwrap_or_default();
    rest.iter().flat_map(|segment| {
        let escaped = segment.bytes().flat_map(|byte| {
            let (first, second) = match byte {
                b'~' => (b'~', Some(b'0')),
                b'/' => (b'~', Some(b'1')),
                byte => (byte, None),
            };
            [Some(first), second].into_iter().flatten()
        });
        [b'/'].into_iter().chain(escaped)
    })
}

/// Returns the key that a segment of the notation stands for.
fn unescaped(segment: &str) -> Arc<str> {
    match segment.contains('~') {
        true => segment.replace("~1", "/").replace("~0", "~").into(),
        false => segment.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pointers_are_unescaped() {
        let check = |text: &str, expect: &[&str]| {
            let pointer = Pointer::parse(text).expect("a pointer");
            assert_eq!(pointer.segments().iter().map(|s| &**s).collect::<Vec<_>>(), expect);
            assert_eq!(pointer.to_string(), text);
        };
        check("/mcpServers/a~1b~0c", &["mcpServers", "a/b~c"]);
        check("/", &[""]);
        check("", &[]);
        assert_eq!(Pointer::parse("a"), None);
    }

    #[test]
    fn a_value_is_within_itself_and_what_is_around_it() {
        let check = |inner: &str, outer: &str, expect: bool| {
            let [inner, outer] =
                [inner, outer].map(|text| Pointer::parse(text).expect("a pointer"));
            assert_eq!(inner.is_within(&outer), expect, "{inner} {outer}");
        };
        check("/a/b", "/a", true);
        check("/a", "/a", true);
        check("/a", "", true);
        check("/ab", "/a", false);
        check("/a", "/a/b", false);
    }

    fn pointers() -> impl Strategy<Value = Pointer> {
        prop::collection::vec("[a~/!-]{0,3}", 0..4).prop_map(|keys| keys.into_iter().collect())
    }

    proptest! {
        #[test]
        fn pointers_sort_like_their_text(a in pointers(), b in pointers()) {
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(Pointer::parse(&a.to_string()), Some(a));
        }
    }
}
