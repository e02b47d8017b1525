//! Who may import whom. `ARCHITECTURE.md` shows the same table.

/// A crate of this repository.
pub(super) struct Crate {
    /// The name that others import it by.
    pub(super) name: &'static str,
    /// The folder with its `Cargo.toml`.
    pub(super) folder: &'static str,
    /// The crates of ours that it may depend on.
    pub(super) crates: &'static [&'static str],
    /// Dependencies that it must not have, with the reason.
    pub(super) banned: &'static [(&'static str, &'static str)],
}

pub(super) const CRATES: &[Crate] = &[
    Crate {
        name: "claude_env_core",
        folder: "crates/core",
        crates: &[],
        banned: &[
            ("gix", NO_IO),
            ("notify", NO_IO),
            ("rustix", NO_IO),
            ("signal-hook", NO_IO),
            ("tempfile", NO_IO),
            ("zip", NO_IO),
            ("tokio", NO_ASYNC),
            ("futures", NO_ASYNC),
            ("clap", "options are read by the command line"),
        ],
    },
    Crate {
        name: "claude_env_engine",
        folder: "crates/engine",
        crates: &["claude_env_core"],
        banned: &[("clap", "options are read by the command line")],
    },
    Crate {
        name: "claude_env",
        folder: "",
        crates: &["claude_env_core", "claude_env_engine"],
        banned: &[
            ("gix", "repositories are read by the engine"),
            ("tempfile", "files are written by the engine"),
        ],
    },
];

const NO_IO: &str = "the core does no IO";
const NO_ASYNC: &str = "the core is synchronous";

/// A module and what it may import, beside itself.
pub(super) struct Row {
    pub(super) module: &'static str,
    /// Names of modules; `edge::env` allows that part of `edge` alone.
    pub(super) imports: &'static [&'static str],
    /// Shown in `ARCHITECTURE.md`.
    pub(super) because: &'static str,
}

const fn row(module: &'static str, imports: &'static [&'static str], because: &'static str) -> Row {
    Row { module, imports, because }
}

/// The top-level modules of all crates, each name once.
pub(super) const ROWS: &[Row] = &[
    row("source", &[], "it is the vocabulary"),
    row("diagnostic", &["source"], "findings point into sources"),
    row("schema", &["source", "diagnostic"], "one table: check, \"did you mean\", JSON Schema"),
    row("layer", &["source", "diagnostic", "schema"], "reading a file checks its shape"),
    row("merge", &["source", "diagnostic", "layer"], ""),
    row(
        "pack",
        &["source", "diagnostic", "schema", "layer", "merge"],
        "a pack joins a stack, by the strategies of `packs` and `exclude`",
    ),
    row(
        "rule",
        &["source", "diagnostic", "schema", "layer", "merge", "pack"],
        "what every rule is given; rules about one agent are in `agent`",
    ),
    row(
        "agent",
        &["source", "diagnostic", "schema", "layer", "merge", "pack", "rule", "doctor"],
        "data, grammars and rules of one agent; knows no checked values",
    ),
    row(
        "model",
        &["source", "diagnostic", "schema", "layer", "merge", "pack", "rule", "agent"],
        "rules look at everything that was read",
    ),
    row(
        "render",
        &["source", "diagnostic", "agent", "model"],
        "files are made from checked values only, so not `merge`",
    ),
    row(
        "workspace",
        &["source", "diagnostic", "agent", "render"],
        "it compares renderings, and knows nothing of layers",
    ),
    row(
        "drift",
        &["source", "diagnostic", "layer", "agent", "workspace"],
        "it judges comparisons by the manifest, and knows nothing of how values came about",
    ),
    row("fingerprint", &[], "lines about files"),
    row(
        "adopt",
        &[
            "source",
            "diagnostic",
            "layer",
            "merge",
            "pack",
            "agent",
            "model",
            "render",
            "workspace",
        ],
        "it reads a workspace backwards through all that made it",
    ),
    row(
        "doctor",
        &[],
        "lines about what is wrong; what an agent does with its files is in `agent`",
    ),
    row("git", &["source"], "values that `edge` reads and writes"),
    row(
        "report",
        &[
            "source",
            "diagnostic",
            "layer",
            "merge",
            "pack",
            "workspace",
            "drift",
            "adopt",
            "doctor",
            "git",
        ],
        "the only place that makes JSON, Markdown and SARIF of results",
    ),
    row(
        "edge",
        &["source", "diagnostic", "agent", "pack", "workspace", "doctor", "git", "fingerprint"],
        "it carries out plans, replaces packs, and looks whether a fingerprint still holds",
    ),
    row(
        "ops",
        &[
            "source",
            "diagnostic",
            "schema",
            "layer",
            "merge",
            "pack",
            "rule",
            "agent",
            "model",
            "render",
            "workspace",
            "drift",
            "fingerprint",
            "adopt",
            "doctor",
            "git",
            "report",
            "edge",
        ],
        "never `cli`",
    ),
    row(
        "cli",
        &[
            "source",
            "diagnostic",
            "layer",
            "merge",
            "workspace",
            "drift",
            "doctor",
            "git",
            "report",
            "edge::env",
            "ops",
            "exit",
        ],
        "it prints values of the core",
    ),
    row("exit", &["ops"], "the kind of a failure says the exit code"),
    row(
        "fuzzing",
        &[
            "source",
            "diagnostic",
            "schema",
            "layer",
            "agent",
            "model",
            "render",
            "workspace",
            "fingerprint",
            "report",
            "edge",
            "ops",
        ],
        "it is not in the program",
    ),
];

/// The table as `ARCHITECTURE.md` shows it.
pub(super) fn markdown() -> String {
    let mut text = "| module | may import | because |\n|---|---|---|\n".to_owned();
    for Row { module, imports, because } in ROWS {
        let imports: Vec<String> = imports.iter().map(|name| format!("`{name}`")).collect();
        let imports = if imports.is_empty() { "nothing".to_owned() } else { imports.join(", ") };
        let because = if because.is_empty() { String::new() } else { format!("{because} ") };
        text.push_str(&format!("| `{module}` | {imports} | {because}|\n"));
    }
    text
}
