//! Findings as SARIF 2.1.0, for GitHub code scanning and other viewers.
//!
//! Holds to the official schema and to what GitHub takes: at most 25 000 results, and the fingerprint
//! `primaryLocationLineHash`, by which an alert is the same one after its line has moved.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::full_text;
use crate::diagnostic::{Code, Finding, Located, escape};

/// The most results of one run that GitHub accepts.
const MAX_RESULTS: usize = 25_000;

/// The most places of one result that GitHub shows.
const MAX_PLACES: usize = 100;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A SARIF log with one run. `command` becomes the category under which code scanning keeps the results.
pub fn render(command: &str, findings: &[Finding], pretty: bool) -> String {
    let kept = most_severe(findings);
    let left_out = findings.len() - kept.len();
    let rules: BTreeMap<&str, &Code> =
        kept.iter().map(|finding| (finding.code.id, finding.code)).collect();
    let index: HashMap<&str, usize> = rules.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut seen = HashMap::new();
    let results: Value = (kept.iter())
        .map(|finding| result(finding, index.get(finding.code.id).copied(), &mut seen))
        .collect();
    let mut invocation = json!({ "executionSuccessful": true });
    if left_out > 0 {
        let text = format!("{left_out} of {} findings are left out", findings.len());
        invocation["toolExecutionNotifications"] =
            json!([{ "level": "warning", "message": { "text": text } }]);
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "claude-env",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.values().map(|code| rule(code)).collect::<Value>(),
            } },
            "automationDetails": { "id": format!("claude-env/{command}/") },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results,
        }],
    });
    escape::json(if pretty { format!("{log:#}") } else { log.to_string() })
}

/// The findings in their order, but no more than GitHub takes: the mildest are left out first.
fn most_severe(findings: &[Finding]) -> Vec<&Finding> {
    let mut kept: Vec<&Finding> = findings.iter().collect();
    if kept.len() > MAX_RESULTS {
        kept.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        kept.truncate(MAX_RESULTS);
        kept.sort_by(|a, b| a.order(b));
    }
    kept
}

fn rule(code: &Code) -> Value {
    let url = code.url();
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": code.summary },
        "helpUri": url,
        "help": {
            "text": format!("{} See {url}", code.summary),
            "markdown": format!("{}\n\n[{} · {}]({url})", code.summary, code.id, code.name),
        },
        "defaultConfiguration": { "level": code.severity.word() },
    })
}

fn result(
    finding: &Finding,
    rule_index: Option<usize>,
    seen: &mut HashMap<String, usize>,
) -> Value {
    let hash = finding.line_hash();
    let count = seen.entry(hash.clone()).or_default();
    *count += 1;
    let mut result = json!({
        "ruleId": finding.code.id,
        "ruleIndex": rule_index,
        "level": finding.severity.word(),
        "message": { "text": full_text(finding) },
        "locations": [{ "physicalLocation": physical(&finding.at) }],
        "partialFingerprints": { "primaryLocationLineHash": format!("{hash}:{count}") },
    });
    if !finding.others.is_empty() {
        let related = finding.others.iter().take(MAX_PLACES).enumerate().map(|(index, other)| {
            let label = if other.label.is_empty() { "see also" } else { &other.label };
            json!({
                "id": index + 1,
                "physicalLocation": physical(other),
                "message": { "text": label },
            })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn physical(located: &Located) -> Value {
    let place = located.place;
    json!({
        "artifactLocation": artifact(&located.file),
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    })
}

fn artifact(file: &str) -> Value {
    let path = file.replace('\\', "/");
    if path.starts_with('/') {
        return json!({ "uri": format!("file://{}", percent_encoded(&path)) });
    }
    if let [drive, b':', b'/', ..] = path.as_bytes()
        && drive.is_ascii_alphabetic()
    {
        let (drive, rest) = path.split_at(2);
        return json!({ "uri": format!("file:///{drive}{}", percent_encoded(rest)) });
    }
    json!({ "uri": percent_encoded(&path), "uriBaseId": "%SRCROOT%" })
}

/// A path as part of a URI: everything but unreserved characters and slashes is encoded.
fn percent_encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Severity, code};
    use crate::report::findings::sample;

    fn log(findings: &[Finding]) -> Value {
        serde_json::from_str(&render("check", findings, false)).unwrap_or_default()
    }

    fn check(findings: &[Finding], pointer: &str, expect: impl Into<Value>) {
        let log = log(findings);
        assert_eq!(log.pointer(pointer), Some(&expect.into()), "{log:#}");
    }

    #[test]
    fn a_result_has_rule_message_and_places() {
        let findings = [sample::whole_file(), sample::full()];
        check(&findings, "/runs/0/tool/driver/rules/0/id", json!("CE007"));
        check(
            &findings,
            "/runs/0/tool/driver/rules/1",
            json!({
                "id": "CE020",
                "name": "type-clash",
                "shortDescription": { "text": "Two layers set a key to values of different types." },
                "fullDescription": { "text": "Two layers set a key to values of different types." },
                "helpUri": "https://github.com/claude-env/claude-env/blob/main/docs/rules/CE020.md",
                "help": {
                    "text": "Two layers set a key to values of different types. See https://github.com/claude-env/claude-env/blob/main/docs/rules/CE020.md",
                    "markdown": "Two layers set a key to values of different types.\n\n[CE020 · type-clash](https://github.com/claude-env/claude-env/blob/main/docs/rules/CE020.md)",
                },
                "defaultConfiguration": { "level": "error" },
            }),
        );
        let hash = findings[1].line_hash();
        check(
            &findings,
            "/runs/0/results/1",
            json!({
                "ruleId": "CE020",
                "ruleIndex": 1,
                "level": "error",
                "message": { "text": "`settings.model` is a table here\nnote: layers must agree on the type of a value\nhelp: unset `settings.model` first, then set it" },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": "teams/payments/layer.toml", "uriBaseId": "%SRCROOT%" },
                    "region": { "startLine": 3, "startColumn": 11, "endLine": 3, "endColumn": 16 },
                } }],
                "partialFingerprints": { "primaryLocationLineHash": format!("{hash}:1") },
                "relatedLocations": [{
                    "id": 1,
                    "physicalLocation": {
                        "artifactLocation": { "uri": "base/layer.toml", "uriBaseId": "%SRCROOT%" },
                        "region": { "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 6 },
                    },
                    "message": { "text": "a string in a lower layer" },
                }],
            }),
        );
    }

    #[test]
    fn a_run_says_what_made_it() {
        let findings = [sample::full()];
        check(&findings, "/version", json!("2.1.0"));
        check(&findings, "/runs/0/columnKind", json!("unicodeCodePoints"));
        check(&findings, "/runs/0/automationDetails/id", json!("claude-env/check/"));
        check(&findings, "/runs/0/invocations", json!([{ "executionSuccessful": true }]));
        check(&[], "/runs/0/results", json!([]));
    }

    #[test]
    fn paths_become_uris() {
        let check = |file: &str, expect: Value| assert_eq!(artifact(file), expect);
        let relative = |uri: &str| json!({ "uri": uri, "uriBaseId": "%SRCROOT%" });
        check("base/no tes,100%:é.md", relative("base/no%20tes%2C100%25%3A%C3%A9.md"));
        check("base\\layer.toml", relative("base/layer.toml"));
        check("/home/ada/user/layer.toml", json!({ "uri": "file:///home/ada/user/layer.toml" }));
        check("C:\\Users\\a b\\layer.toml", json!({ "uri": "file:///C:/Users/a%20b/layer.toml" }));
    }

    #[test]
    fn a_fingerprint_survives_a_move_and_tells_twins_apart() {
        let here = sample::one(code::UNKNOWN_KEY, "«kee» = 1\n", "unknown");
        let moved = sample::one(code::UNKNOWN_KEY, "# new\n\n  «kee» = 1\n", "unknown");
        let changed = sample::one(code::UNKNOWN_KEY, "«kee» = 2\n", "unknown");
        assert_eq!(here.line_hash(), moved.line_hash());
        assert_ne!(here.line_hash(), changed.line_hash());
        let hash = here.line_hash();
        let pointer = "/runs/0/results/1/partialFingerprints/primaryLocationLineHash";
        check(&[here, moved], pointer, json!(format!("{hash}:2")));
    }

    #[test]
    fn a_huge_run_keeps_what_matters_most() {
        let note = sample::several_lines();
        let mut findings = vec![note; MAX_RESULTS + 1];
        findings.push(sample::full());
        let kept = most_severe(&findings);
        assert_eq!(kept.len(), MAX_RESULTS);
        assert!(kept.iter().any(|finding| finding.severity == Severity::Error));
        check(
            &findings,
            "/runs/0/invocations/0/toolExecutionNotifications/0/message/text",
            json!("2 of 25002 findings are left out"),
        );
    }
}
