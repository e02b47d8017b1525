#!/usr/bin/env python3
"""Time what a developer waits for after changing one line: `cargo check`, a debug build, the unit tests.

    benches/change_cost.py                 each crate, three rounds
    benches/change_cost.py --rounds 1 --only core

A line is added to a file that many others use, and taken away again; the middle of the rounds counts. Everything is built
before, so only what the change costs is timed. Run it on a quiet machine: rustc uses every processor.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Each crate, with a file near its middle.
FILES = {
    "core": ("claude-env-core", "crates/core/src/workspace/entry.rs"),
    "engine": ("claude-env-engine", "crates/engine/src/ops/sync.rs"),
    "cli": ("claude-env", "src/cli/output.rs"),
}


def commands(package: str) -> dict[str, list[str]]:
    return {
        "cargo check": ["cargo", "check", "--workspace"],
        "debug build": ["cargo", "build"],
        "unit tests": ["cargo", "test", "--package", package, "--lib"],
    }


def run(command: list[str]) -> float:
    begin = time.perf_counter()
    done = subprocess.run([*command, "--offline", "--quiet"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}")
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--only", choices=FILES, action="append")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors; seconds, the middle of {options.rounds} rounds\n")
    print("| one line changed in | cargo check | debug build | unit tests of the crate, built and run |")
    print("|---|---|---|---|")
    for name in options.only or FILES:
        package, path = FILES[name]
        file = ROOT / path
        text = file.read_text()
        times = []
        try:
            for command in commands(package).values():
                run(command)
                rounds = []
                for number in range(options.rounds):
                    # A private constant near the beginning moves every line below it, as most changes do.
                    lines = text.split("\n")
                    first = next(index for index, line in enumerate(lines) if line.startswith("use "))
                    lines.insert(first, f"#[allow(dead_code)]\nconst CHANGED: u32 = {number};")
                    file.write_text("\n".join(lines))
                    rounds.append(run(command))
                times.append(statistics.median(rounds))
                file.write_text(text)
        finally:
            file.write_text(text)
        print(f"| {name} (`{path}`) | " + " | ".join(f"{seconds:.1f}" for seconds in times) + " |", flush=True)


if __name__ == "__main__":
    main()
