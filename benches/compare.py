#!/usr/bin/env python3
"""Time claude-env beside everyday programs that do a comparable job, in one run, and print the ratios.

    benches/compare.py                         build nothing; measure the binary that ci/build-release makes
    benches/compare.py --quick --only T3       a first look
    benches/compare.py --rounds 30 --gate      exit with 1 when a gate is missed
    benches/compare.py --instructions --gate   only what has no noise: instructions and page faults

Clocks drift on shared machines, and ratios hold: each round runs ours and the reference one after the other, each round in
another order, and what counts is the middle of the rounds' ratios. Each run is measured from posix_spawn to wait4, with its
output thrown away; what it needs is put in place before, untimed. The page cache is warm. Memory is the peak of the
process, measured in a run of its own.

Two columns hold on any machine, however busy: page faults, from wait4, and the instructions in user space that valgrind's
callgrind counts. Instructions are counted for a few short commands, for it runs a program some fifty times slower. Ours is
linked statically and git dynamically, and what the loader does for git counts.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import workload

HERE = Path(__file__).resolve().parent
GIB = 1 << 30

# Nothing of the person's own settings has a say.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}

Command = list[str]


@dataclass
class Run:
    """What one run of a command took."""

    wall_ms: float
    # Of the process and the ones that it waited for, in user and kernel.
    cpu_ms: float
    code: int
    # Pages that the kernel gave the process and that were in memory.
    faults: int


@dataclass
class Target:
    """One pair to be timed, or one peak of memory."""

    name: str
    what: str
    ours: Command
    # What it is compared with; `None` where the gate is a number of MiB.
    reference: Command | None
    against: str
    gate: float
    goal: float
    rounds: int
    # Untimed, before each run of ours and of the reference.
    prepare: Callable[[], None] = lambda: None
    # Looks once whether ours did its work.
    verify: Callable[[], None] = lambda: None
    ours_runs: list["Run"] = field(default_factory=list)
    reference_runs: list["Run"] = field(default_factory=list)
    peak_mib: float = 0.0
    # Where both are started; a hook looks no further.
    folder: Path = Path("/")
    # The most instructions that ours may take, as a ratio to the reference; `None` where they are not counted.
    instructions_gate: float | None = None
    # What ours needs to be in place when valgrind runs it, and without valgrind again; it gets the function that runs commands.
    settle: Callable[[Callable[[Command], Run]], None] = lambda run: None
    # Of ours and of the reference, once they are counted.
    instructions: tuple[int, int] | None = None

    @property
    def ratios(self) -> list[float]:
        return [ours.wall_ms / reference.wall_ms for ours, reference in zip(self.ours_runs, self.reference_runs)]

    @property
    def cpu_ratio(self) -> float:
        """Work, not waiting: holds on a busy machine too, and says nothing about the use of several processors."""
        pairs = zip(self.ours_runs, self.reference_runs)
        return statistics.median(ours.cpu_ms / max(reference.cpu_ms, 0.001) for ours, reference in pairs)

    @property
    def value(self) -> float:
        """What is held against gate and goal."""
        return statistics.median(self.ratios) if self.reference else self.peak_mib

    @property
    def instructions_ratio(self) -> float | None:
        return self.instructions[0] / self.instructions[1] if self.instructions else None

    @property
    def faults(self) -> tuple[int, int]:
        """The fewest of ours and of the reference: where the stack begins is random, and so is a page or two."""
        ours, theirs = (min(run.faults for run in runs) for runs in (self.ours_runs, self.reference_runs))
        return ours, theirs

    @property
    def instructions_missed(self) -> bool:
        return bool(self.instructions) and self.instructions_ratio > self.instructions_gate

    @property
    def missed(self) -> bool:
        return self.verdict == "MISSED" or self.instructions_missed

    @property
    def verdict(self) -> str:
        if self.value <= self.goal:
            return "goal"
        return "gate" if self.value <= self.gate else "MISSED"


# --- running --------------------------------------------------------------------------------------


def spawn(command: Command, keep_error: bool = False) -> Run:
    """Runs a command, its output thrown away."""
    silent = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    if not keep_error:
        silent.append((os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0))
    begin = time.perf_counter_ns()
    process = os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=silent)
    _, status, usage = os.wait4(process, 0)
    elapsed = time.perf_counter_ns() - begin
    cpu_ms = (usage.ru_utime + usage.ru_stime) * 1e3
    return Run(elapsed / 1e6, cpu_ms, os.waitstatus_to_exitcode(status), usage.ru_minflt)


def counted(command: Command) -> tuple[Run, int]:
    """Runs a command under callgrind: with the instructions in user space, of all its threads and none of its children."""
    full = [which("valgrind"), "--tool=callgrind", f"--callgrind-out-file={os.devnull}", *command]
    run = subprocess.run(full, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    count = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not count:
        sys.exit(f"valgrind could not run {' '.join(command)}, exit code {run.returncode}:\n{run.stderr}")
    return Run(0, 0, run.returncode, 0), int(count.group(1))


def count_instructions(target: Target) -> None:
    """Counts those of ours and of the reference."""
    target.settle(lambda command: counted(command)[0])
    target.prepare()
    ours = counted(target.ours)[1]
    target.settle(lambda command: spawn(command, keep_error=True))
    target.prepare()
    target.instructions = (ours, counted(target.reference)[1])


def peak_mib(command: Command, scratch: Path) -> float:
    """The most memory that a process had. GNU time measures it, because a child of ours starts with our own peak."""
    time_program = shutil.which("time")
    if time_program:
        note = scratch / "peak"
        spawn([time_program, "-f", "%M", "-o", str(note), *command])
        return int(note.read_text().split()[-1]) / 1024
    process = os.posix_spawn(command[0], command, ENVIRONMENT)
    return os.wait4(process, 0)[2].ru_maxrss / 1024


def measure(target: Target, scratch: Path) -> None:
    """One untimed run that must succeed, then the rounds, then the counts."""
    os.chdir(target.folder)
    target.prepare()
    first = spawn(target.ours, keep_error=True)
    if first.code != 0:
        sys.exit(f"{target.name}: exit code {first.code} from {' '.join(target.ours)}")
    target.verify()
    if target.reference is None:
        target.prepare()
        target.peak_mib = peak_mib(target.ours, scratch)
        return
    target.prepare()
    spawn(target.reference)
    pair = [(target.ours, target.ours_runs), (target.reference, target.reference_runs)]
    for number in range(target.rounds):
        for command, runs in pair if number % 2 == 0 else reversed(pair):
            target.prepare()
            runs.append(spawn(command))
    if target.instructions_gate and shutil.which("valgrind"):
        count_instructions(target)


def busy_share(seconds: float) -> float:
    """How much of all processors was in use during the next seconds."""

    def counters() -> tuple[int, int]:
        numbers = [int(number) for number in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        return sum(numbers), numbers[3] + numbers[4]

    total, idle = counters()
    time.sleep(seconds)
    later, idle_later = counters()
    return 1 - (idle_later - idle) / max(1, later - total)


def wait_for_quiet(limit: float) -> str:
    """Waits until 92 % of the machine is idle; says so when that does not come."""
    if not Path("/proc/stat").exists():
        return "load unknown"
    end = time.monotonic() + limit
    while (busy := busy_share(2)) > 0.08:
        if time.monotonic() > end:
            return f"{busy:.0%} busy with other things, so expect noise"
    return "quiet"


# --- what is measured -----------------------------------------------------------------------------


class Suite:
    """The workloads in a scratch folder, and the targets that use them. Each is made when it is first asked for."""

    def __init__(self, binary: str, scratch: Path, quick: bool, rounds: int | None):
        self.binary = binary
        self.scratch = scratch
        self.fleet_size = 100 if quick else 1000
        self.quick = quick
        self.rounds_asked = rounds
        home = scratch / "home"
        home.mkdir()
        ENVIRONMENT["HOME"] = str(home)

    def rounds(self, usual: int) -> int:
        if self.rounds_asked:
            return self.rounds_asked
        return max(3, usual // 5) if self.quick else usual

    def made(self, name: str, make: Callable[[Path], object], commit: bool = False) -> Path:
        root = self.scratch / name
        if not root.exists():
            print(f"making the workload `{name}` …", file=sys.stderr)
            make(root)
            if commit:
                workload.commit(root)
        return root

    def one(self) -> Path:
        return self.made("one", lambda root: workload.fleet(root, 1), commit=True)

    def fleet(self) -> Path:
        return self.made("fleet", lambda root: workload.fleet(root, self.fleet_size))

    def shared(self) -> Path:
        layers = 300 if not self.quick else 40
        return self.made("shared", lambda root: workload.fleet(root, self.fleet_size, layers))

    def render(self, root: Path, out: Path) -> Command:
        return [self.binary, "-C", str(root), "render", "--all", "--output", str(out)]

    def rendered(self, root: Path, name: str) -> Path:
        """A finished rendering of a fleet, to be copied or compared."""
        out = self.scratch / name
        if not out.exists():
            spawn(self.render(root, out), keep_error=True)
            count_outputs(out)
        return out

    def targets(self) -> dict[str, Callable[[], list[Target]]]:
        return {"T1": self.t1, "T2": self.t2, "T3": self.t3, "T4": self.t4, "T5": self.t5, "T6": self.t6, "T7": self.t7,
                "T8": self.t8, "T9": self.t9, "T10": self.t10, "T11": self.t11, "T12": self.t12, "T13": self.t13,
                "check": self.check, "sync-all": self.sync_all}

    def rev_parse(self) -> Command:
        return [which("git"), "-C", str(self.one()), "rev-parse", "HEAD"]

    # Workspaces: bound, synced, and with stamps that are old enough to be relied on.

    def workspace(self) -> Path:
        """A repository of 1,000 files with two branches, and a workspace whose 65 files git does not see."""

        def make(root: Path) -> None:
            workload.repository(root)
            workload.bind(root, self.one(), "local", user=True)
            self.settle_workspace(root, lambda command: spawn(command, keep_error=True))

        return self.made("workspace", make)

    def settle_workspace(self, root: Path, run: Callable[[Command], Run]) -> None:
        """The fingerprint names the program, which is another one under valgrind."""
        self.settle(lambda: run([self.binary, "-C", str(root), "sync"]), [root])

    def workspaces(self) -> Path:
        """A fleet of workspaces with small git directories, whose files are to be committed."""

        def make(root: Path) -> None:
            config = self.fleet()
            workload.commit(config)
            roots = workload.workspaces(root, config, self.fleet_size, Path(ENVIRONMENT["HOME"]))
            self.settle(lambda: spawn([self.binary, "-C", str(config), "sync", "--all"], keep_error=True), roots)

        return self.made("workspaces", make)

    def settle(self, sync: Callable[[], Run], roots: list[Path]) -> None:
        """Syncs until every stamp is settled: a file that was written just now may change once more without a trace."""
        stamps = [root / ".git/claude-env/stamp" for root in roots]
        for _ in range(100):
            if (run := sync()).code != 0:
                sys.exit(f"a sync of the workload ended with {run.code}")
            if not any("settled no" in stamp.read_text() for stamp in stamps):
                return
        sys.exit("the stamps of the workload do not settle")

    def outputs(self, twin: str) -> Path:
        """What is rendered in the fleet of workspaces, without git directories, to be copied or compared."""

        def make(root: Path) -> None:
            shutil.copytree(self.workspaces(), root, ignore=shutil.ignore_patterns(".git", ".claude-env*"))

        return self.made(f"outputs-{twin}", make)

    def t1(self) -> list[Target]:
        hook = [self.binary, "hook", "post-checkout", "0", "1", "1"]
        root = self.workspace()
        return [Target("T1", "hook with nothing to do", hook, self.rev_parse(), "git rev-parse HEAD", 1.0, 0.75,
                       self.rounds(80), folder=root, instructions_gate=1.15,
                       settle=lambda run: self.settle_workspace(root, run))]

    def t2(self) -> list[Target]:
        ours = self.workspace()
        spawn([self.binary, "-C", str(ours), "hooks", "install", "--shim"], keep_error=True)

        def twin(name: str, script: str | None) -> Path:
            def make(root: Path) -> None:
                shutil.copytree(ours, root, symlinks=True)
                workload.hook(root, script)
                workload.git(root, "status", "--short")

            return self.made(name, make)

        def checkout(root: Path) -> Command:
            return [which("git"), "-C", str(root), "checkout", "-q", "-"]

        return [
            Target(name, "git checkout - with the hook", checkout(ours), checkout(other), against, gate, goal,
                   self.rounds(40))
            for name, other, against, gate, goal in (
                ("T2", twin("empty-hook", ":"), "with an empty sh hook", 1.20, 1.12),
                ("T2b", twin("no-hook", None), "with no hook", 1.45, 1.30),
            )
        ]

    def t6(self) -> list[Target]:
        root = self.workspace()
        source, twin = (self.made(f"one-{name}", lambda to: workload.outputs(root, to)) for name in ("a", "b"))
        return [Target("T6", "drift of 1 workspace by content", [self.binary, "-C", str(root), "drift"],
                       [which("diff"), "-r", str(source), str(twin)], "diff -r of its files", 1.6, 1.3, self.rounds(40))]

    def t8(self) -> list[Target]:
        self.workspaces()
        ours = [self.binary, "-C", str(self.fleet()), "drift", "--all", "--by-content"]
        return [Target("T8", f"drift of {self.fleet_size} workspaces by content", ours,
                       [which("diff"), "-r", str(self.outputs("a")), str(self.outputs("b"))], "diff -r of their files",
                       1.0, 0.6, self.rounds(7))]

    def t9(self) -> list[Target]:
        self.workspaces()

        def make(root: Path) -> None:
            shutil.copytree(self.outputs("a"), root)
            workload.commit(root)

        repository = self.made("outputs-git", make)
        return [Target("T9", f"drift of {self.fleet_size} workspaces by size and time",
                       [self.binary, "-C", str(self.fleet()), "drift", "--all"],
                       [which("git"), "-C", str(repository), "status", "--porcelain"], "git status of their files",
                       1.5, 1.0, self.rounds(15))]

    def sync_all(self) -> list[Target]:
        root, source, copy = self.workspaces(), self.outputs("a"), self.scratch / "copy"

        def prepare() -> None:
            shutil.rmtree(copy, ignore_errors=True)
            for workspace in root.iterdir():
                workload.forget(workspace)

        def verify() -> None:
            command = ["diff", "-rq", "-x", ".git", "-x", ".claude-env*", str(source), str(root)]
            subprocess.run(command, check=True)

        return [Target("sync-all", f"first sync --all, {self.fleet_size} workspaces",
                       [self.binary, "-C", str(self.fleet()), "sync", "--all"], copy_command(source, copy),
                       "cp -r of their files", 1.5, 1.1, self.rounds(7), prepare, verify)]

    def t3(self) -> list[Target]:
        return [
            Target("T3", f"{option}", [self.binary, option], self.rev_parse(), "git rev-parse HEAD", 0.85, 0.60,
                   self.rounds(80), instructions_gate=gate)
            for option, gate in (("--version", 0.65), ("--help", 2.5))
        ]

    def t4(self) -> list[Target]:
        return [self.first_render("T4", "first render, 1 workspace", self.one(), 2.0, 1.5, self.rounds(40))]

    def t7(self) -> list[Target]:
        what = f"first render, {self.fleet_size} workspaces"
        return [self.first_render("T7", what, self.fleet(), 1.5, 1.1, self.rounds(7))]

    def first_render(self, name: str, what: str, root: Path, gate: float, goal: float, rounds: int) -> Target:
        source = self.rendered(root, f"{root.name}-rendered")
        out, copy = self.scratch / "out", self.scratch / "copy"

        def prepare() -> None:
            for folder in (out, copy):
                shutil.rmtree(folder, ignore_errors=True)

        def verify() -> None:
            count_outputs(out)
            subprocess.run(["diff", "-rq", str(source), str(out)], check=True)

        return Target(name, what, self.render(root, out), copy_command(source, copy), "cp -r of the output", gate, goal,
                      rounds, prepare, verify)

    def t5(self) -> list[Target]:
        out = self.rendered(self.one(), "one-rendered")
        return [Target("T5", "render again, 1 workspace, all equal", self.render(self.one(), out), self.rev_parse(),
                       "git rev-parse HEAD", 2.0, 1.5, self.rounds(60), verify=lambda: count_outputs(out),
                       instructions_gate=35.0)]

    def t10(self) -> list[Target]:
        root = self.fleet()
        source, copy = self.rendered(root, "fleet-rendered"), self.scratch / "copy"
        return [Target("T10", f"render again, {self.fleet_size} workspaces, all equal", self.render(root, source),
                       copy_command(source, copy), "cp -r of the output", 0.7, 0.45, self.rounds(7),
                       lambda: shutil.rmtree(copy, ignore_errors=True), lambda: count_outputs(source))]

    def t11(self) -> list[Target]:
        rows = []
        fleets = [("1 workspace", self.one(), 16, 8), (f"{self.fleet_size} workspaces", self.fleet(), 40, 16)]
        for name, root, gate, goal in fleets:
            out = self.scratch / "out"
            remove = lambda: shutil.rmtree(self.scratch / "out", ignore_errors=True)
            rows.append(Target("T11", f"peak memory, first render, {name}", self.render(root, out), None, "MiB", gate,
                               goal, 1, remove, lambda: count_outputs(self.scratch / "out")))
        check = [self.binary, "-C", str(self.shared()), "check"]
        rows.append(Target("T11", f"peak memory, check, {self.fleet_size} workspaces", check, None, "MiB", 40, 16, 1))
        return rows

    def t12(self) -> list[Target]:
        """Ours reads the files of a commit from git's objects, and every command that merges a scope reads them all.

        The reference walks the same files in a folder and reads each: a search for a text that is nowhere, in one process.
        """
        root = self.made("content", lambda root: workload.content(root, 1000), commit=True)
        ours = [self.binary, "-C", str(root), "show", "settings", "--rev", "HEAD"]
        search = [which("grep"), "-rqF", "a text that is nowhere", str(root / "base")]
        return [Target("T12", "1,000 files of 2 KiB from git's objects", ours, search, "grep -r: walk and read the files",
                       2.5, 1.9, self.rounds(40))]

    def t13(self) -> list[Target]:
        root = self.made("merge", workload.merge)
        json_files = sorted(str(path) for path in (root / "json").iterdir())
        ours = [self.binary, "-C", str(root), "show", "--format", "json", *workload.MERGE_SCOPE]
        reference = [which("jq"), "-s", ".[0]*.[1]*.[2]*.[3]", *json_files]
        return [Target("T13", "merge of four layers of 1 MB", ours, reference, "jq, the same as JSON", 0.45, 0.30,
                       self.rounds(15), verify=lambda: same_json(ours, reference),
                       instructions_gate=0.45)]

    def check(self) -> list[Target]:
        root = self.shared()
        source = self.rendered(root, "shared-rendered")
        # diff does not read a file that it is asked to compare with itself.
        twin = self.made("shared-twin", lambda twin: shutil.copytree(source, twin))
        what = f"check, {self.fleet_size} workspaces share {300 if not self.quick else 40} layers"
        return [Target("check", what, [self.binary, "-C", str(root), "check"],
                       [which("diff"), "-r", str(source), str(twin)], "diff -r of the outputs", 1.0, 0.6,
                       self.rounds(10))]


def which(program: str) -> str:
    path = shutil.which(program)
    if not path:
        sys.exit(f"`{program}` is missing: it is what claude-env is compared with")
    return path


def copy_command(source: Path, to: Path) -> Command:
    return [which("cp"), "-r", str(source), str(to)]


def count_outputs(out: Path) -> None:
    """Fails unless every workspace has all its files; the lock of each is beside them."""
    for workspace in out.iterdir():
        if workspace.is_dir():
            files = sum(len(names) for _, _, names in os.walk(workspace))
            if files < workload.OUTPUTS:
                sys.exit(f"{workspace} has {files} files, not {workload.OUTPUTS}")


def same_json(ours: Command, reference: Command) -> None:
    """Fails unless both commands print the same value; the built-in layer below the four is ours alone."""
    import json

    values = [json.loads(subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True).stdout)
              for command in (ours, reference)]
    values[0].pop("settings", None)
    if values[0] != values[1]:
        sys.exit("T13: claude-env and jq do not agree")


# --- printing -------------------------------------------------------------------------------------


def table(targets: list[Target], timed: bool) -> str:
    """What was measured, a target a line; without `timed`, only what is counted."""
    rows = [["target", "what"]]
    rows[0] += ["ours", "against", "its time", "ratio (min – max)", "CPU", "gate", "goal", "verdict"] if timed else ["against"]
    rows[0] += ["page faults", "instructions", "ratio", "gate", "verdict"]
    for target in targets:
        against = target.against if target.reference else ""
        row = [target.name, target.what]
        if not timed:
            row.append(against)
        elif target.reference:
            both = (target.ours_runs, target.reference_runs)
            ours, theirs = (f"{statistics.median(run.wall_ms for run in runs):.2f} ms" for runs in both)
            ratio = f"{target.value:.2f}x ({min(target.ratios):.2f} – {max(target.ratios):.2f})"
            row += [ours, against, theirs, ratio, f"{target.cpu_ratio:.2f}x", f"{target.gate:.2f}x", f"{target.goal:.2f}x",
                    target.verdict]
        else:
            row += [f"{target.peak_mib:.1f} MiB", "", "", "", "", f"{target.gate:.0f} MiB", f"{target.goal:.0f} MiB",
                    target.verdict]
        row.append("{:,} / {:,}".format(*target.faults) if target.reference else "")
        if target.instructions:
            ratio, gate = target.instructions_ratio, target.instructions_gate
            row += ["{:,.1f} M / {:,.1f} M".format(*(count / 1e6 for count in target.instructions)), f"{ratio:.3f}x",
                    f"{gate:.2f}x", "gate" if ratio <= gate else "MISSED"]
        else:
            row += ["", "", "", ""]
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def build_release() -> str:
    """The path of the release binary; cargo builds it only when it is not up to date."""
    built = subprocess.run([HERE.parent / "ci/build-release"], stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        sys.exit("ci/build-release failed; build it, or name a binary with --binary PATH")
    return built.stdout.strip()


def scratch_base() -> tuple[Path | None, str]:
    """Where to work. Deleting and writing files again must cost the same each time, which tmpfs promises.

    An ext4 without a journal does not: after many rounds it spends its time in stepping over deleted files.
    """
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * GIB:
        return memory, "tmpfs"
    return None, "the disk; on one without a journal, writing gets slower with every round"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", metavar="PATH", help="the release binary [default: what ci/build-release makes]")
    parser.add_argument("--only", action="append", metavar="TARGET", help="T1, T2, …, check, sync-all; may be given again")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of every target [default: by target]")
    parser.add_argument("--quick", action="store_true", help="a fifth of the rounds, and fleets of 100 workspaces")
    parser.add_argument("--gate", action="store_true", help="exit with 1 when a gate is missed")
    parser.add_argument("--instructions", action="store_true",
                        help="only counts: page faults, and instructions, which need valgrind [default: T1, T3, T5, T13]")
    parser.add_argument("--settle", type=float, default=60, metavar="SECONDS", help="how long to wait for a quiet machine")
    options = parser.parse_args()

    if not shutil.which("valgrind"):
        if options.instructions:
            parser.error("`valgrind` is missing, which counts instructions: install your system's package of that name")
        print("`valgrind` is missing (a package of your system): instructions are not counted", file=sys.stderr)
    if options.instructions:
        options.only = options.only or ["T1", "T3", "T5", "T13"]
        options.rounds = options.rounds or 5
        options.settle = 0
    binary = os.path.abspath(options.binary) if options.binary else build_release()
    base, where = scratch_base()
    with tempfile.TemporaryDirectory(prefix="claude-env-bench-", dir=base) as folder:
        suite = Suite(binary, Path(folder), options.quick, options.rounds)
        known = suite.targets()
        unknown = [name for name in options.only or [] if name not in known]
        if unknown:
            parser.error(f"no target {', '.join(unknown)}; there are {', '.join(known)}")
        targets: list[Target] = []
        for name in options.only or known:
            made = known[name]()
            state = wait_for_quiet(options.settle) if options.settle else "not waited for"
            for target in made:
                print(f"{target.name}: {target.what}; machine: {state}", file=sys.stderr)
                measure(target, suite.scratch)
                targets.append(target)
    print(f"On {where} in {base or tempfile.gettempdir()}; {os.cpu_count()} processors.\n")
    print(table(targets, timed=not options.instructions))
    missed = [target for target in targets if (target.instructions_missed if options.instructions else target.missed)]
    return 1 if options.gate and missed else 0


if __name__ == "__main__":
    sys.exit(main())
