#!/usr/bin/env python3
"""Write a config repository to measure with: our own synthetic text, the same bytes for the same seed.

    benches/workload.py DIR                        one workspace
    benches/workload.py DIR --workspaces 1000      a fleet: 10 teams, a project each, 10 users
    benches/workload.py DIR --workspaces 1000 --layers 300
                                                   a fleet that shares 300 layers
    benches/workload.py DIR --content 1000         one layer with 1,000 files of 2 KiB, committed and packed
    benches/workload.py DIR --merge                four layers of 1 MB, and the same as JSON beside them

In a fleet each workspace has four layers (43, 19, 14 and 9 files; each layer replaces files and values of those below it)
and renders to 65 files, about 140 KiB: 40 rules, 10 commands, 12 subagents, CLAUDE.md, settings and 8 MCP servers.
`claude-env check` has nothing to say about any of these repositories.
"""

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

SEED = 7
TEAMS = 10
USERS = 10
# Files of a rendered workspace.
OUTPUTS = 65

RULE_BYTES = 2048
WORDS = """
    a about after all also always an and any are as ask at back be before branch build but by call change check clear
    code comment commit copy data default delete describe each error example explain fail fast few field file find first
    fix folder for from give has have how if import in into is it its keep know last leave less limit line list log long
    look make mark merge message method module more move name narrow need never new no not number of old on once one only
    open or order other over owner part path plain point print put queue read reason release remove rename request result
    return review rule run same say scope send set short show side simple small sort split start state step stop store
    table take team test text than that the their then there this time to type under unit until update use user value
    verify version wait what when where which why with word work write year
""".split()

# What each layer brings: files by number, its own ones first, then those of lower layers that it replaces.
RULES = {
    "base": [*range(26)],
    "team": [*range(26, 32), 0, 1, 2, 3],
    "project": [*range(32, 37), 4, 5, 26],
    "user": [*range(37, 40), 32],
}
COMMANDS = {"base": [*range(6)], "team": [6, 7, 0], "project": [8, 6], "user": [9]}
AGENTS = {"base": [*range(8)], "team": [8, 9, 0, 1], "project": [10, 8], "user": [11, 10]}
MEMORY = {"base": ["10-company", "20-engineering"], "team": ["30-team"], "project": ["40-project"], "user": ["50-user"]}

LAYER = {
    "base": """
        [environment]
        LOG_LEVEL = "info"
        NODE_ENV = "development"
        BUILD_JOBS = "4"
        TEST_REPORT = "short"
        DOCS_LANGUAGE = "en"
        REGION = "north"

        [mcp_servers.sequential]
        kind = "sequential"
        version = "2026.8.31"

        [mcp_servers.playwright]
        kind = "playwright"
        version = "0.0.83"
        env = {{ PLAYWRIGHT_MCP_HEADLESS = "true" }}

        [mcp_servers.context7]
        kind = "context7"
        version = "4.1.1"

        [mcp_servers.docs]
        type = "http"
        url = "https://mcp.acme.example/docs"

        [permissions]
        defaultMode = "default"
        deny = ["Read(./.env)", "Read(./.env.*)", "Read(./secrets/**)", "Read(~/.ssh/**)"]
        ask = ["Bash(git push:*)", "Bash(npm publish:*)"]
        allow = [
            "Bash(npm run lint:*)",
            "Bash(npm run test:*)",
            "Bash(npm run build:*)",
            "Bash(git status:*)",
            "Bash(git diff:*)",
            "Bash(git log:*)",
            "mcp__sequential__sequentialthinking",
        ]

        [[hooks.PreToolUse]]
        matcher = "Bash"
        hooks = [{{ type = "command", command = "acme-guard bash", timeout = 10 }}]

        [[hooks.PostToolUse]]
        matcher = "Edit|Write"
        hooks = [{{ type = "command", command = "acme-format changed" }}]

        [settings]
        includeCoAuthoredBy = false
        cleanupPeriodDays = 30
        companyAnnouncements = ["Questions about this setup? Ask in the channel claude-code."]
    """,
    "team": """
        [environment]
        LOG_LEVEL = "warn"
        TEAM = "{name}"
        SERVICE_TIER = "two"

        [mcp_servers.playwright]
        env = {{ PLAYWRIGHT_MCP_HEADLESS = "false" }}

        [mcp_servers.tickets]
        type = "http"
        url = "https://mcp.acme.example/tickets/{name}"
        headers = {{ Authorization = "Bearer ${{env:TICKETS_TOKEN}}" }}

        [mcp_servers.everything]
        command = "npx"
        args = ["-y", "@modelcontextprotocol/server-everything@2026.8.31"]

        [permissions]
        ask = ["Bash(git push:*)", "Bash(npm publish:*)", "Bash(kubectl apply:*)"]
        allow = ["Bash(kubectl get:*)", "Bash(kubectl logs:*)", "Bash(git log:*)"]

        [[hooks.PostToolUse]]
        matcher = "Bash"
        hooks = [{{ type = "command", command = "acme-audit {name}" }}]

        [settings]
        cleanupPeriodDays = 60
    """,
    "project": """
        [environment]
        BUILD_JOBS = "8"
        PROJECT = "{name}"

        [mcp_servers.sequential]
        env = {{ DISABLE_THOUGHT_LOGGING = "true" }}

        [mcp_servers.database]
        command = "uvx"
        args = ["postgres-mcp==0.3.0", "--access-mode=restricted"]
        env = {{ DATABASE_URI = "${{env:DATABASE_URI}}" }}

        [permissions]
        allow = ["Bash(make {name}:*)", "Bash(docker compose ps:*)", "Bash(docker compose logs:*)"]

        [settings]
        cleanupPeriodDays = 90
    """,
    "user": """
        [environment]
        DOCS_LANGUAGE = "de"
        EDITOR_NAME = "{name}"

        [mcp_servers.docs]
        url = "https://mcp.acme.example/docs/{name}"

        [mcp_servers.notes]
        type = "http"
        url = "https://mcp.acme.example/notes/{name}"

        [permissions]
        allow = ["Bash(rg:*)", "Bash(fd:*)", "Bash(git stash list:*)"]
    """,
}

MANIFEST = """\
version = 1

[merge]
"permissions.allow" = "union"

[policy]
locked = ["permissions.deny"]
append_only = ["permissions.ask", "hooks.PreToolUse"]
"""


class Text:
    """Sentences that depend on the seed and on where they stand, and on nothing else."""

    def __init__(self, place: str):
        self.random = random.Random(f"{SEED} {place}")

    def sentence(self) -> str:
        words = self.random.choices(WORDS, k=self.random.randint(6, 16))
        return " ".join(words).capitalize() + "."

    def fill(self, head: str, size: int) -> str:
        """`head` and as many sentences, in short paragraphs, as make `size` bytes."""
        text = head
        while len(text) < size:
            end = "\n\n" if self.random.random() < 0.3 else "\n"
            text += self.sentence() + end
        return text[: size - 2].rstrip() .ljust(size - 2, ".") + ".\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def dedent(text: str) -> str:
    return "\n".join(line.removeprefix(" " * 8) for line in text.strip("\n").splitlines()).rstrip() + "\n"


def write_layer(root: Path, folder: str, kind: str) -> None:
    """One layer of a fleet, with its files."""
    name = folder.rsplit("/", 1)[-1]
    at = root / folder

    def content(path: str, head: str, size: int) -> None:
        write(at / path, Text(f"{folder}/{path}").fill(head, size))

    toml = f'version = "1.0.0"\ndescription = "{kind} layer {name}"\n\n' + dedent(LAYER[kind].format(name=name))
    write(at / "layer.toml", toml)
    for part in MEMORY[kind]:
        content(f"memory/{part}.md", f"# {part} of {name}\n\n", 1500)
    for number in RULES[kind]:
        paths = f'---\npaths: "src/part{number:02}/**"\n---\n\n' if number % 4 == 0 else ""
        content(f"rules/rule-{number:02}.md", f"{paths}# Rule {number} of {name}\n\n", RULE_BYTES)
    for number in COMMANDS[kind]:
        about = Text(f"{folder}/command/{number}").sentence()
        head = f'---\ndescription: {about}\nargument-hint: "[path]"\nallowed-tools: Bash(git diff:*), Read\n---\n\n'
        content(f"commands/command-{number:02}.md", head, 1800)
    for number in AGENTS[kind]:
        about = Text(f"{folder}/agent/{number}").sentence()
        head = f"---\nname: agent-{number:02}\ndescription: {about}\ntools: Read, Grep, Glob, Bash\n---\n\n"
        content(f"agents/agent-{number:02}.md", head, 2000)


def fleet(root: Path, workspaces: int, layers: int | None = None) -> None:
    """A fleet. With `layers`, that many layers are shared by all workspaces; else each workspace has its own project."""
    teams = min(TEAMS, workspaces)
    users = min(USERS, workspaces)
    projects = layers - 1 - teams - users if layers else workspaces
    if projects < 1:
        sys.exit(f"--layers {layers}: {teams} teams and {users} users leave no layer for a project")
    write(root / "claude-env.toml", MANIFEST)
    write_layer(root, "base", "base")
    for kind, count in (("team", teams), ("project", projects), ("user", users)):
        for number in range(count):
            write_layer(root, f"{kind}s/{kind}-{number:04}", kind)
    entries: dict[int, list[str]] = {}
    for number in range(workspaces):
        # Counting teams, projects and users round gives (nearly) every workspace a scope of its own.
        team, project, user = number % teams, number % projects, number // teams % users
        entries.setdefault(team, []).append(
            f"[workspaces.workspace-{number:04}]\n"
            f'repository = "acme/workspace-{number:04}"\n'
            f'team = "team-{team:04}"\nproject = "project-{project:04}"\nuser = "user-{user:04}"\n'
        )
    for team, texts in entries.items():
        write(root / f"workspaces/team-{team:04}.toml", "\n".join(texts))


def content(root: Path, files: int) -> None:
    """One layer whose content is `files` rules."""
    write(root / "claude-env.toml", "version = 1\n")
    write(root / "base/layer.toml", '[settings]\ncleanupPeriodDays = 30\n')
    for number in range(files):
        path = f"base/rules/{number % 20:02}/rule-{number:04}.md"
        write(root / path, Text(path).fill(f"# Rule {number}\n\n", RULE_BYTES))


# --- workspaces -----------------------------------------------------------------------------------

# What a sync leaves in a workspace, beside its stamp.
WRITTEN = [".claude", "CLAUDE.md", ".mcp.json", ".claude-env.lock"]


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com",
           # Or a commit may start it in the background, in the way of the one below.
           "-c", "gc.auto=0"]
    subprocess.run(["git", *identity, "-C", str(root), *arguments], check=True, stdout=subprocess.DEVNULL)


def repository(root: Path, files: int = 1000, different: int = 20) -> None:
    """A repository with two branches that differ in some files; the last checkout was one of the other branch."""
    for number in range(files):
        path = f"src/{number % 20:02}/file-{number:04}.txt"
        write(root / path, Text(path).fill(f"{number}\n", 1024))
    commit(root)
    git(root, "checkout", "-q", "-b", "other")
    for number in range(different):
        path = f"src/{number % 20:02}/file-{number:04}.txt"
        write(root / path, Text(f"other {path}").fill(f"{number}\n", 1024))
    git(root, "commit", "-q", "-a", "-m", "other")
    git(root, "checkout", "-q", "-")


def bind(root: Path, config: Path, mode: str, number: int = 0, teams: int = 1, user: bool = False) -> None:
    """Binds a workspace as `claude-env init` does."""
    scope = f'team = "team-{number % teams:04}"\nproject = "project-{number:04}"\n'
    scope += 'user = "user-0000"\n' if user else ""
    source = f'[source]\nrepository = "{config}"\nref = "main"\n'
    write(root / ".claude-env.toml", f'{source}\n[scope]\n{scope}\n[render]\nmode = "{mode}"\n')


def workspaces(root: Path, config: Path, count: int, home: Path) -> list[Path]:
    """Bound workspaces, registered as if each had been synced."""
    roots = []
    for number in range(count):
        workspace = root / f"workspace-{number:04}"
        write(workspace / ".git/HEAD", "ref: refs/heads/main\n")
        for folder in ("objects", "refs"):
            (workspace / ".git" / folder).mkdir()
        bind(workspace, config, "committed", number, min(TEAMS, count))
        path = workspace.resolve()
        name = hashlib.sha256(str(path).encode()).hexdigest()[:20]
        text = f"claude-env workspace 1\nconfig {(config / '.git').resolve()}\npath {path}\n"
        write(home / ".local/state/claude-env/registry" / name, text)
        roots.append(workspace)
    return roots


def outputs(workspace: Path, to: Path) -> None:
    """A copy of what was rendered into a workspace."""
    for name in WRITTEN:
        source = workspace / name
        if source.is_dir():
            shutil.copytree(source, to / name)
        elif source.exists() and not name.endswith(".lock"):
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, to / name)


def forget(workspace: Path) -> None:
    """Makes a workspace one that was never synced."""
    for name in [*WRITTEN, ".git/claude-env"]:
        path = workspace / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def hook(root: Path, script: str | None) -> None:
    """Has git run a line of shell after each checkout, or nothing."""
    path = root / ".git/hooks/post-checkout"
    path.unlink(missing_ok=True)
    if script is not None:
        write(path, f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


# --- four large layers ----------------------------------------------------------------------------

MERGE_LAYERS = {"base": "base", "team": "teams/large", "project": "projects/large", "user": "users/large"}
MERGE_SCOPE = ["--team", "large", "--project", "large", "--user", "large"]
# Tools keep what they like below `customizations`, so everything is allowed there.
MERGE_TABLE = ("devcontainer", "customizations", "acme")


def section(text: Text) -> dict:
    """A table as tools have them: texts, numbers, switches, lists, a table inside."""
    pick = text.random
    return {
        "title": text.sentence(),
        "summary": " ".join(text.sentence() for _ in range(2)),
        "enabled": pick.random() < 0.5,
        "priority": pick.randint(0, 1000),
        "weight": pick.randint(1, 999) / 8,
        "owner": f"team-{pick.randint(0, 99):02}",
        "tags": pick.choices(WORDS, k=6),
        "limits": {"soft": pick.randint(1, 500), "hard": pick.randint(500, 9999), "note": text.sentence()},
        "paths": {f"{word}-{index}": f"src/{word}/{pick.choice(WORDS)}/**" for index, word in enumerate(pick.choices(WORDS, k=4))},
    }


def merge(root: Path, size: int = 1_040_000) -> list[Path]:
    """Four layers of `size` bytes of JSON each, which overlap by half, and those JSON files beside the repository."""
    write(root / "claude-env.toml", "version = 1\n")
    files = []
    per_layer = size // len(json.dumps(section(Text("size"))))
    for index, (kind, folder) in enumerate(MERGE_LAYERS.items()):
        first = index * per_layer // 2
        sections = {f"section-{n:05}": section(Text(f"{kind} {n}")) for n in range(first, first + per_layer)}
        document: dict = sections
        for key in reversed(MERGE_TABLE):
            document = {key: document}
        write(root / folder / "layer.toml", "\n".join(toml_lines(sections, MERGE_TABLE)) + "\n")
        files.append(root / "json" / f"{index}-{kind}.json")
        write(files[-1], json.dumps(document))
    return files


def toml_lines(table: dict, path: tuple[str, ...]) -> list[str]:
    """A table as people write it: a header, its values, small tables on one line, then the larger ones."""
    small = {key: value for key, value in table.items() if not isinstance(value, dict) or is_flat(value)}
    lines = ["", f"[{'.'.join(path)}]"] if small else []
    lines += [f"{key} = {toml_value(value)}" for key, value in small.items()]
    for key, value in table.items():
        if key not in small:
            lines += toml_lines(value, (*path, key))
    return lines


def is_flat(value: dict) -> bool:
    return not any(isinstance(item, dict) for item in value.values())


def toml_value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items()) + " }"
    # A JSON string of plain characters is a TOML string, and so are numbers, switches and lists of them.
    return json.dumps(value)


def commit(root: Path) -> None:
    """Commit everything, and pack it as a clone is packed."""
    who = {"GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z"}
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **who}
    git = [shutil.which("git") or "git", "-C", str(root), "-c", "user.name=Bench", "-c", "user.email=bench@example.com",
           # Or a commit may start it in the background, in the way of the one below.
           "-c", "gc.auto=0"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "workload"], ["gc", "-q"]):
        subprocess.run([*git, *arguments], env=env, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder to write; must not exist, or be empty")
    parser.add_argument("--workspaces", type=int, default=1, metavar="N")
    parser.add_argument("--layers", type=int, metavar="N", help="layers of the whole fleet")
    parser.add_argument("--content", type=int, metavar="N", help="files of the one layer")
    parser.add_argument("--merge", action="store_true")
    parser.add_argument("--commit", action="store_true", help="commit and pack it with git")
    options = parser.parse_args()
    root = options.folder
    if root.exists() and any(root.iterdir()):
        sys.exit(f"{root} is not empty")
    if options.merge:
        merge(root)
    elif options.content:
        content(root, options.content)
    else:
        fleet(root, options.workspaces, options.layers)
    if options.commit or options.content:
        commit(root)


if __name__ == "__main__":
    main()
