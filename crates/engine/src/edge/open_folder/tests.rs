#![expect(clippy::disallowed_methods, reason = "a test sets the stage for what reads it")]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{EntryType, FolderEntry, by_descriptor, by_path};

/// The same questions to both ways.
macro_rules! both {
    ($name:ident, $folder:ident, $body:block) => {
        #[test]
        fn $name() {
            {
                use by_descriptor::OpenFolder as $folder;
                $body
            }
            use by_path::OpenFolder as $folder;
            $body
        }
    };
}

fn stage() -> tempfile::TempDir {
    let stage = tempfile::tempdir().expect("a folder");
    let at = |name: &str| stage.path().join(name);
    fs::create_dir(at("folder")).expect("a folder in it");
    fs::write(at("run"), "four").expect("a file");
    fs::set_permissions(at("run"), fs::Permissions::from_mode(0o755)).expect("its mode");
    fs::write(at("text"), "").expect("a file");
    symlink("text", at("link")).expect("a link");
    symlink(".", at("here")).expect("a link to a folder");
    std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
    stage
}

both!(names_are_listed_with_what_they_stand_for, OpenFolder, {
    let stage = stage();
    for path in [stage.path().to_owned(), stage.path().join("here")] {
        let (_, mut listed) = OpenFolder::list(&path).expect("a list");
        listed.sort();
        let file = |len, executable| EntryType::File { len, executable };
        let expected = [
            ("folder", EntryType::Folder),
            ("here", EntryType::Symlink),
            ("link", EntryType::Symlink),
            ("run", file(4, true)),
            ("socket", EntryType::Other),
            ("text", file(0, false)),
        ]
        .map(|(name, what)| FolderEntry { name: name.into(), kind: what });
        assert_eq!(listed, expected);
    }
    let absent = OpenFolder::list(&stage.path().join("absent")).expect_err("nothing there");
    assert_eq!(absent.kind(), ErrorKind::NotFound);
    let file = OpenFolder::list(&stage.path().join("text")).expect_err("a file");
    assert_eq!(file.kind(), ErrorKind::NotADirectory);
});

both!(a_long_folder_is_listed_to_its_end, OpenFolder, {
    let stage = tempfile::tempdir().expect("a folder");
    for number in 0..500 {
        fs::write(stage.path().join(format!("{number:0>200}")), "").expect("a file");
    }
    let (_, listed) = OpenFolder::list(stage.path()).expect("a list");
    let names: std::collections::BTreeSet<_> = listed.into_iter().map(|it| it.name).collect();
    assert_eq!(names.len(), 500);
});

both!(only_regular_files_are_opened, OpenFolder, {
    let stage = stage();
    let folder = OpenFolder::open(stage.path()).expect("the folder");
    let mut run = folder.regular("run").expect("the file").expect("a regular one");
    let mut text = String::new();
    run.file.read_to_string(&mut text).expect("its text");
    assert_eq!((text.as_str(), run.len, run.executable), ("four", 4, true));
    let text = folder.regular("text").expect("the file").expect("a regular one");
    assert_eq!((text.len, text.executable), (0, false));
    assert!(folder.regular("folder").expect("a folder").is_none());
    assert!(folder.regular("link").is_err());
    assert!(folder.file("link").is_err());
    let absent = folder.regular("absent").expect_err("nothing there");
    assert_eq!(absent.kind(), ErrorKind::NotFound);
    assert!(OpenFolder::open(&stage.path().join("here")).is_err());
    assert!(OpenFolder::open(&stage.path().join("text")).is_err());
});

both!(the_system_is_asked_about_names, OpenFolder, {
    use std::os::unix::fs::MetadataExt;
    let stage = stage();
    let folder = OpenFolder::open(stage.path()).expect("the folder");
    for name in ["folder", "here", "link", "run", "socket", "text"] {
        let found = folder.stat(name).expect("something");
        let meta = fs::symlink_metadata(stage.path().join(name)).expect("something");
        assert_eq!((found.mode, found.size, found.inode), (meta.mode(), meta.size(), meta.ino()));
        let (modified, changed) = (found.modified, found.changed);
        assert_eq!((modified.seconds, modified.nanos), (meta.mtime(), meta.mtime_nsec()));
        assert_eq!((changed.seconds, changed.nanos), (meta.ctime(), meta.ctime_nsec()));
    }
    let absent = folder.stat("absent").expect_err("nothing there");
    assert_eq!(absent.kind(), ErrorKind::NotFound);
});

both!(a_pipe_that_nobody_writes_to_keeps_nobody_waiting, OpenFolder, {
    let stage = tempfile::tempdir().expect("a folder");
    let pipe = stage.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let folder = OpenFolder::open(stage.path()).expect("the folder");
    assert!(folder.regular("pipe").expect("a pipe").is_none());
});

both!(a_file_is_made_once_and_renamed_over_another, OpenFolder, {
    let stage = stage();
    let folder = OpenFolder::open(stage.path()).expect("the folder");
    folder.create("new", 0o777).expect("a new file").write_all(b"new").expect("its bytes");
    let again = folder.create("new", 0o666).expect_err("it is there");
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    let link = folder.create("link", 0o666).expect_err("it is there");
    assert_eq!(link.kind(), ErrorKind::AlreadyExists);
    folder.rename("new", "text").expect("renamed");
    let text = stage.path().join("text");
    assert_eq!(fs::read(&text).expect("the file"), b"new");
    assert_ne!(fs::metadata(text).expect("the file").permissions().mode() & 0o100, 0);
});

#[test]
fn a_folder_that_is_moved_is_still_the_same() {
    let stage = tempfile::tempdir().expect("a folder");
    let (here, there) = (stage.path().join("here"), stage.path().join("there"));
    fs::create_dir(&here).expect("a folder in it");
    let folder = by_descriptor::OpenFolder::open(&here).expect("the folder");
    fs::rename(&here, &there).expect("moved");
    symlink("/", &here).expect("a link in its place");
    folder.create("new", 0o666).expect("a new file");
    assert!(there.join("new").exists());
}

both!(no_link_leads_below, OpenFolder, {
    let stage = stage();
    fs::create_dir_all(stage.path().join("folder/inner/deep")).expect("folders");
    let elsewhere = tempfile::tempdir().expect("a folder");
    fs::create_dir(elsewhere.path().join("deep")).expect("a folder in it");
    symlink(elsewhere.path(), stage.path().join("folder/out")).expect("a link");
    let root = OpenFolder::root(&stage.path().join("here")).expect("a link that the user named");
    let deep = root.below("folder/inner/deep").expect("folders all the way");
    deep.create("new", 0o666).expect("a new file");
    assert!(stage.path().join("folder/inner/deep/new").exists());
    for path in ["here", "here/folder", "folder/out", "folder/out/deep", "text", "text/x", "socket"]
    {
        assert!(root.below(path).is_err(), "{path}");
    }
    for path in ["..", "folder/..", "folder/../../x", "", "/"] {
        assert!(root.below(path).is_err(), "{path}");
    }
    let absent = root.below("folder/absent").err().map(|error| error.kind());
    assert_eq!(absent, Some(ErrorKind::NotFound));
});

both!(entries_are_made_and_removed_by_name, OpenFolder, {
    let stage = stage();
    let root = OpenFolder::root(stage.path()).expect("the folder");
    root.make_folder("made").expect("a folder");
    assert_eq!(root.entry_type("made").expect("it"), EntryType::Folder);
    assert_eq!(root.entry_type("link").expect("it"), EntryType::Symlink);
    assert_eq!(root.read_link("link").expect("it"), std::path::Path::new("text"));
    assert!(root.read_link("text").is_err());
    assert!(root.writable("link").is_err() && root.writable("folder").is_err());
    root.writable("text").expect("a file").write_all(b"new").expect("written");
    assert_eq!(fs::read(stage.path().join("text")).expect("read"), b"new");
    root.truncated("text").expect("a file").write_all(b"2").expect("written");
    root.truncated("fresh").expect("a new file").write_all(b"3").expect("written");
    assert_eq!(fs::read(stage.path().join("text")).expect("read"), b"2");
    assert!(root.truncated("link").is_err() && root.truncated("folder").is_err());
    root.remove("fresh").expect("the file goes");
    root.remove("link").expect("the link goes");
    assert!(stage.path().join("text").exists());
    assert!(root.remove_folder("here").is_err(), "a link is no folder");
    root.remove_folder("made").expect("the folder goes");
    assert!(root.remove("absent").is_err() && root.remove_folder("absent").is_err());
    let mut names = root.entries().expect("a list");
    names.sort();
    let expected = [("folder", true), ("here", false), ("run", false), ("socket", false)];
    let expected = expected.into_iter().chain([("text", false)]);
    assert_eq!(names, expected.map(|(name, is)| (name.into(), is)).collect::<Vec<_>>());
    assert!(!root.is_mount_point("run"));
});

#[test]
fn both_ways_down_open_the_same_folders() {
    let stage = stage();
    fs::create_dir_all(stage.path().join("folder/inner")).expect("folders");
    let root = by_descriptor::OpenFolder::root(stage.path()).expect("the folder");
    for path in ["folder", "folder/inner", "here", "here/folder", "text", "absent"] {
        let (one, other) = (root.below(path), root.below_part_by_part(path));
        assert_eq!(one.is_ok(), other.is_ok(), "{path}");
    }
}

#[test]
fn a_tree_is_made_and_removed_without_following_links() {
    let stage = stage();
    let root = super::OpenFolder::root(stage.path()).expect("the folder");
    let made = root.make_below("a/b/c").expect("folders");
    made.create("file", 0o666).expect("a file");
    symlink(stage.path().join("folder"), stage.path().join("a/link")).expect("a link");
    fs::write(stage.path().join("folder/kept"), "x").expect("a file behind the link");
    root.make_below("a/b/c").expect("they are there");
    assert!(root.make_below("a/link/d").is_err());
    root.remove_all("a").expect("all of it goes");
    assert!(!stage.path().join("a").exists());
    assert!(stage.path().join("folder/kept").exists());
    assert!(root.remove_all("here").is_err());
}
