use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::super::apply::{ApplyOutcome, SavedGeneration};
use super::super::tests::{all, cases_over, contents, foreign, lay_out, write};
use super::*;
use claude_env_core::render::Rendering;
use claude_env_core::workspace::testing::{
    Values, Workspace, any_values, any_workspace, compare_files, foreign_in, rendering, values_in,
};
use claude_env_core::workspace::{
    Desired, DigestCache, Header, LOCAL_LOCK_FILE, LOCK_FILE, Lock, LockState, PENDING_SUFFIX,
    Past, Plan, Policy, compare, paths, roll_back,
};

/// A workspace with a folder for its generations.
struct Stage {
    workspace: TempDir,
    store: TempDir,
}

type Snapshot = BTreeMap<String, (Vec<u8>, u32)>;

impl Stage {
    fn new(workspace: &Workspace) -> Self {
        let stage = Self {
            workspace: lay_out(&workspace.files(), workspace.lock().as_deref()),
            store: TempDir::new().expect("a folder"),
        };
        // A mode that only a person can have chosen.
        let servers = stage.path().join(".mcp.json");
        if servers.exists() {
            fs::set_permissions(servers, PermissionsExt::from_mode(0o600)).expect("a mode");
        }
        stage
    }

    fn path(&self) -> &Path {
        self.workspace.path()
    }

    fn snapshot(&self) -> Snapshot {
        let names = contents(self.path()).into_keys().map(|path| path.as_str().to_owned());
        (names.chain([LOCK_FILE.to_owned()]))
            .filter_map(|name| {
                let full = self.path().join(&name);
                let mode = fs::metadata(&full).ok()?.mode() & 0o7777;
                Some((name, (fs::read(full).ok()?, mode)))
            })
            .collect()
    }

    fn generations(&self) -> Vec<Generation> {
        Generations::at(self.store.path()).all().expect("read")
    }

    fn backup(&self, target: Option<u64>) -> Backup<'_> {
        Backup {
            folder: Some(self.store.path().to_owned()),
            verb: "test",
            target,
            date: "2026-01-02".to_owned(),
            required: true,
        }
    }

    fn plan(&self, root: &mut Root, wanted: &Rendering, policy: Policy) -> Plan {
        let desired = Desired::new(wanted, &mut DigestCache::default());
        let state = state(root, &Lock::of(Header::default(), &desired));
        let actual = root.read_all(paths(&desired, &state));
        let comparison = compare(&desired, &state, &actual, policy);
        Plan::new(&desired, &state, &actual, &comparison, Header::default())
    }

    fn sync(
        &self,
        wanted: &Values,
        policy: Policy,
        fail_after: Option<u32>,
    ) -> Result<(Plan, SavedGeneration), FsError> {
        let mut root = Root::new(self.path());
        root.fail_after.set(fail_after);
        let plan = self.plan(&mut root, &rendering(wanted), policy);
        let applied = apply(&mut root, &[&plan], &self.backup(None))?;
        Ok((plan, applied))
    }

    /// What `ops` does for a rollback.
    fn back(
        &self,
        number: Option<u64>,
        policy: Policy,
        fail_after: Option<u32>,
    ) -> Result<Plan, FsError> {
        let all = self.generations();
        let mut root = Root::new(self.path());
        root.fail_after.set(fail_after);
        let state = state(&root, &Lock::default());
        let last = all.last().expect("a generation");
        let number = number.unwrap_or(match last.target {
            Some(target) if state.pending.is_some() => target,
            _ => last.number,
        });
        let past = Past::before(number, &all).expect("a generation");
        let lock = past.lock(LOCK_FILE).expect("a lock");
        let actual = root.read_all(lock.paths(&state));
        let plan = roll_back(lock, &state, &actual, policy).expect("a good lock");
        if !plan.is_noop() {
            apply(&mut root, &[&plan], &self.backup(Some(past.number)))?;
        }
        Ok(plan)
    }

    fn values(&self) -> Values {
        values_in(&contents(self.path()))
    }
}

/// What `ops` does to carry plans out.
fn apply(
    root: &mut Root,
    plans: &[&Plan],
    backup: &Backup<'_>,
) -> Result<SavedGeneration, FsError> {
    if plans.iter().all(|plan| plan.is_noop()) {
        return Ok(SavedGeneration::default());
    }
    let old = root.snapshot(plans, &mut DigestCache::default());
    let applied = match plans.iter().all(|plan| plan.changes.is_empty()) {
        true => SavedGeneration::default(),
        false => root.save_generation(&old, plans.iter().any(|plan| plan.lock.leftover), backup)?,
    };
    match root.apply(plans, Some((&old, &|_, _| Ok(()))))? {
        ApplyOutcome::Applied => Ok(applied),
        ApplyOutcome::RolledBack(error) => Err(error),
    }
}

fn state(root: &Root, expected: &Lock) -> LockState {
    let lock = root.read_own(LOCK_FILE).expect("read");
    let pending = root.read_own(&format!("{LOCK_FILE}{PENDING_SUFFIX}")).expect("read");
    LockState::read(LOCK_FILE, lock.as_deref(), pending.as_deref(), || expected.clone())
        .expect("a good lock")
}

fn any_policy() -> impl Strategy<Value = Policy> {
    prop::sample::select(vec![Policy::Keep, Policy::Force])
}

fn empty() -> Workspace {
    let style = claude_env_core::workspace::testing::TextStyle::Pretty;
    Workspace { actual: Values::new(), base: Values::new(), foreign: true, style }
}

proptest! {
    #![proptest_config(cases_over(4))]

    #[test]
    fn a_rollback_restores_every_byte_and_mode_and_can_be_undone(
        workspace in any_workspace(),
        first in any_values(),
        second in any_values(),
        policy in any_policy(),
    ) {
        let stage = Stage::new(&workspace);
        let mut states = vec![stage.snapshot()];
        for wanted in [&first, &second] {
            let (plan, applied) = stage.sync(wanted, policy, None).expect("a sync");
            prop_assert_eq!(applied.generation.is_some(), !plan.changes.is_empty());
            if applied.generation.is_none() {
                // Only the lock may have moved, and that is not taken back.
                states.pop();
            }
            states.push(stage.snapshot());
        }
        prop_assume!(states.len() > 1);
        let last = states.pop().expect("a state");
        let before = states.last().expect("a state").clone();
        let plan = stage.back(None, policy, None).expect("a rollback");
        prop_assert_eq!(&plan.problems, &[]);
        prop_assert_eq!(stage.snapshot(), before);
        stage.back(None, policy, None).expect("a rollback of the rollback");
        prop_assert_eq!(stage.snapshot(), last);
        stage.back(Some(1), policy, None).expect("a rollback over everything");
        prop_assert_eq!(&stage.snapshot(), &states[0]);
    }

    #[test]
    fn after_a_forced_sync_nothing_drifts(workspace in any_workspace(), wanted in any_values()) {
        let stage = Stage::new(&workspace);
        let mine = foreign(stage.path());
        stage.sync(&wanted, Policy::Force, None).expect("a sync");
        prop_assert_eq!(foreign(stage.path()), mine);
        let pending = stage.path().join(format!("{LOCK_FILE}{PENDING_SUFFIX}"));
        prop_assert!(!pending.exists());
        let lock = fs::read_to_string(stage.path().join(LOCK_FILE)).ok();
        let wanted = rendering(&wanted);
        let (comparison, _) =
            compare_files(&wanted, lock.as_deref(), &contents(stage.path()));
        prop_assert!(comparison.is_clean(), "{:?}", comparison.states);
    }
}

proptest! {
    #![proptest_config(cases_over(20))]

    /// Stops at every step of a sync, then goes back; at once, and after a sync that was finished.
    #[test]
    fn a_sync_that_was_stopped_anywhere_can_be_taken_back(
        workspace in any_workspace(),
        wanted in any_values(),
        policy in any_policy(),
        finish in any::<bool>(),
    ) {
        for fail_after in 0.. {
            prop_assert!(fail_after < 200);
            let stage = Stage::new(&workspace);
            let before = stage.snapshot();
            let done = stage.sync(&wanted, policy, Some(fail_after)).is_ok();
            prop_assert_eq!(foreign(stage.path()), foreign_in(&workspace.files()));
            if finish {
                stage.sync(&wanted, policy, None).expect("a sync");
            }
            if stage.generations().is_empty() {
                if !finish {
                    let now = stage.snapshot();
                    let ours = now.iter().filter(|(name, _)| !name.starts_with(".claude-env"));
                    let then = before.iter().filter(|(name, _)| !name.starts_with(".claude-env"));
                    prop_assert!(ours.eq(then));
                }
            } else {
                stage.back(None, Policy::Keep, None).expect("a rollback");
                prop_assert_eq!(stage.snapshot(), before);
            }
            if done {
                break;
            }
        }
    }

    /// Stops at every step of a rollback; then goes on with it, or syncs.
    #[test]
    fn a_rollback_that_was_stopped_anywhere_is_put_right(
        workspace in any_workspace(),
        wanted in any_values(),
        again in any::<bool>(),
    ) {
        for fail_after in 0.. {
            prop_assert!(fail_after < 200);
            let stage = Stage::new(&workspace);
            let before = stage.snapshot();
            let (plan, _) = stage.sync(&wanted, Policy::Keep, None).expect("a sync");
            if plan.changes.is_empty() {
                break;
            }
            let after = stage.values();
            let done = stage.back(None, Policy::Keep, Some(fail_after)).is_ok();
            prop_assert_eq!(foreign(stage.path()), foreign_in(&workspace.files()));
            if again {
                stage.back(Some(1), Policy::Keep, None).expect("a rollback");
                prop_assert_eq!(stage.snapshot(), before);
            } else {
                stage.sync(&wanted, Policy::Keep, None).expect("a sync");
                prop_assert_eq!(stage.values(), after);
            }
            if done {
                break;
            }
        }
    }
}

fn servers(stage: &Stage) -> String {
    fs::read_to_string(stage.path().join(".mcp.json")).expect("read")
}

#[test]
fn what_was_changed_since_stays() {
    let stage = Stage::new(&empty());
    stage.sync(&all(1), Policy::Keep, None).expect("a sync");
    stage.sync(&all(2), Policy::Keep, None).expect("a sync");
    // One server of ours is edited, one of somebody else appears, a file of ours is edited.
    let edited = servers(&stage).replacen("run-2", "mine-now", 1);
    let edited = edited.replacen("{\n", "{ // new\n", 1);
    write(stage.path(), ".mcp.json", &edited);
    write(stage.path(), ".claude/agents/one.md", "edited\n");
    let plan = stage.back(None, Policy::Keep, None).expect("a rollback");
    let kept: Vec<String> = (plan.lines.iter())
        .filter(|line| !line.reason.is_empty())
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        kept,
        [
            "! .claude/agents/one.md  conflict: changed since; kept",
            "! .mcp.json  mcpServers/a  conflict: changed since; kept",
        ]
    );
    let now = servers(&stage);
    assert!(
        now.contains("// new") && now.contains("mine-now") && now.contains("\"mine\""),
        "{now}"
    );
    assert_eq!(now.matches("run-1").count(), 2, "the other servers went back: {now}");
    assert_eq!(fs::read(stage.path().join(".claude/agents/one.md")).expect("read"), b"edited\n");
    // What is kept is no more ours than before.
    let (plan, _) = stage.sync(&all(2), Policy::Keep, None).expect("a sync");
    assert!(
        !plan
            .lines
            .iter()
            .any(|line| line.path.as_str().ends_with("one.md") && line.reason.is_empty())
    );
    assert!(servers(&stage).contains("mine-now"));

    // By force whole files go back, and that can be undone.
    let now = stage.snapshot();
    stage.back(Some(2), Policy::Force, None).expect("a rollback");
    assert!(!servers(&stage).contains("mine-now"));
    stage.back(None, Policy::Keep, None).expect("a rollback of it");
    assert_eq!(stage.snapshot(), now);
}

#[test]
fn an_edit_between_two_syncs_survives_a_rollback_over_both() {
    let stage = Stage::new(&empty());
    stage.sync(&all(1), Policy::Keep, None).expect("a sync");
    stage.sync(&all(2), Policy::Keep, None).expect("a sync");
    let text = servers(&stage).replacen("{\n", "{ // between\n", 1);
    write(stage.path(), ".mcp.json", text);
    stage.sync(&all(1), Policy::Keep, None).expect("a sync");
    stage.back(Some(2), Policy::Keep, None).expect("a rollback");
    let now = servers(&stage);
    assert!(now.contains("// between") && now.contains("run-1"), "{now}");
}

#[test]
fn a_file_that_was_removed_and_made_anew_gets_its_old_mode_back() {
    let style = claude_env_core::workspace::testing::TextStyle::Pretty;
    let values = Values::from([("server a", 1)]);
    let workspace =
        Workspace { actual: values.clone(), base: values.clone(), foreign: false, style };
    let stage = Stage::new(&workspace);
    let before = stage.snapshot();
    stage.sync(&Values::new(), Policy::Keep, None).expect("a sync");
    stage.sync(&values, Policy::Keep, None).expect("a sync");
    stage.back(Some(1), Policy::Keep, None).expect("a rollback");
    assert_eq!(stage.snapshot(), before);
}

#[test]
fn the_last_ten_are_kept_and_a_torn_one_goes() {
    let stage = Stage::new(&empty());
    for number in 0..14_u8 {
        let (_, applied) = stage.sync(&all(number % 2 + 1), Policy::Keep, None).expect("a sync");
        assert_eq!(applied.generation, Some(u64::from(number) + 1));
    }
    let numbers: Vec<u64> = stage.generations().iter().map(|one| one.number).collect();
    assert_eq!(numbers, (5..=14).collect::<Vec<_>>());
    let file = stage.store.path().join("14");
    assert_eq!(fs::metadata(&file).expect("there").mode() & 0o777, 0o600);
    let bytes = fs::read(&file).expect("read");
    write(stage.store.path(), "15", &bytes[..bytes.len() / 2]);
    assert_eq!(stage.generations().len(), 10, "a torn one is none");
    let (_, applied) = stage.sync(&all(1), Policy::Keep, None).expect("a sync");
    assert_eq!(applied.generation, Some(15));
    assert_eq!(stage.generations().last().map(|one| one.number), Some(15));
}

#[test]
fn a_first_render_keeps_names_only() {
    let stage = Stage::new(&Workspace { foreign: false, ..empty() });
    stage.sync(&all(1), Policy::Keep, None).expect("a sync");
    let one = stage.generations().remove(0);
    assert!(!one.holds_bytes());
    assert_eq!(one.files().count(), 5);
    assert!(fs::metadata(stage.store.path().join("1")).expect("there").len() < 1500);
}

#[test]
fn no_sync_that_changes_nothing_keeps_a_generation() {
    let stage = Stage::new(&empty());
    stage.sync(&all(1), Policy::Keep, None).expect("a sync");
    let (plan, applied) = stage.sync(&all(1), Policy::Force, None).expect("a sync");
    assert!(plan.is_noop() && applied.generation.is_none());
    assert_eq!(stage.generations().len(), 1);
}

#[test]
fn what_does_not_read_back_is_put_back() {
    let stage = Stage::new(&empty());
    stage.sync(&all(1), Policy::Keep, None).expect("a sync");
    let before = stage.snapshot();
    let mut root = Root::new(stage.path());
    let mut values = all(2);
    values.remove("file one");
    let mut plan = stage.plan(&mut root, &rendering(&values), Policy::Keep);
    // As if the disk had given back something else.
    let other = claude_env_core::workspace::Digest::of_bytes(b"other");
    plan.expected.last_mut().expect("something is expected").digest = Some(other);
    let error = apply(&mut root, &[&plan], &stage.backup(None)).expect_err("not as written");
    assert!(error.to_string().contains("all is as it was before"), "{error}");
    assert_eq!(stage.snapshot(), before);
    assert!(!stage.path().join(format!("{LOCK_FILE}{PENDING_SUFFIX}")).exists());
}

#[test]
fn a_forced_sync_needs_a_place_for_what_it_overwrites() {
    let stage = Stage::new(&empty());
    write(stage.store.path(), "file", "in the way");
    let blocked = stage.store.path().join("file");
    for (folder, required) in [(None, true), (Some(blocked), true)] {
        let before = stage.snapshot();
        let mut root = Root::new(stage.path());
        let plan = stage.plan(&mut root, &rendering(&all(1)), Policy::Force);
        let backup = Backup { folder, required, ..stage.backup(None) };
        apply(&mut root, &[&plan], &backup).expect_err("no place");
        assert_eq!(stage.snapshot(), before);
    }
    let mut root = Root::new(stage.path());
    let plan = stage.plan(&mut root, &rendering(&all(1)), Policy::Keep);
    let backup = Backup { folder: None, required: false, ..stage.backup(None) };
    let applied = apply(&mut root, &[&plan], &backup).expect("a sync all the same");
    assert!(applied.no_generation.is_some());
}

/// What a sync does by both locks: that for everyone, and that of one person.
struct Both {
    stage: Stage,
}

/// What one person has in files that git does not see.
fn personal(value: u8) -> Rendering {
    let mut rendering = Rendering::default();
    if value > 0 {
        let mut values = Values::from([("env A", value), ("file one", value), ("block", value)]);
        values.remove(if value == 3 { "file one" } else { "" });
        rendering = claude_env_core::workspace::testing::rendering(&values);
        for file in &mut rendering.files {
            let name = match file.path.as_str() {
                "CLAUDE.md" => "CLAUDE.local.md",
                ".claude/settings.json" => ".claude/settings.local.json",
                other => &other.replace("one.md", "own.md"),
            };
            file.path = super::super::tests::path(name);
        }
        rendering.files.sort_by(|a, b| a.path.cmp(&b.path));
    }
    rendering
}

impl Both {
    fn new() -> Self {
        let stage = Stage::new(&empty());
        write(stage.path(), ".claude/settings.local.json", "{ // mine\n  \"x\": 1\n}\n");
        write(stage.path(), "CLAUDE.local.md", "My notes.\n");
        Self { stage }
    }

    fn states(root: &Root, expected: [&Lock; 2]) -> [LockState; 2] {
        let read = |name: &str| root.read_own(name).expect("read");
        [(LOCK_FILE, expected[0]), (LOCAL_LOCK_FILE, expected[1])].map(|(file, expected)| {
            let (lock, pending) = (read(file), read(&format!("{file}{PENDING_SUFFIX}")));
            LockState::read(file, lock.as_deref(), pending.as_deref(), || expected.clone())
                .expect("a good lock")
        })
    }

    fn sync(
        &self,
        value: u8,
        own: u8,
        fail_after: Option<u32>,
    ) -> Result<SavedGeneration, FsError> {
        let mut root = Root::new(self.stage.path());
        root.fail_after.set(fail_after);
        let renderings = [rendering(&all(value)), personal(own)];
        let [main, own] =
            renderings.each_ref().map(|it| Desired::new(it, &mut DigestCache::default()));
        let locks = [&main, &own].map(|desired| Lock::of(Header::default(), desired));
        let states = Self::states(&root, [&locks[0], &locks[1]]);
        let plans: Vec<Plan> = ([main, own].iter().zip(&states))
            .map(|(desired, state)| {
                let actual = root.read_all(paths(desired, state));
                let comparison = compare(desired, state, &actual, Policy::Keep);
                Plan::new(desired, state, &actual, &comparison, Header::default())
            })
            .collect();
        apply(&mut root, &plans.iter().collect::<Vec<_>>(), &self.stage.backup(None))
    }

    fn back(&self, number: u64, fail_after: Option<u32>) -> Result<SavedGeneration, FsError> {
        let mut root = Root::new(self.stage.path());
        root.fail_after.set(fail_after);
        let past = Past::before(number, &self.stage.generations()).expect("a generation");
        let states = Self::states(&root, [&Lock::default(), &Lock::default()]);
        let plans = states.each_ref().map(|state| {
            let lock = past.lock(state.file()).expect("a lock");
            let actual = root.read_all(lock.paths(state));
            roll_back(lock, state, &actual, Policy::Keep).expect("a good lock")
        });
        let backup = self.stage.backup(Some(past.number));
        apply(&mut root, &plans.each_ref(), &backup)
    }
}

/// Whether every file of a folder is as in one of two snapshots; but for locks and temporary files.
fn whole(now: &Snapshot, one: &Snapshot, other: &Snapshot) {
    for (name, file) in now.iter().filter(|(name, _)| !name.contains(".claude-env")) {
        let known = [one.get(name), other.get(name)];
        assert!(known.contains(&Some(file)), "{name} is neither old nor new");
    }
}

#[test]
fn both_locks_are_stopped_anywhere_finished_and_taken_back_together() {
    let mut steps = 0;
    // The person's part changes, begins and ends.
    for (own_before, own_after) in [(1, 2), (2, 3), (0, 1), (1, 0)] {
        let (before, after) = {
            let both = Both::new();
            both.sync(1, own_before, None).expect("a sync");
            let before = both.stage.snapshot();
            let applied = both.sync(2, own_after, None).expect("a sync");
            assert_eq!(applied.generation, Some(2), "one generation for both");
            let after = both.stage.snapshot();
            both.back(2, None).expect("a rollback");
            assert_eq!(both.stage.snapshot(), before);
            both.back(3, None).expect("a rollback of it");
            assert_eq!(both.stage.snapshot(), after);
            (before, after)
        };
        for (fail_after, finish) in
            (0..200).flat_map(|fail_after| [(fail_after, true), (fail_after, false)])
        {
            let both = Both::new();
            both.sync(1, own_before, None).expect("a sync");
            let done = both.sync(2, own_after, Some(fail_after)).is_ok();
            whole(&both.stage.snapshot(), &before, &after);
            if finish {
                both.sync(2, own_after, None).expect("a sync");
                assert_eq!(
                    both.stage.snapshot(),
                    after,
                    "stopped at step {fail_after}, then synced"
                );
            }
            if both.stage.generations().len() > 1 {
                both.back(2, None).expect("a rollback");
            }
            assert_eq!(
                both.stage.snapshot(),
                before,
                "stopped at step {fail_after}, then taken back"
            );
            if done && !finish {
                steps += fail_after;
                break;
            }
        }
        for (fail_after, finish) in
            (0..200).flat_map(|fail_after| [(fail_after, true), (fail_after, false)])
        {
            let both = Both::new();
            both.sync(1, own_before, None).expect("a sync");
            both.sync(2, own_after, None).expect("a sync");
            let done = both.back(2, Some(fail_after)).is_ok();
            whole(&both.stage.snapshot(), &before, &after);
            if finish {
                both.back(2, None).expect("a rollback");
                assert_eq!(
                    both.stage.snapshot(),
                    before,
                    "stopped at step {fail_after}, then finished"
                );
            } else {
                both.sync(2, own_after, None).expect("a sync");
                assert_eq!(
                    both.stage.snapshot(),
                    after,
                    "stopped at step {fail_after}, then synced"
                );
            }
            if done && !finish {
                steps += fail_after;
                break;
            }
        }
    }
    assert!(steps > 200, "{steps} steps");
}
