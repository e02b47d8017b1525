//! CE044: servers that are fetched at start without an exact version.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::model::catalogue::{self, PresetSource};
use crate::model::mcp;
use crate::rule::{Check, DocumentContext, Rule, ScopeContext};
use crate::source::Node;

/// Checks the commands of one document, which includes overlays of environments that no scope has.
pub(super) const WHOLE: Rule =
    Rule { code: code::MCP_FLOATING_VERSION, check: Check::Document(document) };

/// Checks commands whose parts come from several layers.
pub(super) const MERGED: Rule =
    Rule { code: code::MCP_FLOATING_VERSION, check: Check::Scope(scope) };

fn document(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    for (name, server) in mcp::tables(&ctx.document.root) {
        let whole = server.get("command").is_some() && server.get("args").is_some();
        if whole || server.get("kind").is_some() {
            judge(name, server, sink);
        }
    }
}

fn scope(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    for (name, server) in mcp::tables(&ctx.merged.root) {
        judge(name, server, sink);
    }
}

/// A package or image that a command line fetches.
#[derive(Debug, PartialEq, Eq)]
enum Fetched<'a> {
    Npm(&'a str),
    PyPi(&'a str),
    Image(&'a str),
}

fn judge(name: &str, server: &Arc<Node>, sink: &mut Sink) {
    // The catalogue is pinned: only a version of the layer's own can float.
    if server.get("kind").is_some() && server.get("version").is_none() {
        return;
    }
    let Ok(server) = catalogue::expand(server) else { return };
    let Some(command) = server.get("command") else { return };
    let Some(program) = command.as_str() else { return };
    let nodes = server.get("args").and_then(|args| args.as_array()).unwrap_or_default();
    let args: Vec<&str> = nodes.iter().map(|node| node.as_str().unwrap_or_default()).collect();
    let Some((index, fetched)) = fetched(program, &args) else { return };
    let what = match fetched {
        Fetched::Npm(spec) if !npm_is_exact(spec) => spec,
        Fetched::PyPi(spec) if !pypi_is_exact(spec) => spec,
        Fetched::Image(image) if !image_is_exact(image) => image,
        _ => return,
    };
    let place = nodes.get(index).map_or(command.span, |node| node.span);
    let message = format!("`{name}` runs `{what}` in the newest version, without a pin");
    let diagnostic = Diagnostic::new(code::MCP_FLOATING_VERSION, place, message)
        .note("whatever is published under that name reaches everyone at the next start");
    sink.push(match fetched {
        Fetched::Npm(spec) => diagnostic.help(npm_help(spec)),
        Fetched::PyPi(spec) => {
            diagnostic.help(format!("name an exact version, such as `{}==1.2.3`", pypi_name(spec)))
        }
        Fetched::Image(_) => {
            diagnostic.help("name a digest, `image@sha256:…`, or at least the tag of one release")
        }
    });
}

fn npm_help(spec: &str) -> String {
    let (name, _) = npm_parts(spec);
    let known = catalogue::presets().iter().find_map(|preset| match &preset.source {
        PresetSource::Npm { package, version } if &**package == name => Some((preset, version)),
        _ => None,
    });
    match known {
        Some((preset, version)) => {
            format!("write `{name}@{version}`, or use `kind = \"{}\"`", preset.kind)
        }
        None => format!("name an exact version, such as `{name}@1.2.3`"),
    }
}

/// Returns what a command line fetches, with the index of its argument; `None` if it fetches nothing.
fn fetched<'a>(program: &str, args: &[&'a str]) -> Option<(usize, Fetched<'a>)> {
    let program = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let program = program.strip_suffix(".cmd").or(program.strip_suffix(".exe")).unwrap_or(program);
    let npm = |skip: usize| {
        let (index, spec) = package(args, skip, &["-p", "--package"], NPM_VALUE_FLAGS)?;
        Some((index, Fetched::Npm(spec)))
    };
    let pypi = |skip: usize, flag: &str| {
        let (index, spec) = package(args, skip, &[flag], PYPI_VALUE_FLAGS)?;
        Some((index, Fetched::PyPi(spec)))
    };
    match (program, args) {
        ("npx" | "bunx" | "pnpx", _) => npm(0),
        ("npm", ["exec" | "x", ..]) | ("pnpm" | "yarn", ["dlx", ..]) | ("bun", ["x", ..]) => npm(1),
        ("uvx", _) => pypi(0, "--from"),
        ("uv", ["tool", "run", ..]) => pypi(2, "--from"),
        ("pipx", ["run", ..]) => pypi(1, "--spec"),
        ("docker" | "podman" | "nerdctl", ["run", ..]) => {
            let (index, image) = image(args)?;
            Some((index, Fetched::Image(image)))
        }
        ("cmd", ["/c" | "/C", program, rest @ ..]) => {
            let (index, what) = fetched(program, rest)?;
            Some((index + 2, what))
        }
        _ => None,
    }
    // A variable decides at the start; nothing can be said of it here.
    .filter(|(index, _)| !args.get(*index).is_some_and(|arg| arg.contains("${")))
}

const NPM_VALUE_FLAGS: &[&str] = &["-c", "--call", "--registry", "--cache", "--prefix", "-w"];
const PYPI_VALUE_FLAGS: &[&str] = &[
    "--with",
    "-p",
    "--python",
    "--index",
    "--index-url",
    "-i",
    "--extra-index-url",
    "--default-index",
    "--pip-args",
    "--with-requirements",
    "--cache-dir",
    "--directory",
];

/// Returns the package of a runner: the value of a flag that names it, else the first argument that is no flag.
fn package<'a>(
    args: &[&'a str],
    skip: usize,
    naming: &[&str],
    with_value: &[&str],
) -> Option<(usize, &'a str)> {
    let mut index = skip;
    while let Some(&arg) = args.get(index) {
        if let Some((flag, value)) = arg.split_once('=')
            && naming.contains(&flag)
        {
            return Some((index, value));
        }
        if naming.contains(&arg) {
            return Some((index + 1, *args.get(index + 1)?));
        }
        if arg != "--" && !arg.starts_with('-') {
            return Some((index, arg));
        }
        index += if with_value.contains(&arg) { 2 } else { 1 };
    }
    None
}

/// Flags of `docker run` without a value; every other flag takes one, in the same word or in the next.
const DOCKER_SWITCHES: &[&str] = &[
    "--rm",
    "--init",
    "--interactive",
    "--tty",
    "--detach",
    "--privileged",
    "--read-only",
    "--publish-all",
    "--no-healthcheck",
    "--oom-kill-disable",
    "--quiet",
    "--sig-proxy",
];

fn image<'a>(args: &[&'a str]) -> Option<(usize, &'a str)> {
    let mut index = 1;
    while let Some(&arg) = args.get(index) {
        if !arg.starts_with('-') {
            return Some((index, arg));
        }
        let alone = if arg.starts_with("--") {
            arg.contains('=') || DOCKER_SWITCHES.contains(&arg)
        } else {
            arg.len() > 2
                || arg.bytes().skip(1).all(|b| matches!(b, b'i' | b't' | b'd' | b'P' | b'q'))
        };
        index += if alone { 1 } else { 2 };
    }
    None
}

fn npm_parts(spec: &str) -> (&str, Option<&str>) {
    match spec.get(1..).and_then(|rest| rest.rfind('@')) {
        Some(at) => (&spec[..=at], Some(&spec[at + 2..])),
        None => (spec, None),
    }
}

fn npm_is_exact(spec: &str) -> bool {
    let local = spec.starts_with(['.', '/', '~']) || spec.starts_with("file:");
    let remote = spec.contains("://") || spec.starts_with("github:") || spec.starts_with("git+");
    if remote {
        return commit_after(spec, '#') || spec.ends_with(".tgz");
    }
    local || npm_parts(spec).1.is_some_and(is_version)
}

/// Returns true for `1.2.3`, with an optional pre-release or build.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let mut parts = core.split('.');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.by_ref().take(3).filter(|part| number(part)).count() == 3 && parts.next().is_none()
}

fn commit_after(spec: &str, mark: char) -> bool {
    spec.rsplit_once(mark).is_some_and(|(_, commit)| {
        commit.len() >= 7 && commit.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

fn pypi_name(spec: &str) -> &str {
    spec.split(['@', '=', '<', '>', '~', '!', ' ']).next().unwrap_or(spec)
}

fn pypi_is_exact(spec: &str) -> bool {
    if spec.contains("://") {
        return commit_after(spec, '@') || spec.ends_with(".whl") || spec.ends_with(".tar.gz");
    }
    if spec.starts_with(['.', '/', '~']) {
        return true;
    }
    let version =
        spec.split_once("==").or_else(|| spec.split_once('@')).map(|(_, version)| version);
    version.is_some_and(|version| {
        version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains(['*', ',', '<', '>'])
    })
}

fn image_is_exact(image: &str) -> bool {
    if image.contains("@sha256:") {
        return true;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').is_some_and(|(_, tag)| {
        let tag = tag.strip_prefix('v').unwrap_or(tag);
        tag.starts_with(|c: char| c.is_ascii_digit()) && tag.contains('.')
            // A commit or a date.
            || tag.len() >= 7 && tag.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &str) {
        let mut words = line.split(' ');
        let program = words.next().expect("a program");
        let args: Vec<String> = words.map(|word| format!("  {word:?},\n")).collect();
        let input = format!(
            "-- base/layer.toml --\n[mcp_servers.a]\ncommand = '{program}'\nargs = [\n{}]\n",
            args.concat()
        );
        crate::rule::testing::check(&[WHOLE, MERGED], &input, expect);
    }

    #[test]
    fn exact_versions_pass() {
        for line in [
            "npx -y @playwright/mcp@0.0.83 --headless",
            "npx --package=@upstash/context7-mcp@4.1.1 context7-mcp",
            "npx -y github:acme/mcp#1f3e5a7b9c",
            "npx -y ./tools/mcp",
            "pnpm dlx tool@1.2.3-beta.1",
            "uvx --from mcp-server-git==2026.1.14 mcp-server-git",
            "uvx mcp-server-time@2026.1.14",
            "pipx run --spec tool==1.0 tool",
            "docker run -i --rm -e TOKEN ghcr.io/acme/mcp:1.4.0 stdio",
            "docker run -i --rm mcp/fetch@sha256:302bfc8b",
            "npx -y ${MCP_PACKAGE}",
            "node server.js",
            "docker compose up",
        ] {
            check(line, "");
        }
    }

    #[test]
    fn everything_else_floats() {
        check("npx -y @playwright/mcp", "base/layer.toml:5 CE044");
        check("npx -y @playwright/mcp@latest", "base/layer.toml:5 CE044");
        check("npx tool@^1.2.3", "base/layer.toml:4 CE044");
        check("npx -y tool@1.2", "base/layer.toml:5 CE044");
        check("npx -y --package tool tool-bin", "base/layer.toml:6 CE044");
        check("bunx tool", "base/layer.toml:4 CE044");
        check("yarn dlx tool@next", "base/layer.toml:5 CE044");
        check("npx -y github:acme/mcp", "base/layer.toml:5 CE044");
        check("cmd /c npx -y tool", "base/layer.toml:7 CE044");
        check("uvx mcp-server-git", "base/layer.toml:4 CE044");
        check("uvx --from git+https://github.com/acme/mcp tool", "base/layer.toml:5 CE044");
        check("pipx run tool", "base/layer.toml:5 CE044");
        check("docker run -i --rm -e TOKEN mcp/fetch", "base/layer.toml:9 CE044");
        check("docker run --name x mcp/fetch:latest", "base/layer.toml:7 CE044");
    }

    #[test]
    fn a_kind_floats_with_its_version() {
        let check = |body: &str, expect: &str| {
            let input = format!("-- base/layer.toml --\n[mcp_servers.a]\n{body}\n");
            crate::rule::testing::check(&[WHOLE, MERGED], &input, expect);
        };
        check("kind = 'playwright'", "");
        check("kind = 'playwright'\nversion = '0.0.82'", "");
        check("kind = 'playwright'\nversion = 'latest'", "base/layer.toml:3 CE044");
        check("version = '^4'\nkind = 'context7'", "base/layer.toml:2 CE044");
    }
}
