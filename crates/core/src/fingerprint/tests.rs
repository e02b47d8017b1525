use proptest::prelude::*;

use super::*;

const BEGAN: Timestamp = Timestamp { seconds: 1_000_000, nanos: 50_000_000 };

fn thing(seconds: i64, nanos: i64) -> FileStamp {
    let changed = Timestamp { seconds, nanos };
    let modified = Timestamp { seconds: -5, nanos: 7 };
    FileStamp::Full(Stat { mode: 0o100_644, size: 5, modified, changed, inode: u64::MAX })
}

fn sample() -> FingerprintBuilder {
    let mut draft = FingerprintBuilder::new(BEGAN, "nothing", true);
    draft.value("program", "1.2.3 x");
    draft.value("user", "");
    draft.fresh("/cache/a mirror");
    draft.path("a file\twith a tab", false, thing(99, 1));
    draft.path("CLAUDE.md", true, thing(0, 0));
    draft.path(".claude", false, FileStamp::Folder(7));
    draft.path("gone", true, FileStamp::Missing);
    draft.text("HEAD", Some("ref: refs/heads/main"));
    draft.text("refs/main", None);
    draft
}

#[test]
fn what_is_written_is_read() {
    let text = sample().finish();
    let stamp = Fingerprint::parse(&text).expect("a stamp");
    assert_eq!((stamp.reported(), stamp.is_clean()), ("nothing", true));
    let claims: Option<Vec<Dependency<'_>>> = stamp.dependencies().collect();
    let path = |path, follow, seen| Dependency::Path { path, follow, seen };
    assert_eq!(
        claims.expect("all are understood"),
        [
            Dependency::Value("program", "1.2.3 x"),
            Dependency::Value("user", ""),
            Dependency::Fresh("/cache/a mirror"),
            path("a file\twith a tab", false, thing(99, 1)),
            path("CLAUDE.md", true, thing(0, 0)),
            path(".claude", false, FileStamp::Folder(7)),
            path("gone", true, FileStamp::Missing),
            Dependency::Text { path: "HEAD", text: Some("ref: refs/heads/main") },
            Dependency::Text { path: "refs/main", text: None },
        ]
    );
}

#[test]
fn a_stamp_that_is_cut_changed_or_newer_is_none() {
    let text = sample().finish();
    for end in 0..text.len() {
        assert!(Fingerprint::parse(&text[..end]).is_none(), "cut at {end}");
    }
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let other = String::from_utf8(bytes).expect("ASCII");
        assert!(Fingerprint::parse(&other).is_none(), "changed at {at}");
    }
    let newer = text.replace("stamp 1", "stamp 2");
    assert!(Fingerprint::parse(&newer).is_none());
    // Each line counts, even where the end fits again.
    let mut unknown = sample();
    unknown.text.push_str("later something\n");
    let unknown = unknown.finish();
    let stamp = Fingerprint::parse(&unknown).expect("whole");
    assert!(stamp.dependencies().any(|dependency| dependency.is_none()));
}

#[test]
fn what_cannot_be_relied_on_leaves_only_what_was_told() {
    let unsettled = |change: &dyn Fn(&mut FingerprintBuilder)| {
        let mut draft = sample();
        change(&mut draft);
        let text = draft.finish();
        let stamp = Fingerprint::parse(&text).expect("a stamp");
        assert_eq!(stamp.reported(), "nothing");
        let claims: Vec<_> = stamp.dependencies().collect();
        assert_eq!(claims, [Some(Dependency::Value("settled", "no"))]);
    };
    unsettled(&FingerprintBuilder::mark_volatile);
    unsettled(&|draft| draft.path("a\nb", false, FileStamp::Missing));
    unsettled(&|draft| draft.value("user", "/home/\r"));
    unsettled(&|draft| draft.text("HEAD", Some("a\nb")));
    unsettled(&|draft| draft.text("HEAD", Some("-")));
    // Changed as the look began, after it, or less than a step before it.
    for racy in [thing(1_000_000, 50_000_000), thing(1_000_001, 0), thing(999_999, 950_000_000)] {
        unsettled(&|draft| draft.path("file", false, racy));
    }
}

#[test]
fn a_file_system_that_counts_in_seconds_is_given_more_time() {
    let coarse = |seconds| {
        let at = Timestamp { seconds, nanos: 0 };
        FileStamp::Full(Stat { mode: 1, size: 1, modified: at, changed: at, inode: 1 })
    };
    assert!(!coarse(999_998).is_older_than(BEGAN));
    assert!(coarse(999_996).is_older_than(BEGAN));
    assert!(thing(999_999, 949_999_999).is_older_than(BEGAN));
}

#[test]
fn digests_tell_lines_apart() {
    assert_eq!(digest([]), "nothing");
    assert_ne!(digest(["a", "b"]), digest(["ab"]));
    assert_eq!(digest(["a"]), digest(["a"]));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "(\\PC|\n|\t)*", inside in "([nsdSDNr=] [ -~\t]{0,40}\n)*") {
        prop_assert!(Fingerprint::parse(&text).is_none());
        let draft = FingerprintBuilder { text: format!("{FIRST}\ntold x\n{inside}"), began: BEGAN, cacheable: true };
        let text = draft.finish();
        if let Some(stamp) = Fingerprint::parse(&text) {
            stamp.dependencies().for_each(drop);
        }
    }

    #[test]
    fn any_stat_is_read_as_it_was_written(
        mode: u32, size: u64, inode: u64, a: i64, b in 0..1_000_000_000_i64, c: i64, path in "[^\n\r]*",
    ) {
        let stat = Stat {
            mode, size, inode,
            modified: Timestamp { seconds: a, nanos: b },
            changed: Timestamp { seconds: c.min(0), nanos: b },
        };
        let mut draft = FingerprintBuilder::new(BEGAN, "x", false);
        draft.path(&path, false, FileStamp::Full(stat));
        let text = draft.finish();
        let stamp = Fingerprint::parse(&text).expect("a stamp");
        let claims: Vec<_> = stamp.dependencies().collect();
        prop_assert_eq!(claims, [Some(Dependency::Path { path: &path, follow: false, seen: FileStamp::Full(stat) })]);
    }
}
