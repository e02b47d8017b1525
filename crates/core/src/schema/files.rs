//! The shapes of `layer.toml`, `claude-env.toml` and `.claude-env.toml`.
//!
//! Passthrough tables (`permissions`, `hooks`, `settings`, `devcontainer`, `features`) are open here: rules of their own
//! check them by what Claude Code does with them.

use super::shape::{Field, Shape, TableShape};

const STRINGS: Shape = Shape::Array(&Shape::Str);
const STRING_MAP: Shape = Shape::Map(&Shape::Str);
const ANY_TABLE: Shape = Shape::Map(&Shape::Any);

/// A value of `[environment]`: text, or a scalar whose text is meant.
const ENVIRONMENT_VALUE: Shape = Shape::Str;

/// An entry of `[mcp_servers]`.
pub const MCP_SERVER: TableShape = TableShape {
    name: "MCP server",
    open: true,
    fields: &[
        Field::new(
            "kind",
            Shape::NonEmptyStr,
            "A preset of the built-in catalogue: context7, sequential, magic or playwright.",
        ),
        Field::new("version", Shape::NonEmptyStr, "The pinned version of the preset's package."),
        Field::new("type", Shape::NonEmptyStr, "How to reach the server: stdio, http, sse or ws."),
        Field::new("command", Shape::Str, "The program of a stdio server."),
        Field::new("args", STRINGS, "Arguments of the program, one array item each."),
        Field::new(
            "env",
            STRING_MAP,
            "Environment of the server; values may be ${vault:path#field} or ${env:NAME}.",
        ),
        Field::new("url", Shape::Str, "The address of a remote server."),
        Field::new(
            "headers",
            STRING_MAP,
            "HTTP headers; values may be ${vault:path#field} or ${env:NAME}.",
        ),
        Field::new(
            "headersHelper",
            Shape::NonEmptyStr,
            "A command that prints a JSON object of headers.",
        ),
        Field::new("oauth", ANY_TABLE, "OAuth settings of a remote server."),
        Field::new(
            "timeout",
            Shape::Int { min: 1, max: i64::MAX },
            "The limit of one tool call, in milliseconds.",
        ),
        Field::new("alwaysLoad", Shape::Bool, "Load the server's tools at the start of a session."),
        Field::new(
            "tools",
            Shape::Array(&ANY_TABLE),
            "Permission policies for single tools of a remote server.",
        ),
    ],
};

/// `layer.toml` and its overlays.
pub const LAYER: TableShape = TableShape {
    name: "layer",
    open: false,
    fields: &[
        Field::new("version", Shape::Str, "The layer's own version, for people."),
        Field::new("description", Shape::Str, "What the layer is for, in one line."),
        Field::new("packs", STRINGS, "Vendored packs that this layer brings, such as superclaude."),
        Field::new(
            "exclude",
            STRINGS,
            "Parts of packs that are left out, such as superclaude/modes/*.",
        ),
        Field::new("unset", STRINGS, "Paths that this layer removes from the layers below it."),
        Field::new(
            "environment",
            Shape::Map(&ENVIRONMENT_VALUE),
            "Environment variables of Claude Code's sessions and of the container.",
        ),
        Field::new("mcp_servers", Shape::Map(&Shape::Table(&MCP_SERVER)), "MCP servers by name."),
        Field::new("permissions", ANY_TABLE, "Claude Code's permissions, in its own words."),
        Field::new("hooks", ANY_TABLE, "Claude Code's hooks, by event."),
        Field::new(
            "settings",
            ANY_TABLE,
            "Any other key of .claude/settings.json, in its own words.",
        ),
        Field::new("features", Shape::Map(&Shape::Any), "Devcontainer features, by reference."),
        Field::new(
            "devcontainer",
            ANY_TABLE,
            "Any property of devcontainer.json, in its own words.",
        ),
    ],
};

const SCOPE_NAME: Shape = Shape::NonEmptyStr;

const WORKSPACE: TableShape = TableShape {
    name: "workspace",
    open: false,
    fields: &[
        Field::new(
            "repository",
            Shape::NonEmptyStr,
            "The checkout's repository on GitHub, owner/name.",
        ),
        Field::new(
            "path",
            Shape::NonEmptyStr,
            "A local checkout, relative to the config repository.",
        ),
        Field::new("team", SCOPE_NAME, "The team whose layer applies."),
        Field::new("project", SCOPE_NAME, "The project whose layer applies."),
        Field::new("user", SCOPE_NAME, "The user whose layer applies."),
        Field::new("environment", SCOPE_NAME, "The environment whose overlays apply."),
    ],
};

const SEVERITY: Shape = Shape::OneOfStr(&["critical", "high", "medium", "low"]);

/// `claude-env.toml`.
pub const MANIFEST: TableShape = TableShape {
    name: "manifest",
    open: false,
    fields: &[
        Field::required(
            "version",
            Shape::Int { min: 1, max: i64::MAX },
            "The format of the config repository; 1 today.",
        ),
        Field::new(
            "merge",
            Shape::Map(&Shape::Str),
            "Merge strategies by path pattern: replace, union or append.",
        ),
        Field::new(
            "policy",
            Shape::Table(&TableShape {
                name: "policy",
                open: false,
                fields: &[
                    Field::new(
                        "locked",
                        STRINGS,
                        "Paths that no higher layer may change once a lower one set them.",
                    ),
                    Field::new(
                        "append_only",
                        STRINGS,
                        "Lists that higher layers may add to, and never remove from.",
                    ),
                    Field::new(
                        "exclusive",
                        STRINGS,
                        "Paths at which entries that we did not write are drift.",
                    ),
                    Field::new(
                        "allowed_registries",
                        STRINGS,
                        "Registries that images may come from.",
                    ),
                    Field::new(
                        "instructions_budget",
                        Shape::Int { min: 1, max: 4_194_304 },
                        "The most characters that the instructions block may have.",
                    ),
                ],
            }),
            "What higher layers may not do.",
        ),
        Field::new(
            "drift",
            Shape::Table(&TableShape {
                name: "drift",
                open: false,
                fields: &[
                    Field::new(
                        "threshold",
                        Shape::Number { min: 0.0, max: 100.0 },
                        "Percent above which drift is significant.",
                    ),
                    Field::new("severity", Shape::Map(&SEVERITY), "Severities by path pattern."),
                    Field::new(
                        "ignore",
                        Shape::Array(&Shape::Table(&TableShape {
                            name: "ignore rule",
                            open: false,
                            fields: &[
                                Field::required(
                                    "path",
                                    Shape::NonEmptyStr,
                                    "The path pattern whose drift is ignored.",
                                ),
                                Field::required("reason", Shape::NonEmptyStr, "Why."),
                                Field::required("owner", Shape::NonEmptyStr, "Who answers for it."),
                                Field::required(
                                    "until",
                                    Shape::Date,
                                    "The date after which the rule is a finding of its own.",
                                ),
                            ],
                        })),
                        "Drift that is accepted for a while.",
                    ),
                ],
            }),
            "How drift is judged.",
        ),
        Field::new(
            "teams",
            Shape::Map(&Shape::Table(&TableShape {
                name: "team",
                open: false,
                fields: &[Field::new(
                    "leads",
                    STRINGS,
                    "GitHub users and teams who are told about critical drift.",
                )],
            })),
            "Teams by name.",
        ),
        Field::new(
            "workspaces",
            Shape::Map(&Shape::Table(&WORKSPACE)),
            "The fleet: every checkout that follows this repository.",
        ),
    ],
};

/// A file below `workspaces/`.
pub const WORKSPACES_FILE: TableShape = TableShape {
    name: "workspaces file",
    open: false,
    fields: &[Field::new(
        "workspaces",
        Shape::Map(&Shape::Table(&WORKSPACE)),
        "Checkouts by name.",
    )],
};

/// `.claude-env.toml`.
pub const BINDING: TableShape = TableShape {
    name: "binding",
    open: false,
    fields: &[
        Field::required(
            "source",
            Shape::Table(&TableShape {
                name: "source",
                open: false,
                fields: &[
                    Field::required(
                        "repository",
                        Shape::NonEmptyStr,
                        "The config repository: a URL, or a path relative to this file.",
                    ),
                    Field::new(
                        "mirrors",
                        Shape::Array(&Shape::NonEmptyStr),
                        "Other URLs of the same repository, tried in turn when it cannot be fetched from its own.",
                    ),
                    Field::new("ref", Shape::NonEmptyStr, "Branch, tag or commit to follow."),
                ],
            }),
            "Where the configuration comes from.",
        ),
        Field::new(
            "scope",
            Shape::Table(&TableShape {
                name: "scope",
                open: false,
                fields: &[
                    Field::new("team", SCOPE_NAME, "The team whose layer applies."),
                    Field::new("project", SCOPE_NAME, "The project whose layer applies."),
                    Field::new("user", SCOPE_NAME, "The user whose layer applies."),
                    Field::new("environment", SCOPE_NAME, "The environment whose overlays apply."),
                ],
            }),
            "Which layers apply.",
        ),
        Field::new(
            "render",
            Shape::Table(&TableShape {
                name: "render",
                open: false,
                fields: &[Field::new(
                    "mode",
                    Shape::OneOfStr(&["committed", "local"]),
                    "committed: rendered files are committed; local: git does not see them.",
                )],
            }),
            "How files are rendered.",
        ),
    ],
};
