//! The shapes of permissions and hooks.

use super::shapes::{STRING_MAP, STRINGS, closed, field};
use crate::schema::{Field, Shape, TableShape};

use Shape::{Any, Array, Bool, Either, Map, NonEmptyStr, OneOfStr, Str, Table};

const SECONDS: Shape = Shape::Above { bound: 0.0, max: f64::INFINITY };

/// What `permissions.defaultMode` takes. `manual`, an alias of `default`, is newer than the oldest client.
pub(super) const PERMISSION_MODES: &[&str] =
    &["default", "acceptEdits", "plan", "auto", "dontAsk", "bypassPermissions"];

/// `permissions`.
pub const PERMISSIONS: TableShape = closed(
    "permissions",
    &[
        Field::new("allow", STRINGS, "What needs no question."),
        Field::new("ask", STRINGS, "What needs a question each time; beats allow."),
        Field::new("deny", STRINGS, "What is refused; beats ask and allow."),
        Field::new("defaultMode", OneOfStr(PERMISSION_MODES), "The mode a session starts in."),
        Field::new(
            "disableBypassPermissionsMode",
            OneOfStr(&["disable"]),
            "Takes the mode bypassPermissions away.",
        ),
        Field::new("disableAutoMode", OneOfStr(&["disable"]), "Takes the mode auto away."),
        Field::new("additionalDirectories", STRINGS, "More folders that a session may work in."),
        Field::new(
            "blockReadsOutsideWorkingDirectories",
            Bool,
            "Refuses to read outside of the working folders.",
        ),
        Field::new(
            "blockWritesOutsideWorkingDirectories",
            Bool,
            "Refuses to write outside of the working folders.",
        ),
        Field::new("blockReadsExemptPaths", STRINGS, "Paths that may be read all the same."),
        Field::new("denyInsteadOfPrompting", Bool, "Refuses where a question would be asked."),
    ],
);

/// One matcher of a hook event, with its handlers. The handlers' own shapes depend on their type.
pub const HOOK_MATCHER: TableShape = closed(
    "hook matcher",
    &[
        Field::new("matcher", Str, "Which tools or events; absent means all."),
        Field::required("hooks", Array(&Either(HANDLERS)), "What runs."),
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
            Field::new("args", STRINGS, "Arguments; with them no shell is used."),
            Field::new("shell", OneOfStr(&["bash", "powershell"]), "The shell that runs it."),
            Field::new("async", Bool, "Runs in the background."),
            Field::new("asyncRewake", Bool, "Runs in the background and may wake the session."),
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
            Field::required("type", OneOfStr(&["prompt"]), "Asks a model."),
            Field::required("prompt", Str, "The question; $ARGUMENTS is the hook's input."),
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
            Field::required("type", OneOfStr(&["agent"]), "Asks an agent that may use tools."),
            Field::required("prompt", Str, "The task; $ARGUMENTS is the hook's input."),
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
            Field::required("type", OneOfStr(&["http"]), "Posts the hook's input to a server."),
            Field::required("url", Str, "Where to."),
            Field::new("headers", STRING_MAP, "More headers."),
            Field::new("allowedEnvVars", STRINGS, "Variables that headers may name."),
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
            Field::required("server", Str, "The server's name."),
            Field::required("tool", Str, "The tool's name."),
            Field::new("input", Map(&Any), "The tool's input."),
            ON_FAILURE,
            IF,
            TIMEOUT,
            STATUS_MESSAGE,
            ONCE,
        ],
    )),
];

const IF: Field = Field::new("if", Str, "A permission rule that the tool call must match.");
const TIMEOUT: Field = Field::new("timeout", SECONDS, "Seconds, not milliseconds.");
const STATUS_MESSAGE: Field = Field::new("statusMessage", Str, "Shown while it runs.");
const ONCE: Field = Field::new("once", Bool, "Runs once in a session.");
const ON_FAILURE: Field = Field::new(
    "onFailure",
    OneOfStr(&["continue", "block"]),
    "What a hook that cannot run means; clients older than 2.1.330 ignore it.",
);

/// `hooks`: the matchers of each event.
pub(super) const HOOKS: Shape = Map(&Array(&Table(&HOOK_MATCHER)));
