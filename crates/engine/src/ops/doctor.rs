//! `doctor`: what is wrong around a workspace, and how to mend it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;

use super::Failure;
use super::hooks::{self, Report};
use super::notice::{Listener, Notice};
use super::status;
use crate::edge::claude::{self, Places};
use crate::edge::env::Env;
use crate::edge::git;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, Workspace};
use crate::ops::repository::mode::Renderings;
use crate::ops::repository::remote::{Fetching, in_words};
use crate::ops::state::target::TargetState;
use claude_env_core::agent::claude_code::{
    AGENTS_FILE, ClientFiles, ClientState, FileText, INNER_INSTRUCTIONS, INSTRUCTIONS,
    LOCAL_INSTRUCTIONS, LOCAL_SETTINGS, MANAGED_MCP_SERVERS, MCP_SERVERS, PERSON_SETTINGS,
    Rendered, SETTINGS, client_version, imports, traps,
};
use claude_env_core::agent::{Content, EntryKind, target};
use claude_env_core::doctor::{Area, Line, git_version};
use claude_env_core::layer::Mode;
use claude_env_core::render::{Part, Rendering};
use claude_env_core::report::status::{Rendered as Last, Status};
use claude_env_core::source::{Pointer, RepoPath};

/// How old a mirror may be before that is worth a word.
const OLD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Everything that was looked at.
#[derive(Debug)]
pub struct Diagnosis {
    /// In the order of their areas.
    pub lines: Vec<Line>,
    /// In whose hands git's hooks are; `None` outside of git.
    pub hooks: Option<Report>,
}

/// Looks at the workspace around the folder, and at what it depends on. Fetches nothing, unless `online` says so.
pub fn doctor(request: &Request, env: &Env, online: bool) -> Diagnosis {
    let mut lines = Vec::new();
    installed(&request.directory, &mut lines);
    let workspace = match request.workspace() {
        Ok(workspace) => workspace,
        Err(failure) => {
            lines.push(of_failure(Area::Workspace, &failure));
            return Diagnosis { lines, hooks: None };
        }
    };
    bound(&workspace, &mut lines);
    let reachable = reachable(request, &workspace, env, online, &mut lines);
    // What it is read from was fetched, or is not to be.
    let request = Request { fetching: Fetching::Never, ..request.clone() };
    let hooks = hooks::report(&workspace.root);
    let mut spoilable = Rendered::default();
    match reachable.then(|| looked_at(&request, env)) {
        None => {}
        Some(Ok((rendered, status))) => {
            rendered_last(&status, &mut lines);
            let message = "it merges, and has no errors for this workspace";
            lines.push(Line::good(Area::Configuration, message));
            tracked(&workspace, &rendered, &mut lines);
            spoilable = self::spoilable(&rendered);
        }
        Some(Err(failure)) => lines.push(of_failure(Area::Configuration, &failure)),
    }
    claude_code(&request, &workspace, &spoilable, env, &mut lines);
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

fn looked_at(request: &Request, env: &Env) -> Result<(Renderings, Status), Failure> {
    let opened = Opened::new(request, env)?;
    let target = TargetState::new(&opened, opened.bound()?, env)?;
    let status = status::of_target(&target, env)?;
    Ok((target.renderings, status))
}

/// A failure as a line.
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

fn installed(directory: &Path, lines: &mut Vec<Line>) {
    let area = Area::Installed;
    lines.push(Line::good(area, format!("claude-env {}", env!("CARGO_PKG_VERSION"))));
    lines.push(match git::run(directory, &["--version"]) {
        Ok(answer) => git_version(&String::from_utf8_lossy(&answer)),
        Err(error) => Line::fail(area, error.to_string(), "install git 2.39 or newer"),
    });
    lines.push(match claude::version(directory) {
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

fn bound(workspace: &Workspace, lines: &mut Vec<Line>) {
    let root = workspace.root.display();
    let binding = &workspace.binding;
    let mode = binding.mode.word();
    lines.push(Line::good(
        Area::Workspace,
        format!("{root} is bound: {}, mode {mode}", binding.scope),
    ));
}

/// Where the configuration comes from. Says whether it can be read.
fn reachable(
    request: &Request,
    workspace: &Workspace,
    env: &Env,
    online: bool,
    lines: &mut Vec<Line>,
) -> bool {
    let area = Area::Configuration;
    let (name, mirror) = match request.mirror(workspace, env) {
        Ok(Some(mirror)) => mirror,
        Ok(None) => return is_there(request, workspace, lines),
        Err(failure) => {
            lines.push(of_failure(area, &failure));
            return false;
        }
    };
    if online {
        lines.push(asked(request, env, &name));
        return mirror.exists();
    }
    let sync = "run `claude-env sync`; or ask the server now with `claude-env doctor --online`";
    lines.push(match (mirror.exists(), mirror.age()) {
        (false, _) => Line::fail(area, format!("{name} was never fetched"), sync),
        (true, Some(age)) if age > OLD => {
            Line::note(area, format!("{name} was fetched {} ago", in_words(age)), sync)
        }
        (true, Some(age)) => Line::good(area, format!("{name} was fetched {} ago", in_words(age))),
        (true, None) => Line::note(area, format!("it is not known when {name} was fetched"), sync),
    });
    mirror.exists()
}

/// The same of a folder.
fn is_there(request: &Request, workspace: &Workspace, lines: &mut Vec<Line>) -> bool {
    let area = Area::Configuration;
    let named = match &request.config_repo {
        Some(path) => path.display().to_string(),
        None => workspace.binding.repository.clone().unwrap_or_default(),
    };
    // One without files, a bare repository, is read all the same.
    let missing = request.working_folder().ok().filter(|folder| !claude::is_there(folder));
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

/// Whether the server answers.
fn asked(request: &Request, env: &Env, name: &str) -> Line {
    let warnings: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&warnings);
    let listener = Listener::new(move |notice| {
        if let Notice::Warning(text) = notice {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(text);
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

/// What was rendered last, beside what the configuration says now.
fn rendered_last(status: &Status, lines: &mut Vec<Line>) {
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
    // A file that cannot be read counts with all of its entries, and was said.
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

/// What git tracks that it should not.
fn tracked(workspace: &Workspace, rendered: &Renderings, lines: &mut Vec<Line>) {
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

/// What Claude Code makes of it.
fn claude_code(
    request: &Request,
    workspace: &Workspace,
    rendered: &Rendered,
    env: &Env,
    lines: &mut Vec<Line>,
) {
    let before = lines.len();
    let root = &workspace.root;
    let Some((config, state)) = env.claude_code() else {
        let message = "there is no home, so nothing is known of Claude Code's own files";
        lines.push(Line::note(Area::ClaudeCode, message, "set `HOME`"));
        return;
    };
    let places = Places { config, state, managed: Places::managed_folder() };
    let state_shown = short(&places.state, env);
    let mut roots = claude::known_as(root);
    let top = git::discover(root).ok().flatten().and_then(|place| place.work_tree);
    roots.extend(top.iter().flat_map(|top| claude::known_as(top)));
    let state = places.state(&roots).unwrap_or_else(|why| {
        lines.push(Line::fail(
            Area::ClaudeCode,
            format!("{state_shown} {why}"),
            "start `claude`: it puts a damaged one right, or says what to do",
        ));
        ClientState::default()
    });
    let of_workspace = |path: &str| claude::file(&root.join(path), path.to_owned());
    let user = places.config.join(PERSON_SETTINGS);
    let managed_mcp = places.managed.join(MANAGED_MCP_SERVERS);
    let files = ClientFiles {
        user: claude::file(&user, short(&user, env)),
        project: of_workspace(SETTINGS),
        local: of_workspace(LOCAL_SETTINGS),
        mcp: of_workspace(MCP_SERVERS),
        managed: places.managed_settings(),
        managed_mcp: claude::file(&managed_mcp, managed_mcp.display().to_string()),
        state,
        state_shown,
        unread_agents: unread_agents(root),
    };
    lines.extend(traps(&files, rendered, &Env::is_set));
    instructions(root, env, lines);
    if !claude::is_same(&request.directory, root) {
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

/// A path, with `~` for the user's home.
fn short(path: &Path, env: &Env) -> String {
    match env.home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(inside) => format!("~/{}", inside.display()),
        None => path.display().to_string(),
    }
}

fn unread_agents(root: &Path) -> bool {
    let (agents, memory) = (root.join(AGENTS_FILE), root.join(INSTRUCTIONS));
    let FileText::Text(text) = claude::text(&memory) else { return false };
    let imported = imports(&text).iter().any(|one| one.path.ends_with(AGENTS_FILE));
    claude::is_there(&agents) && !claude::is_same(&agents, &memory) && !imported
}

/// Imports of instructions that lead nowhere.
fn instructions(root: &Path, env: &Env, lines: &mut Vec<Line>) {
    for name in [INSTRUCTIONS, LOCAL_INSTRUCTIONS, INNER_INSTRUCTIONS] {
        let path = root.join(name);
        let FileText::Text(text) = claude::text(&path) else { continue };
        for import in imports(&text) {
            let target = match (import.path.strip_prefix("~/"), env.home.as_deref()) {
                (Some(inside), Some(home)) => home.join(inside),
                _ => path.parent().unwrap_or(root).join(&import.path),
            };
            if claude::is_there(&target) {
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
fn spoilable(renderings: &Renderings) -> Rendered {
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
