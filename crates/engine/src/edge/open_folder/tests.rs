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
    folder.create("new", true).expect("a new file").write_all(b"new").expect("its bytes");
    let again = folder.create("new", false).expect_err("it is there");
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    let link = folder.create("link", false).expect_err("it is there");
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
    folder.create("new", false).expect("a new file");
    assert!(there.join("new").exists());
}
