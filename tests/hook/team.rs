//! Two people's clones of one repository follow ten pushed changes of the config repository, with nothing but git's hooks.
//!
//! Nothing is lost: what either of them changed by hand stays. Nothing is silently different: what is not as configured is exactly
//! what they changed, and `drift` names it.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{Outcome, TestEnv};

/// The ten changes of the config repository: files and what they become, `None` for gone.
const CHANGES: [&[(&str, Option<&str>)]; 10] = [
    &[("base/layer.toml", Some("[environment]\nLEVEL = \"1\"\nEDITOR = \"nano\"\n"))],
    &[("base/rules/more.md", Some("# More\n"))],
    &[("teams/t/layer.toml", Some("[environment]\nTEAM = \"t\"\nTIER = \"two\"\n"))],
    &[("base/layer.development.toml", Some(SERVERS))],
    &[
        ("base/rules/more.md", Some("# More, and better\n")),
        ("base/rules/style.md", Some("# Style\n")),
    ],
    &[("teams/t/layer.toml", Some("[environment]\nTEAM = \"t\"\n"))],
    &[("base/memory/all.md", Some("# For all\n\nAnd some more.\n"))],
    &[("base/agents/one.md", Some("---\nname: one\ndescription: One.\n---\nOne.\n"))],
    &[("base/agents/one.md", None), ("base/rules/last.md", Some("# Last\n"))],
    &[("base/layer.toml", Some("[environment]\nLEVEL = \"10\"\nEDITOR = \"nano\"\n"))],
];
const SERVERS: &str = "[mcp_servers.docs]\nurl = \"https://docs.example\"\n\
                       [mcp_servers.wiki]\nurl = \"https://wiki.example\"\n";

/// Three bare repositories' worth of a stage: `config.git`, `shop.git`, and clones of both.
struct Stage {
    env: TestEnv,
}

impl Stage {
    fn new() -> Self {
        let env = TestEnv::new();
        env.config(&[
            ("base/layer.toml", "[environment]\nLEVEL = \"0\"\nEDITOR = \"nano\"\n"),
            ("base/layer.development.toml", "[mcp_servers.docs]\nurl = \"https://docs.example\"\n"),
            ("base/memory/all.md", "# For all\n"),
            ("base/rules/style.md", "# Style\n"),
            ("teams/t/layer.toml", "[environment]\nTEAM = \"t\"\n"),
        ]);
        env.git("", &["clone", "-q", "--bare", "config", "config.git"]);
        env.git("config", &["remote", "add", "origin", "../config.git"]);
        env.git("", &["init", "-q", "--bare", "--initial-branch=main", "shop.git"]);
        Self { env }
    }

    fn url(&self) -> String {
        format!("file://{}", self.env.join("config.git").display())
    }

    /// Pushes a change of the config repository; the last one rewrites what was pushed before.
    fn publish(&self, number: usize) {
        for (path, text) in CHANGES[number] {
            match text {
                Some(text) => self.env.write(&format!("config/{path}"), text),
                None => fs::remove_file(self.env.join("config").join(path)).expect("removed"),
            }
        }
        self.env.git("config", &["add", "--all"]);
        let commit = ["commit", "-q", "-m", "change"];
        let amend = ["commit", "-q", "--amend", "-m", "rewritten"];
        self.env.git("config", if number == 9 { &amend } else { &commit });
        self.env.git("config", &["push", "-q", "--force", "origin", "main"]);
    }

    /// Runs git as a person does, in a shell that has hooks fetch always.
    #[track_caller]
    fn git(&self, folder: &str, arguments: &[&str]) -> Outcome {
        let mut command = self.env.command("git");
        command.current_dir(self.env.join(folder)).env("CLAUDE_ENV_FRESHNESS", "0");
        let outcome = self.env.outcome(command.args(arguments));
        assert_eq!(outcome.code, Some(0), "{folder}: git {arguments:?}\n{}", outcome.stderr);
        assert!(!outcome.stderr.contains("not synced"), "{folder}: {}", outcome.stderr);
        outcome
    }

    /// Commits all there is, if there is anything.
    fn commit(&self, folder: &str, what: &str) {
        self.git(folder, &["add", "--all"]);
        if !self.git(folder, &["status", "--porcelain"]).stdout.is_empty() {
            self.git(folder, &["commit", "-q", "-m", what]);
        }
    }

    /// Commits, takes over what others pushed, and pushes.
    fn share(&self, folder: &str) {
        self.commit(folder, "Follow the configuration");
        self.git(folder, &["pull", "-q", "--rebase"]);
        self.commit(folder, "Follow the configuration");
        self.git(folder, &["push", "-q"]);
    }

    fn code(&self, folder: &str, name: &str) {
        self.env.write(&format!("{folder}/src/{name}"), format!("{name}\n"));
        self.git(folder, &["add", "src"]);
        self.git(folder, &["commit", "-q", "-m", name]);
    }

    /// What is not as configured is this and nothing else; and all of the configuration's last revision is there.
    #[track_caller]
    fn differs_by(&self, folder: &str, expected: &[&str]) {
        let status = self.env.run(&["-C", folder, "status", "--format", "json"]).json();
        let head = self.env.git("config", &["rev-parse", "HEAD"]);
        assert_eq!(status["rendered"]["revision"], head.trim(), "{folder} is behind: {status:#}");
        let entries = status["entries"].as_array().expect("entries");
        let found: BTreeSet<String> = entries
            .iter()
            .map(|entry| {
                let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                format!("{}{} {}", text("file"), text("pointer"), text("class"))
            })
            .collect();
        let expected: BTreeSet<String> = expected.iter().map(|&text| text.to_owned()).collect();
        assert_eq!(found, expected, "{folder}");
        let drift = self.env.run(&["-C", folder, "drift"]);
        assert_eq!(drift.code, Some(i32::from(!expected.is_empty())), "{}", drift.stdout);
    }
}

/// What Ann and Bob change by hand.
const ANN: &str = ".claude/settings.json/env/EDITOR drift";
const BOB: &str = ".claude/rules/style.md drift";

fn ann_edits(stage: &Stage, folder: &str) {
    let path = format!("{folder}/.claude/settings.json");
    stage.env.edit(&path, "\"nano\"", "\"vim\"");
    stage.env.edit(&path, "{\n  \"", "{\n  \"verbose\": true,\n  \"");
}

fn bob_edits(stage: &Stage, folder: &str) {
    stage.env.write(&format!("{folder}/.claude/rules/style.md"), "# Bob's style\n");
    stage.env.edit(
        &format!("{folder}/.mcp.json"),
        "\"mcpServers\": {",
        "\"mcpServers\": {\n    \"bobs\": { \"command\": \"bob\" },",
    );
    let path = format!("{folder}/CLAUDE.md");
    let text = stage.env.read(&path);
    stage.env.write(&path, format!("Bob was here.\n\n{text}"));
}

/// The changes by hand that have come to a folder, by what it has.
fn edits(stage: &Stage, folder: &str) -> Vec<&'static str> {
    let has = |file: &str, text: &str| stage.env.read(&format!("{folder}/{file}")).contains(text);
    let ann = has(".claude/settings.json", "\"vim\"").then_some(ANN);
    let bob = has(".claude/rules/style.md", "Bob").then_some(BOB);
    ann.into_iter().chain(bob).collect()
}

#[track_caller]
fn has_ann(stage: &Stage, folder: &str) {
    let settings = stage.env.json(&format!("{folder}/.claude/settings.json"));
    assert_eq!((&settings["verbose"], &settings["env"]["EDITOR"]), (&true.into(), &"vim".into()));
}

#[track_caller]
fn has_bob(stage: &Stage, folder: &str) {
    assert_eq!(stage.env.read(&format!("{folder}/.claude/rules/style.md")), "# Bob's style\n");
    assert_eq!(
        stage.env.json(&format!("{folder}/.mcp.json"))["mcpServers"]["bobs"]["command"],
        "bob"
    );
    assert!(stage.env.read(&format!("{folder}/CLAUDE.md")).starts_with("Bob was here.\n"));
}

/// The ways in which somebody gets to another commit; each calls at least one hook in the folder that it returns.
fn travel(stage: &Stage, folder: &str, way: usize, name: &str) -> String {
    let git = |arguments: &[&str]| stage.git(folder, arguments);
    match way % 6 {
        0 => drop(git(&["pull", "-q", "--rebase"])),
        1 => {
            git(&["checkout", "-q", "-b", name]);
            stage.commit(folder, "Follow the configuration");
            stage.code(folder, name);
            git(&["checkout", "-q", "main"]);
            stage.commit(folder, "Follow the configuration");
            git(&["merge", "-q", "--no-ff", "--no-edit", name]);
        }
        2 => {
            git(&["checkout", "-q", "-b", name]);
            stage.commit(folder, "Follow the configuration");
            stage.code(folder, name);
            git(&["checkout", "-q", "main"]);
            stage.commit(folder, "Follow the configuration");
            stage.code(folder, &format!("{name}-main"));
            git(&["checkout", "-q", name]);
            git(&["rebase", "-q", "main"]);
            git(&["checkout", "-q", "main"]);
            git(&["merge", "-q", "--ff-only", name]);
        }
        3 => {
            stage.code(folder, name);
            git(&["commit", "-q", "--amend", "-m", "amended"]);
        }
        4 => {
            let linked = format!("{folder}-{name}");
            git(&["worktree", "add", "-q", "-b", name, &format!("../{linked}")]);
            return linked;
        }
        _ => {
            git(&["checkout", "-q", "--detach"]);
            git(&["checkout", "-q", "main"]);
        }
    }
    folder.to_owned()
}

#[test]
fn two_clones_follow_ten_changes_and_lose_nothing() {
    let stage = Stage::new();
    let env = &stage.env;
    // Ann binds the repository and pushes it; Bob clones it, and has the hooks installed. A machine pushes code.
    env.git("", &["clone", "-q", "shop.git", "ann"]);
    env.git("ann", &["checkout", "-q", "-B", "main"]);
    let init = ["init", "--source", &stage.url(), "--team", "t"];
    env.run(&[&["-C", "ann"], &init[..]].concat()).code(0);
    env.hooks_sync("ann");
    stage.commit("ann", "Bind");
    stage.git("ann", &["push", "-q", "-u", "origin", "main"]);
    env.git("", &["clone", "-q", "shop.git", "bob"]);
    env.run(&["-C", "bob", "init"]).code(0);
    env.git("", &["clone", "-q", "shop.git", "machine"]);
    for number in 0..CHANGES.len() {
        env.git("machine", &["pull", "-q", "--rebase"]);
        stage.code("machine", &format!("machine-{number}"));
        stage.git("machine", &["push", "-q"]);
        stage.publish(number);
        for (person, way) in [("ann", number), ("bob", number + 3)] {
            let name = format!("{person}-{number}");
            let there = travel(&stage, person, way, &name);
            stage.differs_by(&there, &edits(&stage, &there));
            if there != person {
                stage.commit(&there, "Follow the configuration");
                stage.git(person, &["merge", "-q", "--no-edit", &name]);
                stage.git(person, &["worktree", "remove", "--force", &format!("../{there}")]);
                stage.differs_by(person, &edits(&stage, person));
            }
            if number == 1 && person == "ann" {
                ann_edits(&stage, "ann");
            }
            if number == 2 && person == "bob" {
                bob_edits(&stage, "bob");
            }
            stage.share(person);
            stage.differs_by(person, &edits(&stage, person));
        }
        // Ann takes over what Bob has pushed meanwhile.
        stage.share("ann");
        for person in ["ann", "bob"] {
            stage.differs_by(person, &edits(&stage, person));
            if number >= 1 {
                has_ann(&stage, person);
            }
            if number >= 2 {
                has_bob(&stage, person);
            }
        }
    }
    let ids = ["ann", "bob"].map(|person| env.git(person, &["rev-parse", "HEAD:.claude"]));
    assert_eq!(ids[0], ids[1]);
    assert_eq!(env.json("bob/.claude/settings.json")["env"]["LEVEL"], "10");
}

#[test]
fn two_clones_get_ten_changes_as_commits_where_hooks_only_report() {
    let stage = Stage::new();
    let env = &stage.env;
    env.git("", &["clone", "-q", "shop.git", "ann"]);
    env.git("ann", &["checkout", "-q", "-B", "main"]);
    let url = stage.url();
    env.run(&["-C", "ann", "init", "--source", &url, "--team", "t"]).code(0);
    stage.commit("ann", "Bind");
    stage.git("ann", &["push", "-q", "-u", "origin", "main"]);
    env.git("", &["clone", "-q", "shop.git", "bob"]);
    env.run(&["-C", "bob", "init"]).code(0);
    env.git("", &["clone", "-q", "shop.git", "machine"]);
    for number in 0..CHANGES.len() {
        env.git("machine", &["pull", "-q", "--rebase"]);
        stage.code("machine", &format!("machine-{number}"));
        stage.git("machine", &["push", "-q"]);
        stage.publish(number);
        // Wherever Bob goes, nothing is written: git never refuses, and there is nothing to commit.
        let name = format!("bob-{number}");
        let there = travel(&stage, "bob", number, &name);
        assert_eq!(stage.git(&there, &["status", "--porcelain"]).stdout, "", "{number}");
        if there != "bob" {
            stage.git("bob", &["worktree", "remove", &format!("../{there}")]);
        }
        let status = env.run(&["-C", "bob", "status", "--format", "json"]).json();
        assert!(status["behind"].as_u64() > Some(0), "{number}: {status:#}");
        assert_eq!(status["drift"]["drifted"], edits(&stage, "bob").len(), "{number}: {status:#}");
        // Ann syncs by hand, and Bob gets what she pushed.
        stage.git("ann", &["pull", "-q", "--rebase"]);
        env.run(&["-C", "ann", "sync"]).code(0);
        if number == 1 {
            ann_edits(&stage, "ann");
        }
        stage.share("ann");
        stage.git("bob", &["pull", "-q", "--rebase"]);
        stage.git("bob", &["push", "-q"]);
        if number == 2 {
            bob_edits(&stage, "bob");
            stage.share("bob");
            stage.git("ann", &["pull", "-q", "--rebase"]);
        }
        for person in ["ann", "bob"] {
            stage.differs_by(person, &edits(&stage, person));
            if number >= 1 {
                has_ann(&stage, person);
            }
            if number >= 2 {
                has_bob(&stage, person);
            }
        }
    }
    assert_eq!(env.json("bob/.claude/settings.json")["env"]["LEVEL"], "10");
}

#[test]
fn two_clones_that_keep_it_out_of_git_follow_ten_changes_too() {
    let stage = Stage::new();
    let env = &stage.env;
    for person in ["ann", "bob"] {
        env.git("", &["clone", "-q", "shop.git", person]);
        env.git(person, &["checkout", "-q", "-B", "main"]);
    }
    stage.code("ann", "first");
    stage.git("ann", &["push", "-q", "-u", "origin", "main"]);
    env.git("bob", &["pull", "-q", "origin", "main"]);
    env.git("bob", &["branch", "-q", "--set-upstream-to=origin/main"]);
    env.git("", &["clone", "-q", "shop.git", "machine"]);
    for person in ["ann", "bob"] {
        let url = stage.url();
        let init = ["-C", person, "init", "--source", &url, "--team", "t", "--mode", "local"];
        env.run(&init).code(0);
    }
    ann_edits(&stage, "ann");
    bob_edits(&stage, "bob");
    for number in 0..CHANGES.len() {
        stage.code("machine", &format!("machine-{number}"));
        env.git("machine", &["pull", "-q", "--rebase"]);
        stage.git("machine", &["push", "-q"]);
        stage.publish(number);
        for (person, way, edit) in [("ann", number, ANN), ("bob", number + 2, BOB)] {
            // A new work tree has no binding of its own where that is kept out of git.
            let way = if way % 6 == 4 { way + 1 } else { way };
            travel(&stage, person, way, &format!("{person}-{number}"));
            stage.differs_by(person, &[edit]);
            assert_eq!(stage.git(person, &["status", "--porcelain"]).stdout, "", "{person}");
            stage.share(person);
        }
        has_ann(&stage, "ann");
        has_bob(&stage, "bob");
    }
    // What both sides change is kept, and named.
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"11\"\nEDITOR = \"emacs\"\n");
    env.git("config", &["commit", "-q", "-a", "-m", "editor"]);
    env.git("config", &["push", "-q", "origin", "main"]);
    let said = stage.git("ann", &["checkout", "-q", "--detach"]).stderr;
    assert!(said.contains("! .claude/settings.json  env/EDITOR  conflict: "), "{said}");
    assert!(said.contains("~ .claude/settings.json  env/LEVEL"), "{said}");
    has_ann(&stage, "ann");
    stage.differs_by("ann", &[".claude/settings.json/env/EDITOR conflict"]);
    assert_eq!(stage.git("ann", &["checkout", "-q", "main"]).stderr, "");
}
