//! The shapes of permissions and hooks.

use super::shapes::{STRING_MAP, STRINGS, closed, field};
use crate::schema::{Field, Shape, TableShape};

use Shape::{Any, Array, Bool, Either, Map, NonEmptyStr, OneOfStr, Str, Table};

const SECONDS: Shape = Shape::Above { bound: 0.0, max: f64::INFINITY };

/// The values of `permissions.defaultMode`. The oldest supported version lacks `manual`, an alias of `default`.
pub(super) const PERMISSION_MODES: &[&str] =
    &["default", "acceptEdits", "plan", "auto", "dontAsk", "bypassPermissions"];

/// `permissions`.
pub const PERMISSIONS: TableShape = closed(
    "permissions",
    &[
        Field::new("allow", STRINGS, "Rules that allow a tool call without confirmation."),
        Field::new("ask", STRINGS, "Rules that require confirmation; override allow."),
        Field::new("deny", STRINGS, "Rules that deny a tool call; override ask and allow."),
        Field::new(
            "defaultMode",
            OneOfStr(PERMISSION_MODES),
            "The permission mode at the start of a session.",
        ),
        Field::new(
            "disableBypassPermissionsMode",
            OneOfStr(&["disable"]),
            "Disables the mode bypassPermissions.",
        ),
        Field::new("disableAutoMode", OneOfStr(&["disable"]), "Disables the mode auto."),
        Field::new(
            "additionalDirectories",
            STRINGS,
            "Additional directories that a session may access.",
        ),
        Field::new(
            "blockReadsOutsideWorkingDirectories",
            Bool,
            "Denies reading outside the working directories.",
        ),
        Field::new(
            "blockWritesOutsideWorkingDirectories",
            Bool,
            "Denies writing outside the working directories.",
        ),
        Field::new("blockReadsExemptPaths", STRINGS, "Paths that may be read nevertheless."),
        Field::new(
            "denyInsteadOfPrompting",
            Bool,
            "Denies what would otherwise require confirmation.",
        ),
    ],
);

/// One matcher of a hook event, with its handlers. The handlers' own shapes depend on their type.
pub const HOOK_MATCHER: TableShape = closed(
    "hook matcher",
    &[
        Field::new("matcher", Str, "The tools or events to match; if absent, all."),
        Field::required("hooks", Array(&Either(HANDLERS)), "The handlers to run."),
    ],
);

/// The types of handlers, in the order of [`HANDLERS`].
pub const HANDLER_TYPES: &[&str] = &["command", "prompt", "agent", "http", "mcp_tool"];

/// The shapes of handlers.
pub const HANDLERS: &[Shape] = &[
    Table(&closed(
        "command hook",
        &[
            Field::required("type", OneOfStr(&["command"]), "Runs a command."),
            Field::required("command", Str, "The shell command, or with args the program."),
            Field::new(
                "args",
                STRINGS,
                "Arguments; if set, the command is started without a shell.",
            ),
            Field::new(
                "shell",
                OneOfStr(&["bash", "powershell"]),
                "The shell that runs the command.",
            ),
            Field::new("async", Bool, "Runs in the background."),
            Field::new("asyncRewake", Bool, "Runs in the background and can wake the session."),
            field("rewakeMessage", NonEmptyStr),
            field("rewakeSummary", NonEmptyStr),
            ON_FAILURE,
            IF,
            TIMEOUT,
            STATUS_MESSAGE,
            ONCE,
        ],
    )),
    Table(&closed(
        "prompt hook",
        &[
            Field::required("type", OneOfStr(&["prompt"]), "Prompts a model."),
            Field::required("prompt", Str, "The prompt; $ARGUMENTS is the hook input."),
            field("model", Str),
            field("continueOnBlock", Bool),
            IF,
            TIMEOUT,
            STATUS_MESSAGE,
            ONCE,
        ],
    )),
    Table(&closed(
        "agent hook",
        &[
            Field::required("type", OneOfStr(&["agent"]), "Prompts an agent that can use tools."),
            Field::required("prompt", Str, "The task; $ARGUMENTS is the hook input."),
            field("model", Str),
            IF,
            TIMEOUT,
            STATUS_MESSAGE,
            ONCE,
        ],
    )),
    Table(&closed(
        "http hook",
        &[
            Field::required(
                "type",
                OneOfStr(&["http"]),
                "Sends the hook input to a server with POST.",
            ),
            Field::required("url", Str, "The URL to send the request to."),
            Field::new("headers", STRING_MAP, "Additional headers."),
            Field::new("allowedEnvVars", STRINGS, "Variables that headers may use."),
            ON_FAILURE,
            IF,
            TIMEOUT,
            STATUS_MESSAGE,
            ONCE,
        ],
    )),
    Table(&closed(
        "mcp_tool hook",
        &[
            Field::required("type", OneOfStr(&["mcp_tool"]), "Calls a tool of an MCP server."),
            Field::required("server", Str, "The name of the server."),
            Field::required("tool", Str, "The name of the tool."),
            Field::new("input", Map(&Any), "The input of the tool."),
            ON_FAILURE,
            IF,
            TIMEOUT,
            STATUS_MESSAGE,
            ONCE,
        ],
    )),
];

const IF: Field = Field::new("if", Str, "A permission rule that the tool call must match.");
const TIMEOUT: Field = Field::new("timeout", SECONDS, "Timeout in seconds.");
const STATUS_MESSAGE: Field =
    Field::new("statusMessage", Str, "Message to show while the hook runs.");
const ONCE: Field = Field::new("once", Bool, "Runs once per session.");
const ON_FAILURE: Field = Field::new(
    "onFailure",
    OneOfStr(&["continue", "block"]),
    "The effect of a hook that cannot run; ignored by clients older than 2.1.330.",
);

/// `hooks`: the matchers of each event.
pub(super) const HOOKS: Shape = Map(&Array(&Table(&HOOK_MATCHER)));
