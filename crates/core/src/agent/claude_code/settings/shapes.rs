//! The shapes of the larger settings.

use crate::schema::{Field, Shape, TableShape};

use Shape::{Array, Bool, Either, Map, NonEmptyStr, OneOfStr, Str, Table};

pub(super) const STRINGS: Shape = Array(&Str);
pub(super) const STRING_MAP: Shape = Map(&Str);
pub(super) const POSITIVE: Shape = Shape::Int { min: 1, max: i64::MAX };
pub(super) const COUNT: Shape = Shape::Int { min: 0, max: i64::MAX };
const NUMBER: Shape = Shape::Number { min: f64::NEG_INFINITY, max: f64::INFINITY };
const PORT: Shape = Shape::Int { min: 1, max: 65_535 };

/// Returns a table without unknown keys.
pub(super) const fn closed(name: &'static str, fields: &'static [Field]) -> TableShape {
    TableShape { name, fields, open: false }
}

/// Returns a table that may have unknown keys.
const fn open(name: &'static str, fields: &'static [Field]) -> TableShape {
    TableShape { name, fields, open: true }
}

pub(super) const fn field(name: &'static str, shape: Shape) -> Field {
    Field::new(name, shape, "")
}

const fn needed(name: &'static str, shape: Shape) -> Field {
    Field::required(name, shape, "")
}

/// `sandbox`.
pub(super) const SANDBOX: Shape = Table(&open(
    "sandbox",
    &[
        field("enabled", Bool),
        field("failIfUnavailable", Bool),
        field("autoAllowBashIfSandboxed", Bool),
        field("allowUnsandboxedCommands", Bool),
        field("excludedCommands", STRINGS),
        field("ignoreViolations", Map(&STRINGS)),
        field("enableWeakerNestedSandbox", Bool),
        field("enableWeakerNetworkIsolation", Bool),
        field("allowAppleEvents", Bool),
        field("allowNestedUserNamespaces", Bool),
        field("enabledPlatforms", STRINGS),
        field(
            "ripgrep",
            Table(&open("ripgrep", &[needed("command", Str), field("args", STRINGS)])),
        ),
        field("bwrapPath", Str),
        field("socatPath", Str),
        field("network", Table(&SANDBOX_NETWORK)),
        field("filesystem", Table(&SANDBOX_FILESYSTEM)),
        field("credentials", Table(&SANDBOX_CREDENTIALS)),
    ],
));

const SANDBOX_NETWORK: TableShape = open(
    "sandbox.network",
    &[
        field("allowedDomains", STRINGS),
        field("deniedDomains", STRINGS),
        field("strictAllowlist", Bool),
        field("allowManagedDomainsOnly", Bool),
        field("allowUnixSockets", STRINGS),
        field("allowAllUnixSockets", Bool),
        field("allowLocalBinding", Bool),
        field("allowMachLookup", STRINGS),
        field("httpProxyPort", PORT),
        field("socksProxyPort", PORT),
        field(
            "tlsTerminate",
            Table(&open(
                "tlsTerminate",
                &[field("caCertPath", NonEmptyStr), field("caKeyPath", NonEmptyStr)],
            )),
        ),
    ],
);

const SANDBOX_FILESYSTEM: TableShape = open(
    "sandbox.filesystem",
    &[
        field("allowWrite", STRINGS),
        field("denyWrite", STRINGS),
        field("denyRead", STRINGS),
        field("allowRead", STRINGS),
        field("allowManagedReadPathsOnly", Bool),
        field("disabled", Bool),
    ],
);

/// Claude Code 2.1.330 also accepts the mode `mask`; 2.1.197 discards a file that has it.
const SANDBOX_CREDENTIALS: TableShape = open(
    "sandbox.credentials",
    &[
        field(
            "files",
            Array(&Table(&open(
                "credential file",
                &[needed("path", NonEmptyStr), needed("mode", OneOfStr(&["deny"]))],
            ))),
        ),
        field(
            "envVars",
            Array(&Table(&open(
                "credential variable",
                &[needed("name", NonEmptyStr), needed("mode", OneOfStr(&["deny"]))],
            ))),
        ),
    ],
);

/// A command that prints a line, such as `fileSuggestion` and `subagentStatusLine`.
pub(super) const COMMAND: Shape =
    Table(&closed("command", &[needed("type", OneOfStr(&["command"])), needed("command", Str)]));

/// `statusLine`.
pub(super) const STATUS_LINE: Shape = Table(&closed(
    "statusLine",
    &[
        needed("type", OneOfStr(&["command"])),
        needed("command", Str),
        field("padding", NUMBER),
        field("refreshInterval", Shape::Number { min: 1.0, max: f64::INFINITY }),
        field("hideVimModeIndicator", Bool),
    ],
));

/// `attribution`. Newer versions also accept a boolean, for which 2.1.197 discards the file.
pub(super) const ATTRIBUTION: Shape = Table(&closed(
    "attribution",
    &[field("commit", Str), field("pr", Str), field("sessionUrl", Bool)],
));

/// `allowedMcpServers` and `deniedMcpServers`. Each entry has exactly one of the three, which a rule checks.
pub(super) const SERVER_ENTRIES: Shape = Array(&Table(&open(
    "server entry",
    &[
        field("serverName", NonEmptyStr),
        field("serverCommand", STRINGS),
        field("serverUrl", NonEmptyStr),
    ],
)));

const MARKETPLACE_KINDS: &[&str] =
    &["github", "git", "url", "npm", "file", "directory", "settings", "hostPattern", "pathPattern"];

/// The source of a plugin marketplace.
const MARKETPLACE_SOURCE: Shape =
    Table(&open("marketplace source", &[needed("source", OneOfStr(MARKETPLACE_KINDS))]));

/// `strictKnownMarketplaces` and `blockedMarketplaces`.
pub(super) const MARKETPLACE_SOURCES: Shape = Array(&MARKETPLACE_SOURCE);

/// `extraKnownMarketplaces`, with its two levels of `source`.
pub(super) const MARKETPLACES: Shape = Map(&Table(&open(
    "marketplace",
    &[
        needed("source", MARKETPLACE_SOURCE),
        field("installLocation", Str),
        field("autoUpdate", Bool),
    ],
)));

const SCALAR: Shape = Either(&[Str, Bool, NUMBER, STRINGS]);

/// `pluginConfigs`.
pub(super) const PLUGIN_CONFIGS: Shape = Map(&Table(&open(
    "plugin configuration",
    &[field("mcpServers", Map(&Map(&SCALAR))), field("options", Map(&SCALAR))],
)));

/// `enabledPlugins`.
pub(super) const ENABLED_PLUGINS: Shape = Map(&Either(&[Bool, STRINGS]));

/// `spinnerTipsOverride`. Newer versions accept more; 2.1.197 requires strings.
pub(super) const SPINNER_TIPS: Shape =
    Table(&open("spinnerTipsOverride", &[needed("tips", STRINGS), field("excludeDefault", Bool)]));

/// `spinnerVerbs`.
pub(super) const SPINNER_VERBS: Shape = Table(&closed(
    "spinnerVerbs",
    &[needed("mode", OneOfStr(&["append", "replace"])), needed("verbs", STRINGS)],
));

/// `sshConfigs`.
pub(super) const SSH_CONFIGS: Shape = Array(&Table(&open(
    "SSH configuration",
    &[
        needed("id", Str),
        needed("name", Str),
        needed("sshHost", Str),
        field("sshPort", PORT),
        field("sshIdentityFile", Str),
        field("startDirectory", Str),
    ],
)));

/// `autoMode`.
pub(super) const AUTO_MODE: Shape = Table(&open(
    "autoMode",
    &[
        field("allow", STRINGS),
        field("soft_deny", STRINGS),
        field("hard_deny", STRINGS),
        field("environment", STRINGS),
        field("classifyAllShell", Bool),
    ],
));

/// `breakReminder`.
pub(super) const BREAK_REMINDER: Shape = Table(&open(
    "breakReminder",
    &[
        field("enabled", Bool),
        field("intervalMinutes", POSITIVE),
        field("breakThresholdMinutes", POSITIVE),
        field("message", Str),
    ],
));

/// `quietHours`.
pub(super) const QUIET_HOURS: Shape =
    Table(&open("quietHours", &[field("enabled", Bool), field("start", Str), field("end", Str)]));

/// `worktree`.
pub(super) const WORKTREE: Shape = Table(&open(
    "worktree",
    &[
        field("symlinkDirectories", STRINGS),
        field("sparsePaths", STRINGS),
        field("baseRef", OneOfStr(&["fresh", "head"])),
        field("bgIsolation", OneOfStr(&["worktree", "none"])),
    ],
));

/// `voice`.
pub(super) const VOICE: Shape = Table(&open(
    "voice",
    &[field("enabled", Bool), field("mode", OneOfStr(&["hold", "tap"])), field("autoSubmit", Bool)],
));

/// `allowedChannelPlugins`.
pub(super) const CHANNEL_PLUGINS: Shape =
    Array(&Table(&open("channel plugin", &[needed("marketplace", Str), needed("plugin", Str)])));

/// `footerLinksRegexes`.
pub(super) const FOOTER_LINKS: Shape = Array(&Table(&open(
    "footer link",
    &[
        field("type", OneOfStr(&["regex"])),
        needed("pattern", Str),
        needed("url", Str),
        field("label", Str),
    ],
)));

/// `modelPicker`.
pub(super) const MODEL_PICKER: Shape = Table(&open(
    "modelPicker",
    &[
        needed(
            "options",
            Array(&Table(&open(
                "model option",
                &[needed("model", Str), field("label", Str), field("description", Str)],
            ))),
        ),
        field("replaceBuiltInOptions", Bool),
    ],
));

/// `modelPricing`.
pub(super) const MODEL_PRICING: Shape = Table(&open(
    "modelPricing",
    &[
        field("multiplier", Shape::Above { bound: 0.0, max: 10.0 }),
        field("overrides", Map(&Map(&NUMBER))),
    ],
));

/// `policyHelper`.
pub(super) const POLICY_HELPER: Shape = Table(&open(
    "policyHelper",
    &[
        needed("path", Str),
        field("timeoutMs", Shape::Int { min: 1000, max: i64::MAX }),
        field("refreshIntervalMs", COUNT),
    ],
));

/// `xaaIdp`.
pub(super) const XAA_IDP: Shape = Table(&open(
    "xaaIdp",
    &[needed("issuer", Str), needed("clientId", Str), field("callbackPort", POSITIVE)],
));

/// `remote`, `remoteControl`, `remoteTools` and `attributionProjectPolicy`.
pub(super) const REMOTE: Shape = Table(&open("remote", &[field("defaultEnvironmentId", Str)]));
pub(super) const REMOTE_CONTROL: Shape = Table(&open(
    "remoteControl",
    &[field("shareHostProfile", OneOfStr(&["off", "basic", "full"]))],
));
pub(super) const REMOTE_TOOLS: Shape =
    Table(&open("remoteTools", &[field("allowUnattendedServing", Bool)]));
pub(super) const ATTRIBUTION_POLICY: Shape =
    Table(&open("attributionProjectPolicy", &[field("default", Str)]));
