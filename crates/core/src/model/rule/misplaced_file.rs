//! CE007: files and folders in places that claude-env does not read.

use std::collections::BTreeSet;

use crate::agent::{self, Content, Place};
use crate::diagnostic::{Diagnostic, Sink, code, nearest};
use crate::layer::{ContentKind, LAYER_FILE};
use crate::rule::{Check, PathKind, RepositoryContext, Rule};

pub(super) const RULE: Rule = Rule { code: code::MISPLACED_FILE, check: Check::Repository(check) };

/// The folders of a config repository; other files beside them are allowed.
const ROOTS: [&str; 7] = ["base", "teams", "projects", "users", "packs", "images", "workspaces"];

/// Files that people keep beside a layer.
const FOR_PEOPLE: &[&str] =
    &["README", "LICENSE", "LICENCE", "NOTICE", "CHANGELOG", "CONTRIBUTING", "CODEOWNERS"];

fn check(ctx: &RepositoryContext<'_>, sink: &mut Sink) {
    let mut told = BTreeSet::new();
    let mut layers: Vec<Layer<'_>> = Vec::new();
    for entry in ctx.paths {
        let path = entry.path.as_str();
        let parts: Vec<&str> = path.split('/').collect();
        let (layer, inner) = match parts.as_slice() {
            ["base", inner @ ..] => ("base", inner),
            ["teams" | "projects" | "users", name, inner @ ..] if !inner.is_empty() => {
                (&path[..parts[0].len() + 1 + name.len()], inner)
            }
            ["teams" | "projects" | "users", name] => {
                if entry.kind == PathKind::File && !is_for_people(name) {
                    let stem = name.split('.').next().unwrap_or_default();
                    let help = format!("a layer is a folder: `{}/{stem}/{LAYER_FILE}`", parts[0]);
                    sink.push(
                        unread(ctx, path, format!("claude-env does not read the file `{path}`"))
                            .help(help),
                    );
                }
                continue;
            }
            _ => {
                root(ctx, path, &parts, &mut told, sink);
                continue;
            }
        };
        if layers.last().is_none_or(|last| last.folder != layer) {
            layers.push(Layer { folder: layer, first: path, is_one: false });
        }
        let found = if entry.kind == PathKind::Other {
            let message = format!("`{path}` is neither a file nor a folder");
            Some(unread(ctx, path, message).help("remove it"))
        } else {
            inside(ctx, path, layer, inner, &mut told)
        };
        if let Some(last) = layers.last_mut() {
            // Something is there to be read, or a finding already says what is wrong.
            let content =
                inner.first().is_some_and(|first| ContentKind::of_folder(first).is_some());
            last.is_one |= content || inner == [LAYER_FILE] || is_overlay(inner) || found.is_some();
        }
        sink.extend(found);
    }
    for layer in layers.iter().filter(|layer| !layer.is_one && layer.folder != "base") {
        let message =
            format!("the folder `{}` is not a layer: it has no `{LAYER_FILE}`", layer.folder);
        sink.push(unread(ctx, layer.first, message).help("add one, or remove the folder"));
    }
}

struct Layer<'a> {
    folder: &'a str,
    first: &'a str,
    /// Whether anything makes it a layer.
    is_one: bool,
}

fn unread(ctx: &RepositoryContext<'_>, path: &str, message: String) -> Diagnostic {
    Diagnostic::new(code::MISPLACED_FILE, ctx.path_span(path), message)
}

fn is_for_people(name: &str) -> bool {
    name.starts_with('.') || FOR_PEOPLE.iter().any(|known| name.starts_with(known))
}

fn is_overlay(inner: &[&str]) -> bool {
    matches!(inner, [name] if name.strip_prefix("layer.").and_then(|rest| rest.strip_suffix(".toml"))
        .is_some_and(|environment| crate::layer::ScopeName::parse(environment).is_ok()))
}

/// Checks a path outside of the folders that are read.
fn root<'a>(
    ctx: &RepositoryContext<'_>,
    path: &'a str,
    parts: &[&'a str],
    told: &mut BTreeSet<&'a str>,
    sink: &mut Sink,
) {
    let [first, inner @ ..] = parts else { return };
    if inner.is_empty() {
        if matches!(*first, "layer.toml" | "layers.toml" | "base.toml") || is_overlay(parts) {
            let message = format!("claude-env does not read the file `{path}`");
            sink.push(unread(ctx, path, message).help(format!("move it to `base/{LAYER_FILE}`")));
        }
        return;
    }
    if ROOTS.contains(first) || first.starts_with('.') || told.contains(first) {
        return;
    }
    // Other folders are nobody's business, unless they hold what looks like a layer.
    let holds_layer =
        matches!(inner, [name] | [_, name] if *name == LAYER_FILE || is_overlay(&[*name]));
    let content = ContentKind::of_folder(first).is_some()
        && (inner.len() > 1 || inner.iter().any(|name| name.ends_with(".md")));
    let singular = matches!(*first, "team" | "project" | "user" | "workspace" | "pack");
    let help = if content {
        format!("move it to `base/{first}/`")
    } else if let Some(near) = nearest(first, ROOTS).filter(|_| holds_layer || singular) {
        format!("did you mean `{near}/`?")
    } else if holds_layer {
        "layers are in `base/`, `teams/`, `projects/` and `users/`".to_owned()
    } else {
        return;
    };
    told.insert(first);
    sink.push(
        unread(ctx, path, format!("claude-env does not read the folder `{first}/`")).help(help),
    );
}

/// Returns the finding about a path of a layer; `None` for a valid one.
fn inside<'a>(
    ctx: &RepositoryContext<'_>,
    path: &'a str,
    layer: &str,
    inner: &[&'a str],
    told: &mut BTreeSet<&'a str>,
) -> Option<Diagnostic> {
    match inner {
        [name] => file_of_layer(ctx, path, layer, name),
        [folder, rest @ ..] => match ContentKind::of_folder(folder) {
            Some(kind) => file_of_folder(ctx, path, kind, rest),
            None => {
                let end = layer.len() + 1 + folder.len();
                let whole = &path[..end];
                let of_agent = (agent::workspace_folders())
                    .any(|target| target.split('/').next() == Some(*folder));
                if folder.starts_with('.') && !of_agent || !told.insert(whole) {
                    return None;
                }
                let diagnostic =
                    unread(ctx, path, format!("claude-env does not read the folder `{whole}/`"));
                let known = ContentKind::ALL.map(ContentKind::folder);
                let inner = rest.first().filter(|inner| known.contains(*inner));
                Some(match inner.filter(|_| of_agent) {
                    Some(inner) => diagnostic.help(format!("move it to `{layer}/{inner}/`")),
                    None => match nearest(folder, known).or(instead(folder)) {
                        Some(near) => diagnostic.help(format!("did you mean `{near}/`?")),
                        None => diagnostic.help(format!("folders of a layer are {}", list(&known))),
                    },
                })
            }
        },
        [] => None,
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}/`")).collect::<Vec<_>>().join(", ")
}

/// Returns the content folder that is meant by another name; `None` for an unknown name.
fn instead(folder: &str) -> Option<&'static str> {
    let mut folders = agent::content_folders();
    folders.find(|one| one.aliases.contains(&folder)).map(|one| one.kind.folder())
}

fn file_of_layer(
    ctx: &RepositoryContext<'_>,
    path: &str,
    layer: &str,
    name: &str,
) -> Option<Diagnostic> {
    if name == LAYER_FILE || is_overlay(&[name]) {
        return None;
    }
    let help = match name {
        _ if let Some(content) = content_of_target(name) => match content {
            Content::Instructions => {
                format!("move its text to `{layer}/memory/`, in one file or several")
            }
            Content::Servers => {
                format!("write its servers into `{layer}/{LAYER_FILE}`, as `[mcp_servers.<name>]`")
            }
            Content::Settings => format!(
                "write its keys into `[settings]`, `[permissions]` and `[hooks]` of `{layer}/{LAYER_FILE}`"
            ),
        },
        _ if is_for_people(name) => return None,
        _ if name.ends_with(".md") => {
            format!("move it to one of the folders, such as `{layer}/memory/`")
        }
        _ => match nearest(name, [LAYER_FILE]) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("a layer's own files are `{LAYER_FILE}` and `layer.<environment>.toml`")
            }
        },
    };
    Some(unread(ctx, path, format!("claude-env does not read the file `{path}`")).help(help))
}

/// Returns what of a configuration is in an agent's file with this name; `None` for other files.
fn content_of_target(name: &str) -> Option<Content> {
    let is_name = |path: &str| path.rsplit('/').next() == Some(name);
    let mut targets = agent::rendered_targets();
    let found = targets.find(|target| {
        is_name(target.path)
            || target.personal.is_some_and(is_name)
            || target.aliases.contains(&name)
    });
    found.map(|target| target.content)
}

fn file_of_folder(
    ctx: &RepositoryContext<'_>,
    path: &str,
    kind: ContentKind,
    rest: &[&str],
) -> Option<Diagnostic> {
    let folder = agent::content_folder(kind)?;
    let (name, shown) = (rest.last()?, kind.folder());
    if name.starts_with('.') {
        return None;
    }
    let ending = folder.ending?;
    if !folder.nested && rest.len() > 1 {
        let message =
            format!("claude-env does not read `{path}`: fragments lie in `{shown}/` itself");
        let help = "move it up; the order of fragments is that of their names";
        return Some(unread(ctx, path, message).help(help));
    }
    match (folder.has_ending(name), folder.place) {
        (true, _) if folder.takes_readme && name.starts_with("README") => {
            let item = folder.form.map_or("an item", |form| form.words);
            let message = format!("`{path}` would become {item}");
            Some(unread(ctx, path, message).help("keep notes for people beside the folder"))
        }
        (true, _) => None,
        (false, Place::Block) => {
            let message = format!("claude-env does not read `{path}`: fragments are `*.{ending}`");
            Some(unread(ctx, path, message).help("rename it"))
        }
        (false, _) => {
            let found = name.rsplit_once('.').map_or("", |(_, found)| found).to_ascii_lowercase();
            let message = format!("Claude Code does not read `{path}`: it reads `*.{ending}`");
            MARKDOWN.contains(&found.as_str()).then(|| unread(ctx, path, message).help("rename it"))
        }
    }
}

/// Endings that people give to Markdown files.
const MARKDOWN: [&str; 5] = ["markdown", "mdx", "mdc", "md", "txt"];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &str, expect: &str) {
        let input: String = paths.split(' ').map(|path| format!("-- {path} --\n")).collect();
        crate::rule::testing::check(&[RULE], &input, expect);
    }

    #[test]
    fn what_belongs_is_fine() {
        check("claude-env.toml README.md docs/agents/a.md .github/x.yml scripts/layer.sh", "");
        check("base/layer.toml base/layer.prod.toml base/README.md base/.gitkeep", "");
        check("base/agents/a.md base/skills/x/SKILL.md base/skills/x/run.py base/hooks/a.sh", "");
        check("teams/web/agents/a.md teams/README.md users/.gitkeep", "");
        check(
            "base/commands/git/commit.md base/memory/10-a.md packs/x/a.txt images/a/Dockerfile",
            "",
        );
    }

    #[test]
    fn what_nothing_reads_is_found_once() {
        check("base/agent/a.md base/agent/b.md", "base/agent/a.md:1 CE007");
        check("base/.claude/agents/a.md", "base/.claude/agents/a.md:1 CE007");
        check("base/CLAUDE.md", "base/CLAUDE.md:1 CE007");
        check("base/layers.toml", "base/layers.toml:1 CE007");
        check("layer.toml", "layer.toml:1 CE007");
        check("team/web/layer.toml team/web/agents/a.md", "team/web/agents/a.md:1 CE007");
        check("teams/web.toml", "teams/web.toml:1 CE007");
        check("teams/web/README.md", "teams/web/README.md:1 CE007");
        check("agents/a.md", "agents/a.md:1 CE007");
        check(
            "base/memory/sub/a.md base/memory/b.txt",
            "base/memory/b.txt:1 CE007\nbase/memory/sub/a.md:1 CE007",
        );
        check("base/commands/README.md", "base/commands/README.md:1 CE007");
        check("base/rules/a.mdc", "base/rules/a.mdc:1 CE007");
    }
}
