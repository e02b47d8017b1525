//! The three sources against real repositories, made by git.
#![allow(
    clippy::disallowed_methods,
    reason = "tests prepare folders and repositories of their own"
)]

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::edge::git::git_of_tests;

/// A work tree in a temporary folder.
struct Repo {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Repo {
    fn new() -> Self {
        Self::of_format("sha1")
    }

    /// With objects that are named by this hash function.
    fn of_format(format: &str) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let root = folder.path().join("config");
        fs::create_dir(&root).expect("folder");
        run(&root, &["init", "-q", "-b", "main", "--object-format", format]);
        Self { folder, root }
    }

    /// With the tree of [`fill`], committed.
    fn filled() -> Self {
        Self::filled_of_format("sha1")
    }

    /// The same, with objects that are named by this hash function.
    fn filled_of_format(format: &str) -> Self {
        let repo = Self::of_format(format);
        fill(&repo.root);
        repo.commit("first");
        repo
    }

    fn git(&self, arguments: &[&str]) -> String {
        run(&self.root, arguments)
    }

    fn write(&self, path: &str, text: &str) {
        write(&self.root, path, text);
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A path beside the work tree.
    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn revision(&self, rev: &str) -> ConfigSource {
        ConfigSource::revision(&self.root, rev).expect("a revision")
    }

    fn revision_error(&self, rev: &str) -> String {
        ConfigSource::revision(&self.root, rev).expect_err("no revision").to_string()
    }
}

/// A git without the configuration of whoever runs the tests.
fn prepare(folder: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = git_of_tests(folder);
    command
        .args(arguments)
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null")])
        .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.com")])
        .envs([("GIT_COMMITTER_NAME", "C"), ("GIT_COMMITTER_EMAIL", "c@example.com")]);
    command
}

/// Runs git, which must succeed.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = prepare(folder, arguments).output().expect("git runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {stderr}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("folder");
    fs::write(path, text).expect("file");
}

/// A tree with everything that is unusual: names that sort oddly, symlinks, an executable, a name that is not UTF-8.
fn fill(root: &Path) {
    write(root, "claude-env.toml", "version = 1\n");
    write(root, "base/layer.toml", "version = \"1\"\n");
    write(root, "base/memory/10-style.md", "Write little.\r\n");
    write(root, "base/memory.md", "not a folder\n");
    write(root, "base/memory-notes/a.md", "");
    write(root, "base/hooks/guard.sh", "#!/bin/sh\n");
    write(root, "teams/ümläut/layer.toml", "");
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(root.join("base/hooks/guard.sh"), mode).expect("mode");
        symlink("layer.toml", root.join("base/link.toml")).expect("link");
        symlink("base", root.join("alias")).expect("link");
    }
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = |bytes| root.join(std::ffi::OsStr::from_bytes(bytes));
        fs::write(name(b"base/memory/caf\xe9.md"), "x").expect("file");
        fs::create_dir(name(b"teams/\xff")).expect("folder");
        fs::write(name(b"teams/\xff/a.md"), "x").expect("file");
        fs::write(name(b"teams/\xff/b.md"), "x").expect("file");
    }
}

/// Everything that a source says about itself.
fn dump(source: &ConfigSource) -> Vec<String> {
    let mut lines = Vec::new();
    for folder in ["", "base", "base/memory", "teams", "nowhere", "base/layer.toml", "alias"] {
        let list = source.list(folder).expect("list");
        lines.extend(list.iter().map(|entry| format!("list {folder:?}: {entry:?}")));
    }
    for folder in ["", "base", "base/memory", "alias", "alias/memory", "base/layer.toml/x"] {
        for entry in source.walk(folder).expect("walk") {
            lines.push(format!("walk {folder:?}: {entry:?}"));
            if matches!(entry.kind, EntryKind::File { .. }) {
                let bytes = source.read(&entry.path).expect("read").expect("there");
                lines.push(format!("{} {:?}", entry.path, String::from_utf8_lossy(&bytes)));
            }
        }
    }
    for path in
        ["base/link.toml", "alias/layer.toml", "base", "nowhere/a", "base/layer.toml/a", "../x"]
    {
        let read = source.read(path);
        lines.push(format!(
            "read {path}: {}",
            read.map_or_else(|e| e.to_string(), |b| format!("{b:?}"))
        ));
    }
    lines
}

#[test]
fn sources_are_shared_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<ConfigSource>();
    check::<SourceError>();
}

#[test]
fn folder_commit_and_index_agree() {
    all_sources_agree(&Repo::filled());
}

#[test]
fn objects_named_by_sha_256_are_read_alike() {
    let repo = Repo::filled_of_format("sha256");
    all_sources_agree(&repo);
    let first = repo.git(&["rev-parse", "HEAD"]);
    assert_eq!(first.len(), 64);
    repo.git(&["tag", "-a", "-m", "a tag", "v1"]);
    repo.write("base/memory/20-more.md", "more\n");
    let second = repo.commit("second");
    let now = repo.revision("HEAD");
    assert_eq!(now.commit(), Some(second.as_str()));
    assert_eq!(now.ahead_of(&first), Some(1));
    for rev in ["v1", "HEAD~1", &first[..12]] {
        assert_eq!(repo.revision(rev).commit(), Some(first.as_str()), "{rev}");
    }
    let before = now.at(&first).expect("an id").expect("a commit");
    assert_eq!(before.read("base/memory/20-more.md").expect("read"), None);
    repo.git(&["rm", "-q", "-r", "."]);
    repo.commit("nothing is left");
    assert_eq!(repo.revision("HEAD").walk("").expect("the empty tree"), []);
}

fn all_sources_agree(repo: &Repo) {
    let folder = dump(&ConfigSource::folder(&repo.root).expect("a folder"));
    assert_eq!(folder, dump(&repo.revision("HEAD")));
    assert_eq!(folder, dump(&ConfigSource::staged(&repo.root, None).expect("an index")));

    repo.git(&["gc", "-q"]);
    repo.git(&["pack-refs", "--all"]);
    assert_eq!(folder, dump(&repo.revision("main")), "packed");

    let bare = repo.beside("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
    assert_eq!(folder, dump(&ConfigSource::revision(&bare, "main").expect("bare")), "bare");

    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    assert_eq!(folder, dump(&ConfigSource::folder(&linked).expect("linked")), "`.git` is a file");
    assert_eq!(folder, dump(&ConfigSource::revision(&linked, "HEAD").expect("linked")), "linked");
    assert_eq!(folder, dump(&ConfigSource::staged(&linked, None).expect("linked")), "its index");

    let git_dir = ConfigSource::revision(&repo.root.join(".git"), "HEAD").expect("a git directory");
    assert_eq!(folder, dump(&git_dir), "git directory");
}

#[test]
fn a_folder_is_listed_and_walked() {
    let repo = Repo::filled();
    let source = ConfigSource::folder(&repo.root).expect("a folder");
    let shown = |entries: Vec<Entry>| {
        entries.into_iter().map(|entry| (entry.path, entry.kind)).collect::<Vec<_>>()
    };
    let file = |path: &str| (path.to_owned(), EntryKind::File { executable: false });
    let folder = |path: &str| (path.to_owned(), EntryKind::Folder);
    let link =
        |path: &str, to: &str| (path.to_owned(), EntryKind::Symlink { target: to.to_owned() });
    assert_eq!(
        shown(source.list("").expect("list")),
        [link("alias", "base"), folder("base"), file("claude-env.toml"), folder("teams")]
    );
    assert_eq!(
        shown(source.walk("base").expect("walk")),
        [
            ("base/hooks/guard.sh".to_owned(), EntryKind::File { executable: true }),
            file("base/layer.toml"),
            link("base/link.toml", "layer.toml"),
            file("base/memory-notes/a.md"),
            file("base/memory.md"),
            file("base/memory/10-style.md"),
            ("base/memory/caf\u{fffd}.md".to_owned(), EntryKind::NotUtf8Name),
        ]
    );
    assert_eq!(shown(source.walk("alias/memory").expect("walk")), [link("alias", "base")]);
    assert_eq!(source.commit(), None);
    assert_eq!(source.display(), repo.root.display().to_string());
}

#[test]
fn a_symlink_is_refused_with_what_to_do() {
    let repo = Repo::filled();
    let source = ConfigSource::folder(&repo.root).expect("a folder");
    let error = |path: &str| source.read(path).expect_err("refused").to_string();
    assert_eq!(
        error("base/link.toml"),
        "`base/link.toml` is a symlink to `layer.toml`, and symlinks are not followed; put the file itself there"
    );
    assert!(error("alias/layer.toml").starts_with("`alias` is a symlink to `base`"));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let _socket =
        std::os::unix::net::UnixListener::bind(folder.path().join("socket")).expect("socket");
    let source = ConfigSource::folder(folder.path()).expect("a folder");
    let entry = Entry { path: "socket".to_owned(), kind: EntryKind::Other };
    assert_eq!(source.walk("").expect("walk"), [entry]);
    let error = source.read("socket").expect_err("refused").to_string();
    assert_eq!(error, "`socket` is neither a file nor a folder");
}

#[test]
fn a_large_file_is_refused() {
    let repo = Repo::new();
    // One size below gix's allocation limit, and one above.
    for (name, size) in [("large", MAX_FILE_BYTES + 1), ("huge", 65 * 1024 * 1024)] {
        let file = fs::File::create(repo.root.join(name)).expect("file");
        file.set_len(size).expect("size");
    }
    fs::write(repo.root.join("fits"), vec![0; MAX_FILE_BYTES as usize]).expect("file");
    repo.commit("large");
    let folder = ConfigSource::folder(&repo.root).expect("a folder");
    for source in [folder, repo.revision("HEAD")] {
        for name in ["large", "huge"] {
            let error = source.read(name).expect_err("too large").to_string();
            assert!(error.starts_with(&format!("`{name}` is larger than 16 MiB")), "{error}");
        }
        let fits = source.read("fits").expect("read").expect("there");
        assert_eq!(fits.len() as u64, MAX_FILE_BYTES);
    }
}

#[test]
fn revisions_are_named_as_in_git() {
    let repo = Repo::filled();
    let first = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["tag", "v1"]);
    repo.git(&["tag", "-a", "v1-signed", "-m", "annotated"]);
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.write("claude-env.toml", "version = 2\n");
    let second = repo.commit("second");
    for (rev, expect) in [
        ("HEAD", &second),
        ("@", &second),
        ("main", &second),
        ("refs/heads/main", &second),
        ("HEAD~1", &first),
        ("main^", &first),
        ("v1", &first),
        ("v1-signed", &first),
        ("origin/main", &first),
        (&first, &first),
        (&first[..7], &first),
    ] {
        assert_eq!(repo.revision(rev).commit(), Some(expect.as_str()), "{rev}");
    }
    let old = repo.revision("HEAD~1");
    assert_eq!(old.read("claude-env.toml").expect("read").as_deref(), Some(&b"version = 1\n"[..]));
    assert_eq!(old.display(), format!("{} at HEAD~1", repo.root.display()));
}

#[test]
fn a_wrong_revision_says_what_to_do() {
    let repo = Repo::new();
    let root = repo.root.display().to_string();
    let no_commits =
        format!("`{root}` has no commits yet; commit first, or read the folder without a revision");
    assert_eq!(repo.revision_error("HEAD"), no_commits);
    assert_eq!(repo.revision_error("main"), no_commits);

    fill(&repo.root);
    repo.commit("first");
    assert_eq!(
        repo.revision_error("mian"),
        format!("`{root}` has no branch, tag or commit `mian`; did you mean `main`?")
    );
    assert_eq!(
        repo.revision_error("release/2027"),
        format!(
            "`{root}` has no branch, tag or commit `release/2027`; run `git fetch` there if it is new"
        )
    );
    for rev in ["", "-q", "HEAD~9", "0000000", "main:nothing", "main@{u}", "^", "a b\0"] {
        let error = repo.revision_error(rev);
        assert!(error.contains("has no branch, tag or commit"), "{rev:?}: {error}");
    }
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    assert_eq!(
        repo.revision_error(&tree),
        format!("`{tree}` is a tree, not a commit; name a branch, a tag or a commit")
    );
    assert!(repo.revision_error("HEAD:claude-env.toml").contains("is a file, not a commit"));
    assert!(repo.revision_error("HEAD..HEAD").contains("is a range, not a commit"));
}

#[test]
fn a_place_without_a_repository_says_what_to_do() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let shown = folder.path().display().to_string();
    let error = |source: Result<ConfigSource, SourceError>| source.expect_err("none").to_string();
    assert_eq!(
        error(ConfigSource::revision(folder.path(), "HEAD")),
        format!(
            "`{shown}` is not in a git repository; run `git init` there, or read the folder without a revision"
        )
    );
    let gone = folder.path().join("gone");
    let none =
        format!("there is no folder `{}`; check the path of the config repository", gone.display());
    assert_eq!(error(ConfigSource::folder(&gone)), none);
    assert_eq!(error(ConfigSource::revision(&gone, "HEAD")), none);
    fs::write(&gone, "").expect("file");
    assert!(error(ConfigSource::folder(&gone)).contains("is not a folder"));
}

#[test]
fn a_folder_below_the_work_tree_is_a_root_of_its_own() {
    let repo = Repo::new();
    write(&repo.root, "README.md", "outer\n");
    write(&repo.root, "configuration/readme", "other\n");
    fill(&repo.root.join("config"));
    repo.commit("first");
    let root = repo.root.join("config");
    let expect = dump(&ConfigSource::folder(&root).expect("a folder"));
    assert_eq!(expect, dump(&ConfigSource::revision(&root, "HEAD").expect("a revision")));
    assert_eq!(expect, dump(&ConfigSource::staged(&root, None).expect("an index")));

    fs::create_dir(repo.root.join("new")).expect("folder");
    let error = ConfigSource::revision(&repo.root.join("new"), "HEAD").expect_err("not there");
    assert!(matches!(error, SourceError::NoSubfolder { .. }), "{error}");
}

#[test]
fn what_is_staged_is_neither_head_nor_the_folder() {
    let repo = Repo::filled();
    repo.write("claude-env.toml", "staged\n");
    repo.git(&["add", "."]);
    repo.write("claude-env.toml", "only in the folder\n");
    repo.write("announced.toml", "later\n");
    repo.git(&["add", "--intent-to-add", "announced.toml"]);
    repo.git(&["rm", "-q", "--cached", "base/memory.md"]);
    let staged = ConfigSource::staged(&repo.root, None).expect("an index");
    assert_eq!(staged.read("claude-env.toml").expect("read").as_deref(), Some(&b"staged\n"[..]));
    assert_eq!(staged.read("announced.toml").expect("read"), None);
    assert_eq!(staged.read("base/memory.md").expect("read"), None);
    assert_eq!(staged.commit(), None);

    repo.git(&["reset", "-q", "--hard"]);
    let expect = dump(&repo.revision("HEAD"));
    repo.git(&["update-index", "--split-index"]);
    assert_eq!(
        expect,
        dump(&ConfigSource::staged(&repo.root, None).expect("split")),
        "split index"
    );
    repo.git(&["update-index", "--no-split-index"]);
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "teams"]);
    assert!(!repo.root.join("base").exists());
    assert_eq!(
        expect,
        dump(&ConfigSource::staged(&repo.root, None).expect("sparse")),
        "sparse index"
    );
}

#[test]
fn an_index_without_entries_is_empty() {
    let repo = Repo::new();
    let staged = ConfigSource::staged(&repo.root, None).expect("an index");
    assert_eq!(staged.walk("").expect("walk"), []);
    repo.git(&["init", "-q", "--bare", "../bare.git"]);
    let error = ConfigSource::staged(&repo.beside("bare.git"), None).expect_err("bare").to_string();
    assert!(error.contains("is a bare repository"), "{error}");
}

#[test]
fn a_conflict_is_named() {
    let repo = Repo::filled();
    repo.git(&["switch", "-q", "-c", "other"]);
    repo.write("claude-env.toml", "theirs\n");
    repo.commit("theirs");
    repo.git(&["switch", "-q", "main"]);
    repo.write("claude-env.toml", "ours\n");
    repo.commit("ours");
    let merge = prepare(&repo.root, &["merge", "-q", "other"]).output().expect("git runs");
    assert!(!merge.status.success());
    let error = ConfigSource::staged(&repo.root, None).expect_err("conflict").to_string();
    let root = repo.root.display();
    assert_eq!(
        error,
        format!(
            "`{root}` has merge conflicts (`claude-env.toml`); resolve them and stage the result with `git add`"
        )
    );
}

#[test]
fn shallow_and_partial_clones_say_what_is_missing() {
    let repo = Repo::filled();
    repo.write("claude-env.toml", "version = 2\n");
    repo.commit("second");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.root.display());

    run(repo.folder.path(), &["clone", "-q", "--depth=1", &url, "shallow"]);
    let shallow = repo.beside("shallow");
    assert_eq!(
        dump(&repo.revision("HEAD")),
        dump(&ConfigSource::revision(&shallow, "HEAD").expect("HEAD"))
    );
    let error = ConfigSource::revision(&shallow, "HEAD~1").expect_err("beyond").to_string();
    assert!(error.contains("shallow clone; run `git fetch --unshallow`"), "{error}");
    run(&shallow, &["fetch", "-q", "--unshallow"]);
    ConfigSource::revision(&shallow, "HEAD~1").expect("whole now");

    let partial = repo.beside("partial");
    run(
        repo.folder.path(),
        &["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "partial"],
    );
    let read = || {
        let source = ConfigSource::revision(&partial, "HEAD").expect("trees are there");
        source.read("claude-env.toml")
    };
    let error = read().expect_err("not downloaded").to_string();
    assert!(error.contains("run `git fetch --refetch --no-filter`"), "{error}");
    run(&partial, &["fetch", "-q", "--refetch", "--no-filter"]);
    assert_eq!(read().expect("read").as_deref(), Some(&b"version = 2\n"[..]));
}

#[test]
fn a_missing_or_damaged_object_is_an_error() {
    let repo = Repo::filled();
    let id = repo.git(&["rev-parse", "HEAD:claude-env.toml"]);
    let object = repo.root.join(".git/objects").join(&id[..2]).join(&id[2..]);
    fs::remove_file(&object).expect("removed");
    let read = || repo.revision("HEAD").read("claude-env.toml").expect_err("an error");
    assert!(matches!(read(), SourceError::MissingObject { .. }), "{}", read());
    fs::write(&object, "no zlib stream").expect("file");
    assert!(matches!(read(), SourceError::Damaged { .. }), "{}", read());
}

#[test]
fn a_repository_inside_is_one_entry() {
    let repo = Repo::filled();
    repo.git(&["init", "-q", "base/inner"]);
    write(&repo.root, "base/inner/file", "x");
    let inner = repo.root.join("base/inner");
    run(&inner, &["add", "."]);
    run(&inner, &["commit", "-q", "-m", "inner"]);
    repo.git(&["-c", "advice.addEmbeddedRepo=false", "add", "."]);
    repo.git(&["commit", "-q", "-m", "with a repository inside"]);
    let folder = ConfigSource::folder(&repo.root).expect("a folder").walk("base").expect("walk");
    let other = Entry { path: "base/inner".to_owned(), kind: EntryKind::Other };
    assert!(folder.contains(&other));
    assert_eq!(folder, repo.revision("HEAD").walk("base").expect("walk"));
    let staged = ConfigSource::staged(&repo.root, None).expect("an index");
    assert_eq!(folder, staged.walk("base").expect("walk"));
    assert_eq!(staged.walk("base/inner/deep").expect("walk"), [other]);
}

#[test]
fn formats_that_cannot_be_read_say_so() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let error = |path: &Path| ConfigSource::revision(path, "HEAD").expect_err("unsupported");
    let path = folder.path().join("reftable");
    // Older versions of git do not know it.
    let init = ["init", "-q", "--ref-format=reftable", "reftable"];
    if prepare(folder.path(), &init).output().expect("git").status.success() {
        run(&path, &["commit", "-q", "--allow-empty", "-m", "first"]);
        assert!(matches!(error(&path), SourceError::Reftable { .. }), "{}", error(&path));
    }
}

#[test]
fn several_threads_read_the_same() {
    let repo = Repo::filled();
    let source = repo.revision("HEAD");
    let expect = dump(&source);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(dump(&source), expect));
        }
    });
}

/// What a hook sees, written down for the test that started the commit. Run by the hook of
/// [`a_hook_reads_the_commit_to_be`], which is why it is ignored otherwise.
#[test]
#[ignore = "runs inside of a git hook"]
fn inside_a_hook() {
    let out = PathBuf::from(std::env::var_os("TEST_OUT").expect("set by the test"));
    let index_file = std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from);
    let here = std::env::current_dir().expect("a current folder");
    let other = out.parent().expect("a parent").join("other");
    let text = |source: Result<ConfigSource, SourceError>| {
        let source = source.expect("a source");
        let read = |path| {
            source.read(path).expect("read").map(|bytes| String::from_utf8(bytes).expect("text"))
        };
        format!("{:?} {:?}\n", read("a.toml"), read("b.toml"))
    };
    let report = [
        text(ConfigSource::staged(&here, index_file.as_deref())),
        text(ConfigSource::revision(&here, "HEAD")),
        text(ConfigSource::staged(&other, index_file.as_deref())),
        text(ConfigSource::revision(&other, "HEAD")),
    ];
    fs::write(out, report.concat()).expect("report");
}

#[cfg(unix)]
#[test]
fn a_hook_reads_the_commit_to_be() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::new();
    repo.write("a.toml", "a1");
    repo.write("b.toml", "b1");
    repo.commit("first");
    let other = repo.beside("other");
    run(repo.folder.path(), &["init", "-q", "other"]);
    write(&other, "a.toml", "other");
    run(&other, &["add", "."]);
    run(&other, &["commit", "-q", "-m", "other"]);

    let out = repo.beside("out");
    let program = std::env::current_exe().expect("this program");
    let hook = format!(
        "#!/bin/sh\nTEST_OUT='{}' exec '{}' --exact --ignored -q {}::inside_a_hook\n",
        out.display(),
        program.display(),
        module_path!().split_once("::").expect("a crate").1,
    );
    write(&repo.root, ".git/hooks/pre-commit", &hook);
    let hook = repo.root.join(".git/hooks/pre-commit");
    fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).expect("mode");
    let rest = |head: &str| format!("{head}Some(\"other\") None\nSome(\"other\") None\n");
    let check = |arguments: &[&str], staged: &str, head: &str| {
        repo.git(arguments);
        let expect = rest(&format!("{staged}\n{head}\n"));
        assert_eq!(fs::read_to_string(&out).expect("the hook ran"), expect, "{arguments:?}");
    };
    let (a1b1, a2b2, a3b2) =
        (r#"Some("a1") Some("b1")"#, r#"Some("a2") Some("b2")"#, r#"Some("a3") Some("b2")"#);
    repo.write("a.toml", "a2");
    repo.write("b.toml", "b2");
    check(&["commit", "-q", "-a", "-m", "all"], a2b2, a1b1);
    repo.write("a.toml", "a3");
    repo.write("b.toml", "b3");
    repo.git(&["add", "b.toml"]);
    check(&["commit", "-q", "-m", "only a", "a.toml"], a3b2, a2b2);
    check(&["commit", "-q", "-m", "staged"], r#"Some("a3") Some("b3")"#, a3b2);
}

#[test]
fn edits_are_seen_as_if_they_were_written() {
    let repo = Repo::filled();
    let edit = |path: &str, text: Option<&str>, executable| {
        let file = text.map(|text| EditedFile { bytes: text.as_bytes().into(), executable });
        (path.to_owned(), file)
    };
    let entries = repo.revision("HEAD").walk("").expect("files");
    let mut files = entries
        .iter()
        .filter(|entry| matches!(entry.kind, EntryKind::File { .. }))
        .map(|e| &e.path);
    let (first, second) = (files.next().expect("a file"), files.next().expect("another"));
    let edits: BTreeMap<String, Option<EditedFile>> = [
        edit(first, None, None),
        edit(second, Some("other"), None),
        edit("new/deep/file.md", Some("new"), Some(true)),
        edit("top.md", Some("top"), None),
    ]
    .into();
    let edited = [
        ConfigSource::folder(&repo.root).expect("a folder").edited(edits.clone()),
        repo.revision("HEAD").edited(edits),
    ];
    fs::remove_file(repo.root.join(first)).expect("removed");
    fs::write(repo.root.join(second), "other").expect("written");
    write(&repo.root, "new/deep/file.md", "new");
    write(&repo.root, "top.md", "top");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(repo.root.join("new/deep/file.md"), mode).expect("a mode");
    let written = ConfigSource::folder(&repo.root).expect("a folder");
    for edited in edited {
        for folder in ["", "new", "base", "nowhere"] {
            assert_eq!(edited.walk(folder).expect("files"), written.walk(folder).expect("files"));
            assert_eq!(edited.list(folder).expect("a list"), written.list(folder).expect("a list"));
        }
        for path in [first.as_str(), second, "new/deep/file.md", "top.md"] {
            assert_eq!(edited.read(path).expect("bytes"), written.read(path).expect("bytes"));
            assert_eq!(edited.size(path), written.size(path));
        }
    }
    let made = ConfigSource::planned(Path::new("/nowhere"), [edit("a/b", Some("x"), None)].into());
    let paths: Vec<String> = made.walk("").expect("files").into_iter().map(|e| e.path).collect();
    assert_eq!(paths, ["a/b"]);
    assert_eq!(made.read("a/b").expect("bytes").as_deref(), Some(b"x".as_slice()));
    assert_eq!(made.read("c").expect("bytes"), None);
}
