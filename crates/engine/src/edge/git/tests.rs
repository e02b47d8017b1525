//! Repositories of every form, made by git.
#![allow(
    clippy::disallowed_methods,
    reason = "tests prepare folders and repositories of their own"
)]

use std::fs;
use std::path::Path;

use super::command::{LOCAL_VARIABLES, without_programs};
use super::*;

/// What git prints, run without the configuration of whoever runs the tests.
fn text(folder: &Path, arguments: &[&str]) -> String {
    let output = git_of_tests(folder)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
        .args(arguments)
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null")])
        .output()
        .expect("git runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {stderr}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

fn found(folder: &Path) -> GitDirs {
    discover(folder).expect("readable").expect("a repository")
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    text(folder.path(), &["init", "-q", "-b", "main", "repo"]);
    text(&folder.path().join("repo"), &["commit", "-q", "--allow-empty", "-m", "first"]);
    folder
}

#[test]
fn every_form_of_repository_is_found() {
    let folder = repository();
    let root = folder.path().join("repo");
    let dirs = found(&root);
    assert_eq!(dirs.work_tree.as_deref(), Some(root.as_path()));
    assert_eq!((&dirs.git_dir, &dirs.common_dir), (&root.join(".git"), &root.join(".git")));

    fs::create_dir_all(root.join("a/b")).expect("folder");
    let below = found(&root.join("a/b"));
    assert_eq!(below.prefix, Path::new("a/b"));
    assert_eq!(below.work_tree, fs::canonicalize(&root).ok());
    assert_eq!(found(&root.join("a/../a/b")).prefix, Path::new("a/b"));

    let inside = found(&root.join(".git/refs"));
    assert_eq!((inside.work_tree, inside.prefix.as_os_str().len()), (None, 0));

    text(&root, &["worktree", "add", "-q", "../linked"]);
    let linked = found(&folder.path().join("linked"));
    assert!(linked.git_dir.ends_with(".git/worktrees/linked"));
    let real = |path: &Path| fs::canonicalize(path).expect("there");
    assert_eq!(real(&linked.common_dir), real(&root.join(".git")));

    text(folder.path(), &["clone", "-q", "--bare", "repo", "bare.git"]);
    let bare = found(&folder.path().join("bare.git"));
    assert_eq!((bare.work_tree, bare.git_dir), (None, folder.path().join("bare.git")));

    let allowed = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        "../bare.git",
        "module",
    ];
    text(&root, &allowed);
    assert!(found(&root.join("module")).git_dir.ends_with(".git/modules/module"));

    assert_eq!(discover(folder.path()).expect("readable"), None);
}

#[test]
fn a_git_link_that_leads_nowhere_is_an_error() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let link = folder.path().join(".git");
    fs::write(&link, "gitdir: gone/worktrees/x\n").expect("file");
    assert!(matches!(discover(folder.path()), Err(DiscoverError::BrokenLink { .. })));
    fs::write(&link, "hello\n").expect("file");
    assert!(matches!(discover(folder.path()), Err(DiscoverError::NotALink { .. })));
    // An empty `.git` folder is none at all, for git too.
    fs::remove_file(&link).expect("removed");
    fs::create_dir(&link).expect("folder");
    assert_eq!(discover(folder.path()).expect("readable"), None);
}

#[test]
fn references_are_read_wherever_git_keeps_them() {
    let folder = repository();
    let root = folder.path().join("repo");
    let dirs = found(&root);
    let first = Some(text(&root, &["rev-parse", "HEAD"]));
    let head = |dirs: &GitDirs| head_commit(dirs).expect("readable");
    let read = |name: &str| read_reference(&dirs, name).expect("readable");
    assert_eq!(head(&dirs), first);

    text(&root, &["branch", "main-2"]);
    text(&root, &["tag", "-a", "v1", "-m", "annotated"]);
    text(&root, &["pack-refs", "--all"]);
    assert!(!root.join(".git/refs/heads/main").exists());
    assert_eq!(head(&dirs), first);
    assert_eq!(read("refs/heads/main-2"), first);
    assert_eq!(read("refs/tags/v1"), Some(text(&root, &["rev-parse", "v1"])));
    assert_eq!(read("refs/heads/mai"), None);
    assert_eq!(read("refs/heads"), None);
    assert_eq!(read("refs/../HEAD"), None);

    text(&root, &["worktree", "add", "-q", "../linked", "main-2"]);
    let linked = folder.path().join("linked");
    text(&linked, &["commit", "-q", "--allow-empty", "-m", "second"]);
    assert_eq!(head(&found(&linked)), Some(text(&linked, &["rev-parse", "HEAD"])));
    assert_eq!(head(&dirs), first);

    text(&root, &["switch", "-q", "--detach"]);
    assert_eq!(head(&dirs), first);
    text(&root, &["switch", "-q", "--orphan", "unborn"]);
    assert_eq!(head(&dirs), None);
    text(&root, &["symbolic-ref", "refs/heads/loop", "refs/heads/loop"]);
    assert_eq!(read("refs/heads/loop"), None);
}

#[test]
fn local_variables_are_those_that_git_knows() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for name in text(folder.path(), &["rev-parse", "--local-env-vars"]).lines() {
        assert!(LOCAL_VARIABLES.contains(&name), "{name} is not removed");
    }
}

#[test]
fn a_failure_names_the_first_argument_only() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let error =
        run(folder.path(), &["rev-parse", "https://secret@example.com"]).expect_err("fails");
    assert!(error.to_string().starts_with("`git rev-parse` failed"), "{error}");
}

#[test]
fn protocols_whose_address_is_a_command_are_never_allowed() {
    assert_eq!(without_programs("https:ext:ssh:fd"), "https:ssh");
    assert_eq!(without_programs("ext"), "");
}

#[test]
fn a_failure_of_git_shows_none_of_the_fixed_settings() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let error = run(folder.path(), &["ls-files"]).expect_err("no repository").to_string();
    assert!(error.starts_with("`git ls-files` failed") && !error.contains("fsmonitor"), "{error}");
}
