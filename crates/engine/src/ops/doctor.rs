//! `doctor`: diagnoses problems around a workspace, and suggests fixes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;

use super::Failure;
use super::hooks::{self, Report};
use super::notice::{Listener, Notice};
use super::status;
use crate::edge::agent_files::{self, AgentFiles};
use crate::edge::env::Env;
use crate::edge::git;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, Workspace};
use crate::ops::repository::mode::Renderings;
use crate::ops::repository::remote::{Fetching, in_words};
use crate::ops::state::target::TargetState;
use claude_env_core::agent::claude_code::{
    AGENTS_FILE, ClientFiles, ClientState, FileText, INNER_INSTRUCTIONS, INSTALLATION,
    INSTRUCTIONS, LOCAL_INSTRUCTIONS, LOCAL_SETTINGS, MCP_SERVERS, Rendered, SETTINGS,
    client_version, imports, traps,
};
use claude_env_core::agent::{Content, EntryKind, target};
use claude_env_core::doctor::{Area, Line, git_version};
use claude_env_core::layer::Mode;
use claude_env_core::render::{Part, Rendering};
use claude_env_core::report::status::{Rendered as Last, Status};
use claude_env_core::source::{Pointer, RepoPath};

/// From this age on, `doctor` mentions that a mirror is old.
const OLD_MIRROR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The result of `doctor`.
#[derive(Debug)]
pub struct Diagnosis {
    /// The lines, in the order of their areas.
    pub lines: Vec<Line>,
    /// The state of the git hooks; `None` outside of git.
    pub hooks: Option<Report>,
}

/// Diagnoses the workspace around the directory, and what it depends on. Fetches only when `online` is set.
pub fn doctor(request: &Request, env: &Env, online: bool) -> Diagnosis {
    let mut lines = Vec::new();
    check_programs(&request.directory, &mut lines);
    let workspace = match request.workspace() {
        Ok(workspace) => workspace,
        Err(failure) => {
            lines.push(of_failure(Area::Workspace, &failure));
            return Diagnosis { lines, hooks: None };
        }
    };
    report_binding(&workspace, &mut lines);
    let reachable = check_repository(request, &workspace, env, online, &mut lines);
    // It was fetched just now if it may be.
    let request = Request { fetching: Fetching::Never, ..request.clone() };
    let hooks = hooks::report(&workspace.root);
    let mut overridable = Rendered::default();
    match reachable.then(|| inspect(&request, env)) {
        None => {}
        Some(Ok((rendered, status))) => {
            check_status(&status, &mut lines);
            let message = "it merges, and has no errors for this workspace";
            lines.push(Line::good(Area::Configuration, message));
            check_tracked(&workspace, &rendered, &mut lines);
            overridable = overridable_entries(&rendered);
        }
        Some(Err(failure)) => lines.push(of_failure(Area::Configuration, &failure)),
    }
    check_claude_code(&request, &workspace, &overridable, env, &mut lines);
    let hooks = hooks.unwrap_or_else(|failure| {
        lines.push(of_failure(Area::Hooks, &failure));
        None
    });
    if env.hooks_off {
        let message = "`CLAUDE_ENV=0` switches the git hooks off here";
        lines.push(Line::note(Area::Hooks, message, "unset the variable to have them run"));
    }
    lines.sort_by_key(|line| line.area);
    Diagnosis { lines, hooks }
}

/// Renders the configuration once, and compares the workspace with it.
fn inspect(request: &Request, env: &Env) -> Result<(Renderings, Status), Failure> {
    let opened = Opened::new(request, env)?;
    let target = TargetState::new(&opened, opened.bound()?, env)?;
    let status = status::of_target(&target, env)?;
    Ok((target.renderings, status))
}

/// Converts a failure to a line.
fn of_failure(area: Area, failure: &Failure) -> Line {
    let mut message = failure.message.clone();
    if let Some(finding) = failure.findings.first() {
        let place = format!("{}:{}", finding.at.file, finding.at.place.line);
        message = format!("{message}: {} at {place}: {}", finding.code.id, finding.message);
    }
    let help = match failure.hints.is_empty() {
        true => "fix it, then run `claude-env doctor` again".to_owned(),
        false => failure.hints.join("; or "),
    };
    Line::fail(area, message, help)
}

/// Checks git, and the program of the agent.
fn check_programs(directory: &Path, lines: &mut Vec<Line>) {
    let area = Area::Installed;
    lines.push(Line::good(area, format!("claude-env {}", env!("CARGO_PKG_VERSION"))));
    lines.push(match git::run(directory, &["--version"]) {
        Ok(answer) => git_version(&String::from_utf8_lossy(&answer)),
        Err(error) => Line::fail(area, error.to_string(), "install git 2.39 or newer"),
    });
    lines.push(match agent_files::version(&INSTALLATION, directory) {
        Ok(Some(answer)) => client_version(&answer),
        Ok(None) => Line::note(
            area,
            "there is no `claude` on the PATH",
            "install Claude Code, if it is to be used here",
        ),
        Err(why) => {
            Line::fail(area, format!("`claude --version`: {why}"), "run it, and see what it says")
        }
    });
}

/// Reports the binding of the workspace.
fn report_binding(workspace: &Workspace, lines: &mut Vec<Line>) {
    let root = workspace.root.display();
    let binding = &workspace.binding;
    let mode = binding.mode.word();
    lines.push(Line::good(
        Area::Workspace,
        format!("{root} is bound: {}, mode {mode}", binding.scope),
    ));
}

/// Checks where the configuration comes from. Returns whether it can be read.
fn check_repository(
    request: &Request,
    workspace: &Workspace,
    env: &Env,
    online: bool,
    lines: &mut Vec<Line>,
) -> bool {
    let area = Area::Configuration;
    let (name, mirror) = match request.mirror(workspace, env) {
        Ok(Some(mirror)) => mirror,
        Ok(None) => return check_folder(request, workspace, lines),
        Err(failure) => {
            lines.push(of_failure(area, &failure));
            return false;
        }
    };
    if online {
        lines.push(check_server(request, env, &name));
        return mirror.exists();
    }
    let sync = "run `claude-env sync`; or ask the server now with `claude-env doctor --online`";
    lines.push(match (mirror.exists(), mirror.age()) {
        (false, _) => Line::fail(area, format!("{name} was never fetched"), sync),
        (true, Some(age)) if age > OLD_MIRROR => {
            Line::note(area, format!("{name} was fetched {} ago", in_words(age)), sync)
        }
        (true, Some(age)) => Line::good(area, format!("{name} was fetched {} ago", in_words(age))),
        (true, None) => Line::note(area, format!("it is not known when {name} was fetched"), sync),
    });
    mirror.exists()
}

/// Checks a config repository in a folder. Returns whether it can be read.
fn check_folder(request: &Request, workspace: &Workspace, lines: &mut Vec<Line>) -> bool {
    let area = Area::Configuration;
    let named = match &request.config_repo {
        Some(path) => path.display().to_string(),
        None => workspace.binding.repository.clone().unwrap_or_default(),
    };
    // Ignores failures: a bare repository has no working folder, and can be read.
    let missing = request.working_folder().ok().filter(|folder| !agent_files::is_there(folder));
    if let Some(folder) = missing {
        lines.push(Line::fail(
            area,
            format!("there is no folder `{}`", folder.display()),
            "clone the config repository there, or correct `repository` in .claude-env.toml",
        ));
        return false;
    }
    let at = workspace.binding.reference.as_deref().filter(|_| request.config_repo.is_none());
    let at = at.map(|name| format!(", at `{name}`")).unwrap_or_default();
    lines.push(Line::good(area, format!("{named} is there{at}")));
    true
}

/// Fetches, and reports whether the server answered.
fn check_server(request: &Request, env: &Env, name: &str) -> Line {
    let warnings: Arc<Mutex<Vec<String>>> = Arc::default();
    let received = Arc::clone(&warnings);
    let listener = Listener::new(move |notice| {
        if let Notice::Warning(text) = notice {
            received.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        }
    });
    let request = Request { listener, fetching: Fetching::Always, ..request.clone() };
    match request.locate(env) {
        Err(failure) => of_failure(Area::Configuration, &failure),
        Ok(_) => match warnings.lock().unwrap_or_else(PoisonError::into_inner).first() {
            Some(warning) => Line::fail(
                Area::Configuration,
                warning.clone(),
                "check the network and the address; until then the last revision is used",
            ),
            None => Line::good(Area::Configuration, format!("{name} answers")),
        },
    }
}

/// Compares the last rendering with the current configuration.
fn check_status(status: &Status, lines: &mut Vec<Line>) {
    let area = Area::Workspace;
    let sync = "run `claude-env sync`";
    if status.interrupted {
        lines.push(Line::fail(area, "the last sync did not come to its end", sync));
    }
    match &status.rendered {
        None => lines.push(Line::fail(area, "nothing was rendered yet", sync)),
        Some(Last { elsewhere: true, .. }) => lines.push(Line::fail(
            area,
            "what is there was rendered from another repository, or for another scope",
            sync,
        )),
        Some(Last { behind: Some(0), .. }) => {}
        Some(Last { behind: Some(number), .. }) => {
            let commits = if *number == 1 { "commit" } else { "commits" };
            let message =
                format!("the rendered files are {number} {commits} behind the configuration");
            lines.push(Line::fail(area, message, sync));
        }
        Some(Last { revision, behind: None, .. }) if !revision.is_empty() => {
            lines.push(Line::fail(
                area,
                "the rendered commit is not in the history of the configuration",
                sync,
            ));
        }
        Some(_) => {}
    }
    let waiting: usize = ["pending", "new", "orphan", "merged"]
        .iter()
        .filter_map(|class| status.counts.get(class))
        .sum();
    if waiting > 0 && status.rendered.is_some() {
        let entries = if waiting == 1 { "entry waits" } else { "entries wait" };
        lines.push(Line::fail(area, format!("{waiting} {entries} for a sync"), sync));
    }
    for problem in &status.problems {
        let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
        let message = format!("{}{line} {}", problem.file, problem.message);
        lines.push(Line::fail(area, message, problem.help.clone()));
    }
    // A file that cannot be read counts with all of its entries, and is reported already.
    if status.drift.drifted > 0 && status.problems.is_empty() {
        let entries = if status.drift.drifted == 1 { "entry was" } else { "entries were" };
        lines.push(Line::note(
            area,
            format!("{} {entries} changed by hand", status.drift.drifted),
            "`claude-env drift` names them; `adopt` takes them into the configuration, `sync --force` puts them back",
        ));
    }
    if lines.iter().all(|line| line.area != area || line.help.is_empty()) {
        lines.push(Line::good(area, "it is as the configuration says"));
    }
}

/// Finds files that git tracks and must not.
fn check_tracked(workspace: &Workspace, rendered: &Renderings, lines: &mut Vec<Line>) {
    let personal = &rendered.personal.rendering;
    let mut paths: BTreeSet<RepoPath> =
        personal.files.iter().map(|file| file.path.clone()).collect();
    if workspace.binding.mode == Mode::Local {
        paths.extend(rendered.shared.files.iter().map(|file| file.path.clone()));
    }
    let in_git =
        matches!(git::discover(&workspace.root), Ok(Some(place)) if place.work_tree.is_some());
    if paths.is_empty() || !in_git {
        return;
    }
    let Ok(found) = git::tracked(&workspace.root, &paths) else { return };
    for path in found {
        lines.push(Line::fail(
            Area::Workspace,
            format!("git tracks {path}, which is one person's"),
            format!("`{}` takes it out of git and leaves the file", git::untrack(&path)),
        ));
    }
}

/// Looks for settings and files that keep Claude Code from using what is rendered.
fn check_claude_code(
    request: &Request,
    workspace: &Workspace,
    rendered: &Rendered,
    env: &Env,
    lines: &mut Vec<Line>,
) {
    let before = lines.len();
    let root = &workspace.root;
    let Some(agent) = AgentFiles::of(&INSTALLATION, env) else {
        let message = "there is no home, so nothing is known of Claude Code's own files";
        lines.push(Line::note(Area::ClaudeCode, message, "set `HOME`"));
        return;
    };
    let state_shown = short(&agent.state, env);
    let mut roots = agent_files::known_as(root);
    let top = git::discover(root).ok().flatten().and_then(|place| place.work_tree);
    roots.extend(top.iter().flat_map(|top| agent_files::known_as(top)));
    let state = agent.state(&roots).unwrap_or_else(|why| {
        lines.push(Line::fail(
            Area::ClaudeCode,
            format!("{state_shown} {why}"),
            "start `claude`: it puts a damaged one right, or says what to do",
        ));
        ClientState::default()
    });
    let of_workspace = |path: &str| agent_files::file(&root.join(path), path.to_owned());
    let (user, managed_mcp) = (agent.settings(), agent.managed_servers());
    let files = ClientFiles {
        user: agent_files::file(&user, short(&user, env)),
        project: of_workspace(SETTINGS),
        local: of_workspace(LOCAL_SETTINGS),
        mcp: of_workspace(MCP_SERVERS),
        managed: agent.managed_settings(),
        managed_mcp: agent_files::file(&managed_mcp, managed_mcp.display().to_string()),
        state,
        state_shown,
        unread_agents: unread_agents(root),
    };
    lines.extend(traps(&files, rendered, &Env::is_set));
    check_imports(root, env, lines);
    if !agent_files::is_same(&request.directory, root) {
        lines.push(Line::note(
            Area::ClaudeCode,
            format!(
                "started in a subfolder, Claude Code does not read {SETTINGS} of the workspace"
            ),
            format!("start it in {}", root.display()),
        ));
    }
    if lines.len() == before {
        lines.push(Line::good(Area::ClaudeCode, "none of its known traps applies"));
    }
}

/// Returns a path for messages, with `~` for the home directory.
fn short(path: &Path, env: &Env) -> String {
    match env.home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(inside) => format!("~/{}", inside.display()),
        None => path.display().to_string(),
    }
}

fn unread_agents(root: &Path) -> bool {
    let (agents, memory) = (root.join(AGENTS_FILE), root.join(INSTRUCTIONS));
    let FileText::Text(text) = agent_files::text(&memory) else { return false };
    let imported = imports(&text).iter().any(|one| one.path.ends_with(AGENTS_FILE));
    agent_files::is_there(&agents) && !agent_files::is_same(&agents, &memory) && !imported
}

/// Imports of instructions that lead nowhere.
fn check_imports(root: &Path, env: &Env, lines: &mut Vec<Line>) {
    for name in [INSTRUCTIONS, LOCAL_INSTRUCTIONS, INNER_INSTRUCTIONS] {
        let path = root.join(name);
        let FileText::Text(text) = agent_files::text(&path) else { continue };
        for import in imports(&text) {
            let target = match (import.path.strip_prefix("~/"), env.home.as_deref()) {
                (Some(inside), Some(home)) => home.join(inside),
                _ => path.parent().unwrap_or(root).join(&import.path),
            };
            if agent_files::is_there(&target) {
                continue;
            }
            let message =
                format!("{name}:{} imports `{}`, which is not there", import.line, import.path);
            lines.push(match import.is_ours {
                true => Line::fail(Area::ClaudeCode, message, "run `claude-env sync`"),
                false => Line::note(
                    Area::ClaudeCode,
                    message,
                    "Claude Code passes over it silently: correct the path; or put the word in backquotes, if it is none",
                ),
            });
        }
    }
}

/// What of a rendering other files can spoil.
fn overridable_entries(renderings: &Renderings) -> Rendered {
    let mut rendered = Rendered::default();
    let entries =
        |rendering: &Rendering| -> Vec<(Option<Content>, Pointer, EntryKind, Json)> {
            let mut all = Vec::new();
            for file in &rendering.files {
                let Part::Json(part) = &file.part else { continue };
                let content = target(&file.path).map(|target| target.content);
                all.extend(part.entries.iter().map(|entry| {
                    (content, entry.pointer.clone(), entry.kind, entry.value.clone())
                }));
            }
            all
        };
    for (content, pointer, kind, value) in entries(&renderings.shared) {
        let key = |at: usize| pointer.segments().get(at).map_or("", |key| &**key);
        let (first, second) = (key(0), key(1));
        match (content, kind) {
            (Some(Content::Servers), _) => {
                rendered.servers.insert(second.to_owned());
            }
            (_, EntryKind::Item) => {
                rendered.has_hooks |= first == "hooks";
                let lists = ["allow", "additionalDirectories"];
                rendered.allows |= first == "permissions" && lists.contains(&second);
            }
            (_, EntryKind::Value) => rendered.values.push((pointer, value)),
        }
    }
    for (_, pointer, ..) in entries(&renderings.personal.rendering) {
        rendered.personal.insert(pointer);
    }
    rendered
}
