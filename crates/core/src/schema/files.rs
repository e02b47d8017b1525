//! The shapes of `layer.toml`, `claude-env.toml` and `.claude-env.toml`.
//!
//! Passthrough tables (`permissions`, `hooks`, `settings`, `devcontainer`, `features`) are open here: rules about
//! Claude Code check them.

use super::shape::{Field, Shape, TableShape};

const STRINGS: Shape = Shape::Array(&Shape::Str);
const STRING_MAP: Shape = Shape::Map(&Shape::Str);
const ANY_TABLE: Shape = Shape::Map(&Shape::Any);

/// A value of `[environment]`: a string, or a scalar that becomes one.
const ENVIRONMENT_VALUE: Shape = Shape::Str;

/// `oauth` of a server. Claude Code skips a server with a value of another type.
const OAUTH: TableShape = TableShape {
    name: "oauth",
    open: true,
    fields: &[
        Field::new("clientId", Shape::NonEmptyStr, "The client id, if it is registered by hand."),
        Field::new("callbackPort", Shape::Int { min: 1, max: 65535 }, "The port of the callback."),
        Field::new(
            "authServerMetadataUrl",
            Shape::NonEmptyStr,
            "The https URL of the authorization server's metadata.",
        ),
        Field::new("scopes", Shape::NonEmptyStr, "The scopes, separated by spaces."),
    ],
};

/// An entry of `[mcp_servers]`.
pub const MCP_SERVER: TableShape = TableShape {
    name: "MCP server",
    open: true,
    fields: &[
        Field::new(
            "kind",
            Shape::NonEmptyStr,
            "A preset from the built-in catalog: context7, sequential, magic or playwright.",
        ),
        Field::new("version", Shape::NonEmptyStr, "The pinned version of the preset's package."),
        Field::new("type", Shape::NonEmptyStr, "How to reach the server: stdio, http, sse or ws."),
        Field::new("command", Shape::Str, "The program of a stdio server."),
        Field::new("args", STRINGS, "Arguments of the program, one per array item."),
        Field::new(
            "env",
            STRING_MAP,
            "Environment of the server; values may be ${vault:path#field} or ${env:NAME}.",
        ),
        Field::new("url", Shape::Str, "The URL of a remote server."),
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
        Field::new("oauth", Shape::Table(&OAUTH), "OAuth settings of a remote server."),
        Field::new(
            "timeout",
            Shape::Int { min: 1, max: i64::MAX },
            "The timeout of a tool call, in milliseconds.",
        ),
        Field::new(
            "alwaysLoad",
            Shape::Bool,
            "Whether to load the server's tools when a session starts.",
        ),
        Field::new(
            "tools",
            Shape::Array(&ANY_TABLE),
            "Permission policies for individual tools of a remote server.",
        ),
    ],
};

/// `layer.toml` and its overlays.
pub const LAYER: TableShape = TableShape {
    name: "layer",
    open: false,
    fields: &[
        Field::new("version", Shape::Str, "The version of the layer, for documentation only."),
        Field::new("description", Shape::Str, "The purpose of the layer, in one line."),
        Field::new("packs", STRINGS, "Vendored packs that this layer uses, such as superclaude."),
        Field::new("exclude", STRINGS, "Parts of packs to exclude, such as superclaude/modes/*."),
        Field::new("unset", STRINGS, "Paths of lower layers to remove."),
        Field::new(
            "environment",
            Shape::Map(&ENVIRONMENT_VALUE),
            "Environment variables of Claude Code's sessions and of the container.",
        ),
        Field::new("mcp_servers", Shape::Map(&Shape::Table(&MCP_SERVER)), "MCP servers by name."),
        Field::new("permissions", ANY_TABLE, "Permissions of Claude Code, with its own key names."),
        Field::new("hooks", ANY_TABLE, "Hooks of Claude Code, by event."),
        Field::new(
            "settings",
            ANY_TABLE,
            "Any other key of Claude Code's settings, with its own key names.",
        ),
        Field::new("features", Shape::Map(&Shape::Any), "Devcontainer features, by reference."),
        Field::new(
            "devcontainer",
            ANY_TABLE,
            "Any property of devcontainer.json, with its own key names.",
        ),
    ],
};

const SCOPE_NAME: Shape = Shape::NonEmptyStr;

const WORKSPACE: TableShape = TableShape {
    name: "workspace",
    open: false,
    fields: &[
        Field::new("repository", Shape::NonEmptyStr, "The repository on GitHub, as owner/name."),
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
            "The format of the config repository, currently 1.",
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
                        "Paths that higher layers must not change if a lower layer sets them.",
                    ),
                    Field::new(
                        "append_only",
                        STRINGS,
                        "Lists that higher layers may add to, but not remove from.",
                    ),
                    Field::new("exclusive", STRINGS, "Paths at which foreign entries are drift."),
                    Field::new(
                        "allowed_registries",
                        STRINGS,
                        "Registries from which images may be used.",
                    ),
                    Field::new(
                        "instructions_budget",
                        Shape::Int { min: 1, max: 4_194_304 },
                        "The maximum number of characters in the instructions block.",
                    ),
                ],
            }),
            "Restrictions for higher layers.",
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
                        "Percentage above which drift is significant.",
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
                                Field::required("reason", Shape::NonEmptyStr, "The reason."),
                                Field::required(
                                    "owner",
                                    Shape::NonEmptyStr,
                                    "The owner of the rule.",
                                ),
                                Field::required("until", Shape::Date, "The last day of the rule."),
                            ],
                        })),
                        "Rules that ignore drift until a date.",
                    ),
                ],
            }),
            "How drift is rated.",
        ),
        Field::new(
            "teams",
            Shape::Map(&Shape::Table(&TableShape {
                name: "team",
                open: false,
                fields: &[Field::new(
                    "leads",
                    STRINGS,
                    "GitHub users and teams to notify about critical drift.",
                )],
            })),
            "Teams by name.",
        ),
        Field::new(
            "workspaces",
            Shape::Map(&Shape::Table(&WORKSPACE)),
            "The fleet: the checkouts that use this repository.",
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
                        "Alternative URLs of the same repository, tried in order if the first cannot be fetched.",
                    ),
                    Field::new("ref", Shape::NonEmptyStr, "Branch, tag or commit to follow."),
                ],
            }),
            "The source of the configuration.",
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
            "The layers that apply.",
        ),
        Field::new(
            "render",
            Shape::Table(&TableShape {
                name: "render",
                open: false,
                fields: &[
                    Field::new(
                        "mode",
                        Shape::OneOfStr(&["committed", "local"]),
                        "committed: rendered files are committed; local: git ignores them.",
                    ),
                    Field::new(
                        "hooks",
                        Shape::OneOfStr(&["report", "sync"]),
                        "What git hooks do when the configuration changes. report: write only personal files; sync: write all. Default: report in mode committed, sync in mode local.",
                    ),
                ],
            }),
            "How files are rendered.",
        ),
    ],
};
