//! The variables of telemetry, which Claude Code ignores in the settings of a project unless they turn something off.

use crate::source::Node;

/// Exporters, which a project may set to `none`.
const EXPORTERS: &[&str] = &["OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_TRACES_EXPORTER"];
/// Switches for contents, which a project may turn off.
const CONTENTS: &[&str] =
    &["OTEL_LOG_USER_PROMPTS", "OTEL_LOG_TOOL_CONTENT", "OTEL_LOG_TOOL_DETAILS"];
/// The others, which a project cannot set at all. Those that begin with [`PREFIXES`] are not listed.
const OTHERS: &[&str] = &[
    "BETA_TRACING_ENDPOINT",
    "CLAUDE_CODE_ENABLE_TELEMETRY",
    "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA",
    "ENABLE_BETA_TRACING_DETAILED",
    "ENABLE_ENHANCED_TELEMETRY_BETA",
    "OTEL_LOG_ASSISTANT_RESPONSES",
    "OTEL_LOG_MANAGED_SETTINGS",
    "OTEL_LOG_RAW_API_BODIES",
    "OTEL_RESOURCE_INCLUDE_HOST",
];
const PREFIXES: &[&str] = &["OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_PROMETHEUS_"];

/// Returns true if Claude Code ignores the variable with this value in project and local settings.
pub(super) fn is_ignored(name: &str, value: &Node) -> bool {
    let upper = name.to_ascii_uppercase();
    let upper = upper.as_str();
    let is_off = || match value.as_str() {
        Some(text) if EXPORTERS.contains(&upper) => text.trim() == "none",
        Some(text) => {
            matches!(text.trim().to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off")
        }
        None => false,
    };
    if EXPORTERS.contains(&upper) || CONTENTS.contains(&upper) {
        return name != upper || !is_off();
    }
    OTHERS.contains(&upper) || PREFIXES.iter().any(|prefix| upper.starts_with(prefix))
}
