use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::agent::json_files;
use crate::diagnostic::Sink;
use crate::layer::{Manifest, parse_toml};
use crate::render::Rendering;
use crate::source::Sources;
use crate::workspace::testing::{
    NAMES, Values, Workspace, any_values, any_workspace, apply_plan, compare_files, model_class,
    model_sync, rendering,
};
use crate::workspace::{
    Actual, ActualFile, Desired, DigestCache, Header, LOCK_FILE, Lock, LockState,
};

type Files = BTreeMap<RepoPath, (Vec<u8>, bool)>;

fn manifest(text: &str) -> Manifest {
    let id = Sources::default().add("claude-env.toml", "", text);
    let mut sink = Sink::default();
    let root = parse_toml(id, text, &mut sink);
    assert!(!sink.has_errors(), "{text}");
    Manifest::read(&root)
}

fn side<'r>(rendering: &'r Rendering, lock: Option<&str>, files: &Files) -> Side<'r> {
    let desired = Desired::new(rendering, &mut DigestCache::default());
    let expected = Lock::of(Header::default(), &desired);
    let lock = LockState::read(LOCK_FILE, lock.map(str::as_bytes), None, || expected)
        .expect("a good lock");
    let watched: Vec<RepoPath> = json_files().collect();
    Side::new(desired, lock, &watched, crate::workspace::Policy::Keep, |paths| {
        let there = |path: RepoPath| {
            let (bytes, executable) = files.get(&path)?.clone();
            Some((path, ActualFile::Bytes { bytes, executable }))
        };
        paths.into_iter().filter_map(there).collect::<Actual>()
    })
}

/// `class severity name` of each entry, where an item's name ends with its value.
fn shown(report: &Report<'_>) -> BTreeSet<String> {
    let line = |entry: &DriftEntry| {
        let item = |content: &Content| match (&entry.entry, content) {
            (EntryKey::Item(..), Content::Value(Json::String(item))) => format!(" {item}"),
            _ => String::new(),
        };
        let name = match &entry.entry {
            EntryKey::File | EntryKey::Block => entry.path.to_string(),
            key => format!("{key}{}{}", item(&entry.expected), item(&entry.actual)),
        };
        format!("{} {} {name}", entry.class.word(), entry.severity.word())
    };
    let lines: BTreeSet<String> = report.entries.iter().map(line).collect();
    assert_eq!(lines.len(), report.entries.len(), "no entry twice");
    lines
}

/// The table of a layer, the severity and the shown name of an entry of the model.
fn known(name: &'static str) -> (&'static str, &'static str, String) {
    match name.split_once(' ') {
        Some(("server", short)) => ("mcp_servers", "high", format!("mcpServers/{short}")),
        Some(("env", short)) => ("environment", "medium", format!("env/{short}")),
        Some(("item", short)) => {
            ("permissions.deny", "critical", format!("permissions/deny {short}"))
        }
        Some((_, "one")) => ("files", "low", ".claude/agents/one.md".to_owned()),
        Some(_) => ("files", "critical", ".claude/hooks/two.sh".to_owned()),
        None if name == "leaf" => ("settings", "medium", name.to_owned()),
        None => ("instructions", "low", "CLAUDE.md".to_owned()),
    }
}

/// What a foreign workspace has besides: table and shown name.
const FOREIGN: [(&str, &str); 4] = [
    ("settings", "model"),
    ("environment", "env/MINE"),
    ("permissions.deny", "permissions/deny M"),
    ("mcp_servers", "mcpServers/mine"),
];

/// The model's report, and the number of entries that it is a part of.
fn model(
    wanted: &Values,
    base: &Values,
    there: &Values,
    foreign: bool,
    exclusive: &[&str],
) -> (BTreeSet<String>, usize) {
    let mut lines = BTreeSet::new();
    let mut owned = 0;
    for name in NAMES {
        let get = |values: &Values| values.get(name).copied();
        let (table, severity, shown) = known(name);
        let is_exclusive = exclusive.contains(&table);
        let severity = if is_exclusive { "critical" } else { severity };
        let class = model_class(get(wanted), get(base), get(there));
        let word = class.map(Class::word);
        let bad = ["drift", "conflict", "foreign collision", "orphan drifted"];
        if let Some(word) = word.filter(|word| bad.contains(word)) {
            lines.insert(format!("{word} {severity} {shown}"));
        }
        owned += usize::from(class.is_some() && (get(wanted).is_some() || get(there).is_some()));
        if class.is_none() && get(there).is_some() && is_exclusive {
            lines.insert(format!("foreign critical {shown}"));
            owned += 1;
        }
    }
    for (_, name) in FOREIGN.iter().filter(|(table, _)| foreign && exclusive.contains(table)) {
        lines.insert(format!("foreign critical {name}"));
        owned += 1;
    }
    (lines, owned)
}

fn any_exclusive() -> impl Strategy<Value = Vec<&'static str>> {
    let all = vec!["mcp_servers", "permissions.deny", "environment", "settings"];
    prop::sample::subsequence(all, 0..=4)
}

fn check(report: &Report<'_>, expect: &(BTreeSet<String>, usize)) {
    let (lines, owned) = expect;
    assert_eq!(&shown(report), lines);
    assert_eq!(report.owned, *owned);
    let parts = if *owned == 0 { 0.0 } else { lines.len() as f64 / *owned as f64 * 100.0 };
    assert!((report.percentage() - parts).abs() < 0.01, "{} {parts}", report.percentage());
    assert!((0.0..=100.0).contains(&report.percentage()));
    assert_eq!(report.is_clean(), lines.is_empty());
}

fn policy(exclusive: &[&str]) -> Manifest {
    manifest(&format!("[policy]\nexclusive = {exclusive:?}\n"))
}

proptest! {
    #[test]
    fn a_report_says_what_the_model_says(
        workspace in any_workspace(), wanted in any_values(), exclusive in any_exclusive()
    ) {
        let manifest = policy(&exclusive);
        let policy = DriftPolicy::new(&manifest, "2026-11-22");
        let wanted_files = rendering(&wanted);
        let mut files = workspace.files();
        let lock = workspace.lock();
        let before = side(&wanted_files, lock.as_deref(), &files);
        let expect = model(&wanted, &workspace.base, &workspace.actual, workspace.foreign, &exclusive);
        check(&Report::new(&[before], &policy), &expect);

        // A sync keeps what a person did, so that is what is left to report.
        let plan = compare_files(&wanted_files, lock.as_deref(), &files).1;
        apply_plan(&plan, &mut files);
        let (mut actual, mut base) = (Values::new(), Values::new());
        for name in NAMES {
            let get = |values: &Values| values.get(name).copied();
            let (there, last) = model_sync(get(&wanted), get(&workspace.base), get(&workspace.actual));
            actual.extend(there.map(|value| (name, value)));
            base.extend(last.map(|value| (name, value)));
        }
        let after = side(&wanted_files, Some(&plan.lock.next), &files);
        let expect = model(&wanted, &base, &actual, workspace.foreign, &exclusive);
        check(&Report::new(&[after], &policy), &expect);
    }

    #[test]
    fn there_is_no_drift_after_a_sync(workspace in any_workspace(), wanted in any_values()) {
        // Nobody touched what the last sync wrote.
        let workspace = Workspace { base: workspace.actual.clone(), ..workspace };
        let wanted_files = rendering(&wanted);
        let mut files = workspace.files();
        let lock = workspace.lock();
        let manifest = Manifest::default();
        let policy = DriftPolicy::new(&manifest, "");
        prop_assert!(Report::new(&[side(&wanted_files, lock.as_deref(), &files)], &policy).is_clean());
        let plan = compare_files(&wanted_files, lock.as_deref(), &files).1;
        apply_plan(&plan, &mut files);
        let after = side(&wanted_files, Some(&plan.lock.next), &files);
        prop_assert!(after.comparison().is_clean());
        let report = Report::new(&[after], &policy);
        prop_assert!(report.is_clean() && report.percentage() == 0.0);
        prop_assert_eq!(report.action(), Action::Nothing);
    }
}

/// A workspace that was synced with these values, and then edited.
fn edited(
    values: &[(&'static str, u8)],
    edit: impl FnOnce(&mut Files),
    manifest: &str,
) -> Vec<String> {
    let values: Values = values.iter().copied().collect();
    let workspace = Workspace {
        actual: values.clone(),
        base: values.clone(),
        foreign: false,
        style: crate::workspace::testing::TextStyle::Pretty,
    };
    let wanted = rendering(&values);
    let mut files = workspace.files();
    edit(&mut files);
    let manifest = self::manifest(manifest);
    let policy = DriftPolicy::new(&manifest, "2026-11-22");
    let report = Report::new(&[side(&wanted, workspace.lock().as_deref(), &files)], &policy);
    let mut lines: Vec<String> = shown(&report).into_iter().collect();
    lines.extend(report.unreadable.iter().map(|file| {
        format!("unreadable {} {} {}", file.severity.word(), file.problem.path, file.entries)
    }));
    lines.extend(
        report.ignored.iter().map(|(entry, rule)| format!("ignored {} {}", entry.key, rule.owner)),
    );
    lines.extend(report.expired.iter().map(|rule| format!("expired {}", rule.owner)));
    lines.push(format!("{} {}/{}", report.action().word(), report.drifted(), report.owned));
    lines
}

fn replace(files: &mut Files, path: &str, from: &str, to: &str) {
    let path = RepoPath::parse(path).expect("a path");
    let (bytes, _) = files.get_mut(&path).expect("there");
    let text = String::from_utf8(bytes.clone()).expect("text");
    assert!(text.contains(from), "{text}");
    *bytes = text.replace(from, to).into_bytes();
}

#[test]
fn what_is_to_be_done_goes_by_the_worst() {
    let all = [("env A", 1), ("server a", 1), ("item X", 1), ("block", 1)];
    let env = |files: &mut Files| replace(files, ".claude/settings.json", "\"1\"", "\"2\"");
    assert_eq!(edited(&all, |_| {}, ""), ["none 0/4"]);
    assert_eq!(edited(&all, env, ""), ["drift medium env/A", "remediate 1/4"]);
    let item = |files: &mut Files| replace(files, ".claude/settings.json", "\"X\"", "\"Z\"");
    assert_eq!(edited(&all, item, ""), ["drift critical permissions/deny X", "notify-leads 1/4"]);
    assert_eq!(
        edited(&all, item, "[policy]\nexclusive = [\"permissions.deny\"]\n"),
        [
            "drift critical permissions/deny X",
            "foreign critical permissions/deny Z",
            "notify-leads 2/5"
        ]
    );
    // A mild foreign entry is a person's to policy.
    let extra = |files: &mut Files| {
        replace(files, ".claude/settings.json", "\"A\": \"1\"", "\"A\": \"1\", \"B\": \"2\"");
    };
    let mild =
        "[policy]\nexclusive = [\"environment\"]\n[drift]\nseverity = { environment = \"low\" }\n";
    assert_eq!(edited(&all, extra, mild), ["foreign low env/B", "review 1/5"]);
}

#[test]
fn ignored_entries_are_owned_and_not_drifted() {
    let all = [("env A", 1), ("server a", 1)];
    let env = |files: &mut Files| replace(files, ".claude/settings.json", "\"1\"", "\"2\"");
    let rule = |until: &str| {
        format!(
            "[drift]\nignore = [{{ path = \"environment\", reason = \"r\", owner = \"o\", until = {until} }}]\n"
        )
    };
    assert_eq!(edited(&all, env, &rule("2026-11-22")), ["ignored environment.A o", "none 0/2"]);
    assert_eq!(
        edited(&all, env, &rule("2026-11-21")),
        ["drift medium env/A", "expired o", "remediate 1/2"]
    );
}

#[test]
fn a_file_that_cannot_be_read_counts_with_all_of_its_entries() {
    let all = [("env A", 1), ("item X", 1), ("server a", 1)];
    let broken = |files: &mut Files| replace(files, ".claude/settings.json", "{", "[");
    assert_eq!(
        edited(&all, broken, ""),
        ["unreadable critical .claude/settings.json 2", "notify-leads 2/3"]
    );
    let servers = |files: &mut Files| replace(files, ".mcp.json", "{", "[");
    assert_eq!(edited(&all, servers, ""), ["unreadable high .mcp.json 1", "review 1/3"]);
}

#[test]
fn an_entry_has_its_line_and_what_is_gone_that_of_what_held_it() {
    let values: Values = [("env A", 1), ("env B", 1), ("item X", 1)].into_iter().collect();
    let workspace = Workspace {
        actual: values.clone(),
        base: values.clone(),
        foreign: false,
        style: crate::workspace::testing::TextStyle::Pretty,
    };
    let wanted = rendering(&values);
    let mut files = workspace.files();
    replace(&mut files, ".claude/settings.json", "\"B\": \"1\"", "\"B\": \"7\"");
    replace(&mut files, ".claude/settings.json", "\"X\"", "");
    let manifest = Manifest::default();
    let report = Report::new(
        &[side(&wanted, workspace.lock().as_deref(), &files)],
        &DriftPolicy::new(&manifest, ""),
    );
    let (bytes, _) = files.values().next().expect("the settings");
    let text = String::from_utf8_lossy(bytes);
    let line = |mark: &str| text.lines().position(|line| line.contains(mark)).expect("there") + 1;
    let lines: Vec<(String, usize)> =
        report.entries.iter().map(|entry| (entry.entry.to_string(), entry.line)).collect();
    assert_eq!(
        lines,
        [("permissions/deny".to_owned(), line("deny")), ("env/B".to_owned(), line("\"B\""))]
    );
}
