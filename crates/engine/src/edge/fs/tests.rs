#![expect(clippy::disallowed_methods, reason = "tests set the stage")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use proptest::prelude::*;
use tempfile::TempDir;

use super::write::TEMPORARY;
use super::*;
use claude_env_core::render::Rendering;
use claude_env_core::workspace::testing::{
    NAMES, Values, any_values, any_workspace, foreign_in, model_sync, rendering, values_in,
};
use claude_env_core::workspace::{
    ActualFile, Comparison, Desired, DigestCache, Header, LOCAL_LOCK_FILE, LOCK_FILE, Lock,
    LockState, MAX_FILE_SIZE, PENDING_SUFFIX, Plan, Policy, compare, paths,
};

pub(in crate::edge::fs) type Files = BTreeMap<RepoPath, (Vec<u8>, bool)>;

pub(in crate::edge::fs) fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).expect("a path")
}

pub(in crate::edge::fs) fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    fs::write(path, bytes).expect("written");
}

pub(in crate::edge::fs) fn lay_out(files: &Files, lock: Option<&str>) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (path, (bytes, executable)) in files {
        write(folder.path(), path.as_str(), bytes);
        let mode = if *executable { 0o755 } else { 0o644 };
        let full = folder.path().join(path.as_str());
        fs::set_permissions(full, PermissionsExt::from_mode(mode)).expect("a mode");
    }
    if let Some(lock) = lock {
        write(folder.path(), LOCK_FILE, lock);
    }
    folder
}

/// All files of a folder, but the lock.
pub(in crate::edge::fs) fn contents(folder: &Path) -> Files {
    fn walk(root: &Path, folder: &Path, files: &mut Files) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let full = entry.expect("an entry").path();
            if full.is_dir() {
                walk(root, &full, files);
                continue;
            }
            let name = full.strip_prefix(root).expect("inside").to_str().expect("UTF-8");
            let executable = fs::metadata(&full).expect("there").mode() & 0o100 != 0;
            if name != LOCK_FILE {
                files.insert(path(name), (fs::read(&full).expect("read"), executable));
            }
        }
    }
    let mut files = Files::new();
    walk(folder, folder, &mut files);
    files
}

/// What is foreign in a folder, while an apply may be under way.
pub(in crate::edge::fs) fn foreign(folder: &Path) -> std::collections::BTreeSet<String> {
    let mut files = contents(folder);
    files.retain(|path, _| !path.as_str().split('/').any(|part| part.starts_with(".claude-env")));
    foreign_in(&files)
}

/// What `ops` does for a sync, up to the given number of steps.
fn sync(
    folder: &Path,
    wanted: &Rendering,
    fail_after: Option<u32>,
) -> Result<(Plan, u32), FsError> {
    sync_with(folder, LOCK_FILE, wanted, fail_after)
}

/// The same with a lock of this name.
fn sync_with(
    folder: &Path,
    file: &str,
    wanted: &Rendering,
    fail_after: Option<u32>,
) -> Result<(Plan, u32), FsError> {
    let mut root = Root::new(folder);
    root.fail_after.set(fail_after);
    let desired = Desired::new(wanted, &mut DigestCache::default());
    let expected = Lock::of(Header::default(), &desired);
    let lock = root.read_own(file)?;
    let pending = root.read_own(&format!("{file}{PENDING_SUFFIX}"))?;
    let lock = LockState::read(file, lock.as_deref(), pending.as_deref(), || expected)
        .expect("a good lock");
    let actual = root.read_all(paths(&desired, &lock));
    let comparison: Comparison<'_> = compare(&desired, &lock, &actual, Policy::Keep);
    let plan = Plan::new(&desired, &lock, &actual, &comparison, Header::default());
    root.apply(&[&plan], None)?;
    Ok((plan, root.fail_after.get().unwrap_or(0)))
}

#[test]
fn the_lock_of_a_person_goes_with_the_last_entry() {
    let all = rendering(&NAMES.into_iter().map(|name| (name, 1)).collect());
    let nothing = Rendering::default();
    for fail_after in 0.. {
        assert!(fail_after < 200);
        let folder = lay_out(&Files::new(), None);
        sync_with(folder.path(), LOCAL_LOCK_FILE, &all, None).expect("a sync");
        assert!(folder.path().join(LOCAL_LOCK_FILE).is_file());
        let done = sync_with(folder.path(), LOCAL_LOCK_FILE, &nothing, Some(fail_after)).is_ok();
        sync_with(folder.path(), LOCAL_LOCK_FILE, &nothing, None).expect("a sync");
        assert_eq!(contents(folder.path()), Files::new(), "stopped at step {fail_after}");
        if done {
            break;
        }
    }
}

fn model(wanted: &Values, (actual, base): &(Values, Values)) -> (Values, Values) {
    let mut next = (Values::new(), Values::new());
    for name in NAMES {
        let get = |values: &Values| values.get(name).copied();
        let (there, last) = model_sync(get(wanted), get(base), get(actual));
        next.0.extend(there.map(|value| (name, value)));
        next.1.extend(last.map(|value| (name, value)));
    }
    next
}

fn lock_of(base: &Values) -> String {
    let rendering = rendering(base);
    let desired = Desired::new(&rendering, &mut DigestCache::default());
    Lock::of(Header::default(), &desired).to_text()
}

/// Fewer cases than usual, for what takes long.
pub(in crate::edge::fs) fn cases_over(divisor: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / divisor, ..usual }
}

proptest! {
    #![proptest_config(cases_over(20))]

    /// Stops at every step of a sync, and at a second one, with the configuration moved on in between.
    #[test]
    fn a_sync_that_was_stopped_anywhere_is_put_right_by_the_next(
        workspace in any_workspace(),
        first in any_values(),
        second in any_values(),
        moved in any::<bool>(),
        again in 0..40_u32,
    ) {
        let files = workspace.files();
        let lock = workspace.lock();
        let mine = foreign_in(&files);
        let start = (workspace.actual.clone(), workspace.base.clone());
        let second = if moved { second } else { first.clone() };
        let (one, two) = (rendering(&first), rendering(&second));
        // A run that was stopped before it began to write counts as not run at all.
        let run = |wanted: &Values, from: &(Values, Values)| model(wanted, from);
        let allowed: Vec<(Values, Values)> = [
            run(&second, &start),
            run(&second, &run(&first, &start)),
            run(&first, &run(&second, &start)),
            run(&first, &run(&second, &run(&first, &start))),
        ].into();
        for fail_after in 0.. {
            prop_assert!(fail_after < 200);
            let folder = lay_out(&files, lock.as_deref());
            let done = sync(folder.path(), &one, Some(fail_after)).is_ok();
            prop_assert_eq!(foreign(folder.path()), mine.clone());
            if !done {
                let stopped = sync(folder.path(), &two, Some(again)).is_err();
                prop_assert_eq!(foreign(folder.path()), mine.clone());
                if stopped && moved {
                    // And the configuration moves back.
                    sync(folder.path(), &one, None).expect("a sync");
                    check(folder.path(), &allowed[..], &run(&first, &start))?;
                    continue;
                }
            }
            sync(folder.path(), &two, None).expect("a sync");
            prop_assert_eq!(foreign(folder.path()), mine.clone());
            check(folder.path(), &allowed[..2], &allowed[0])?;
            if done {
                break;
            }
        }
    }
}

fn check(
    folder: &Path,
    allowed: &[(Values, Values)],
    also: &(Values, Values),
) -> Result<(), TestCaseError> {
    let files = contents(folder);
    let lock = fs::read_to_string(folder.join(LOCK_FILE)).expect("a lock");
    let found = values_in(&files);
    let fits = |(actual, base): &(Values, Values)| *actual == found && lock_of(base) == lock;
    prop_assert!(
        allowed.iter().chain([also]).any(fits),
        "found {found:?}\nlock {lock}\nallowed {allowed:#?}"
    );
    let left = files.keys().find(|path| path.as_str().contains(".claude-env"));
    prop_assert_eq!(left, None, "left behind");
    Ok(())
}

pub(in crate::edge::fs) fn all(value: u8) -> Values {
    NAMES.into_iter().map(|name| (name, if name.starts_with("item") { 1 } else { value })).collect()
}

#[test]
fn a_second_sync_touches_nothing_and_a_change_touches_one_file() {
    let folder = TempDir::new().expect("a folder");
    sync(folder.path(), &rendering(&all(1)), None).expect("a first sync");
    let times = || -> BTreeMap<String, (i64, i64, u64)> {
        let names = contents(folder.path()).into_keys().map(|path| path.as_str().to_owned());
        names
            .chain([LOCK_FILE.to_owned()])
            .map(|name| {
                let meta = fs::metadata(folder.path().join(&name)).expect("there");
                (name, (meta.mtime(), meta.mtime_nsec(), meta.ino()))
            })
            .collect()
    };
    let before = times();
    let (plan, _) = sync(folder.path(), &rendering(&all(1)), None).expect("a second sync");
    assert!(plan.is_noop());
    assert_eq!(times(), before);

    let mut values = all(1);
    values.insert("server b", 2);
    sync(folder.path(), &rendering(&values), None).expect("a third sync");
    let after = times();
    let changed: Vec<&String> =
        after.keys().filter(|name| after.get(*name) != before.get(*name)).collect();
    assert_eq!(changed, [LOCK_FILE, ".mcp.json"]);
}

#[test]
fn modes_follow_the_umask_and_stay_where_they_are_not_ours() {
    let folder = TempDir::new().expect("a folder");
    let mode = |name: &str| fs::metadata(folder.path().join(name)).expect("there").mode() & 0o777;
    sync(folder.path(), &rendering(&all(2)), None).expect("a sync");
    assert_eq!(mode(".claude/hooks/two.sh") & 0o700, 0o700);
    assert_eq!(mode(".mcp.json") & 0o700, 0o600);
    let secret = PermissionsExt::from_mode(0o600);
    fs::set_permissions(folder.path().join(".mcp.json"), secret).expect("a mode");
    fs::set_permissions(
        folder.path().join(".claude/hooks/two.sh"),
        PermissionsExt::from_mode(0o700),
    )
    .expect("a mode");
    sync(folder.path(), &rendering(&all(1)), None).expect("a sync");
    assert_eq!(mode(".mcp.json"), 0o600);
    assert_eq!(mode(".claude/hooks/two.sh"), 0o600);
}

#[test]
fn what_is_no_file_is_said_and_left() {
    let check = |prepare: &dyn Fn(&Path), name: &str, expect: &str| {
        let folder = TempDir::new().expect("a folder");
        prepare(folder.path());
        let found = Root::new(folder.path()).read(&path(name));
        let ActualFile::Unusable { reason, help, .. } = found else {
            panic!("{name} is {found:?}");
        };
        assert!(reason.starts_with(expect), "{reason}");
        assert!(!help.is_empty());
        let before = fs::symlink_metadata(folder.path().join(name)).ok().map(|meta| meta.ino());
        let (plan, _) = sync(folder.path(), &rendering(&all(1)), None).expect("a sync of the rest");
        assert!(plan.problems.iter().any(|problem| problem.path.as_str() == name));
        let after = fs::symlink_metadata(folder.path().join(name)).ok().map(|meta| meta.ino());
        assert_eq!(before, after);
    };
    let outside = TempDir::new().expect("a folder");
    check(&|f| fs::create_dir(f.join(".mcp.json")).expect("made"), ".mcp.json", "is a folder");
    check(
        &|f| symlink(outside.path(), f.join(".claude")).expect("linked"),
        ".claude/settings.json",
        "lies below `.claude`, which is a symbolic link to `",
    );
    check(
        &|f| write(f, ".claude", "x"),
        ".claude/settings.json",
        "lies below `.claude`, which is not a folder",
    );
    check(
        &|f| {
            write(f, "real.json", "{}");
            symlink("real.json", f.join(".mcp.json")).expect("linked");
        },
        ".mcp.json",
        "is a symbolic link to `real.json`",
    );
    check(
        &|f| symlink(outside.path().join("x"), f.join("CLAUDE.md")).expect("linked"),
        "CLAUDE.md",
        "is a symbolic link to `",
    );
    check(
        &|f| {
            let file = fs::File::create(f.join(".mcp.json")).expect("made");
            file.set_len(MAX_FILE_SIZE + 1).expect("long");
        },
        ".mcp.json",
        "is too large: 16 MiB",
    );
    check(
        &|f| {
            let made = std::os::unix::net::UnixListener::bind(f.join(".mcp.json"));
            drop(made.expect("a socket"));
        },
        ".mcp.json",
        "is not a regular file",
    );
    assert_eq!(fs::read_dir(outside.path()).expect("a folder").count(), 0);
}

#[test]
fn a_linked_claude_md_is_written_through() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "AGENTS.md", "# All agents\n");
    symlink("AGENTS.md", folder.path().join("CLAUDE.md")).expect("linked");
    sync(folder.path(), &rendering(&all(1)), None).expect("a sync");
    assert!(fs::symlink_metadata(folder.path().join("CLAUDE.md")).expect("there").is_symlink());
    let text = fs::read_to_string(folder.path().join("AGENTS.md")).expect("read");
    assert!(text.contains("block\n1\n") && text.ends_with("# All agents\n"), "{text}");
    // Nothing of it is ours alone, so the link and the file stay when the block goes.
    sync(folder.path(), &Rendering::default(), None).expect("a sync");
    assert_eq!(
        fs::read_to_string(folder.path().join("CLAUDE.md")).expect("read"),
        "# All agents\n"
    );
}

/// The plan to bring a folder to a rendering.
fn planned(root: &mut Root, wanted: &Rendering) -> Plan {
    let desired = Desired::new(wanted, &mut DigestCache::default());
    let expected = Lock::of(Header::default(), &desired);
    let lock = root.read_own(LOCK_FILE).expect("read");
    let lock = LockState::read(LOCK_FILE, lock.as_deref(), None, || expected).expect("a lock");
    let actual = root.read_all(paths(&desired, &lock));
    let comparison = compare(&desired, &lock, &actual, Policy::Keep);
    Plan::new(&desired, &lock, &actual, &comparison, Header::default())
}

#[test]
fn a_folder_that_appeared_since_the_plan_is_filled_and_not_replaced() {
    let wanted = rendering(&all(1));
    let whole = TempDir::new().expect("a folder");
    sync(whole.path(), &wanted, None).expect("a sync");
    let mut expected = contents(whole.path());
    for mine in [None, Some(".claude/mine.md"), Some(".claude/agents/mine.md")] {
        let folder = TempDir::new().expect("a folder");
        let mut root = Root::new(folder.path());
        let plan = planned(&mut root, &wanted);
        match mine {
            Some(mine) => write(folder.path(), mine, "mine"),
            None => fs::create_dir(folder.path().join(".claude")).expect("a folder in it"),
        }
        root.apply(&[&plan], None).expect("carried out");
        let found = contents(folder.path());
        let path = mine.map(|mine| RepoPath::parse(mine).expect("a path"));
        expected
            .extend(path.iter().filter_map(|path| Some((path.clone(), found.get(path)?.clone()))));
        assert_eq!(found, expected, "{mine:?}");
        path.iter().for_each(|path| drop(expected.remove(path)));
    }
}

#[test]
fn what_appeared_in_the_place_of_a_folder_is_left() {
    let elsewhere = TempDir::new().expect("a folder");
    for link in [true, false] {
        let folder = TempDir::new().expect("a folder");
        let mut root = Root::new(folder.path());
        let plan = planned(&mut root, &rendering(&all(1)));
        match link {
            true => symlink(elsewhere.path(), folder.path().join(".claude")).expect("a link"),
            false => write(folder.path(), ".claude", "mine"),
        }
        let error = root.apply(&[&plan], None).expect_err("something is there");
        assert!(error.to_string().contains("lies below `.claude`"), "{error}");
        assert_eq!(fs::read_dir(elsewhere.path()).expect("a list").count(), 0);
        let names = fs::read_dir(folder.path()).expect("a list");
        let names = names.map(|entry| entry.expect("an entry").file_name());
        assert!(!names.into_iter().any(|name| name.to_string_lossy().starts_with(TEMPORARY)));
    }
}

#[test]
fn a_file_that_changed_since_the_plan_is_not_overwritten() {
    let folder = TempDir::new().expect("a folder");
    sync(folder.path(), &rendering(&all(1)), None).expect("a sync");
    let mut root = Root::new(folder.path());
    let plan = planned(&mut root, &rendering(&all(2)));
    write(folder.path(), ".mcp.json", "{}");
    let error = root.apply(&[&plan], None).expect_err("a change in between");
    assert!(error.to_string().contains("changed by someone else"), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join(".mcp.json")).expect("read"), "{}");
}

#[test]
fn errors_name_the_file_and_what_to_do() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "file", "x");
    let error = write_atomic(&folder.path().join("file/x"), b"y", false).expect_err("no folder");
    assert!(error.to_string().starts_with("cannot write `"), "{error}");
    let full = FsError::new("write", Path::new("x"), ErrorKind::StorageFull.into());
    assert!(full.hint().is_some_and(|hint| hint.contains("disk is full")));
    let again = write_new(&folder.path().join("file"), b"y", false).expect_err("there already");
    assert!(again.to_string().starts_with("cannot write `"), "{again}");
    write_new(&folder.path().join("a/b/c.sh"), b"y", true).expect("written");
    assert_eq!(fs::read(folder.path().join("a/b/c.sh")).expect("read"), b"y");
}

#[test]
fn leftovers_of_killed_processes_are_removed() {
    let folder = TempDir::new().expect("a folder");
    let dead = format!("{TEMPORARY}4294967295-7");
    write(folder.path(), &format!(".claude/agents/{dead}"), "half");
    write(folder.path(), &dead, "half");
    write(folder.path(), &format!("{dead}8/agents/x.md"), "half a folder");
    write(folder.path(), ".claude-env-tmp-notes", "mine");
    sync(folder.path(), &rendering(&all(1)), None).expect("a sync");
    let left: Vec<String> = contents(folder.path())
        .into_keys()
        .filter(|path| path.as_str().contains("tmp"))
        .map(|path| path.as_str().to_owned())
        .collect();
    assert_eq!(left, [".claude-env-tmp-notes"]);
}

#[test]
fn folders_of_ours_go_when_they_are_empty() {
    let folder = TempDir::new().expect("a folder");
    sync(folder.path(), &rendering(&all(1)), None).expect("a sync");
    write(folder.path(), ".claude/hooks/mine.sh", "x");
    sync(folder.path(), &Rendering::default(), None).expect("a sync");
    assert!(!folder.path().join(".claude/agents").exists());
    assert!(folder.path().join(".claude/hooks/mine.sh").exists());
    assert!(!folder.path().join("CLAUDE.md").exists());
}
