//! The severity of drift, and which drift is ignored: `[policy]` and `[drift]` of the manifest, and built-in defaults.

use serde_json::Value as Json;

use super::{Content, DriftEntry};
use crate::layer::{ContentKind, IgnoreRule, Manifest, PatternRule};
use crate::source::{KeyPath, Pattern, Specificity};

/// The severity of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Texts, such as instructions and agents.
    Low,
    /// Everything that has no other severity.
    Medium,
    /// Services that receive data.
    High,
    /// What protects people: permissions, hooks, and everything that the policy names.
    Critical,
}

impl Severity {
    /// Returns the word for the severity in every output format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::Low, Self::Medium, Self::High, Self::Critical];
        all.into_iter().find(|severity| severity.word() == word)
    }
}

/// The settings of a manifest about drift. Invalid patterns are ignored here, and are the finding CE121.
#[derive(Debug)]
pub struct DriftPolicy<'m> {
    severities: Vec<(Pattern, Severity)>,
    locked: Vec<Pattern>,
    exclusive: Vec<Pattern>,
    ignores: Vec<(Pattern, &'m IgnoreRule)>,
    threshold: f64,
    /// The date, as `YYYY-MM-DD`.
    today: String,
}

impl<'m> DriftPolicy<'m> {
    /// Reads the settings of a manifest; `today` is the date as `YYYY-MM-DD`.
    pub fn new(manifest: &'m Manifest, today: &str) -> Self {
        let pattern = |rule: &PatternRule| Pattern::parse(&rule.pattern).ok();
        let patterns = |rules: &[PatternRule]| rules.iter().filter_map(pattern).collect();
        let severity = |rule: &PatternRule| Some((pattern(rule)?, Severity::parse(&rule.value)?));
        let ignore = |rule: &'m IgnoreRule| Some((pattern(&rule.path)?, rule));
        Self {
            severities: manifest.drift.severity.iter().filter_map(severity).collect(),
            locked: patterns(&manifest.policy.locked),
            exclusive: patterns(&manifest.policy.exclusive),
            ignores: manifest.drift.ignore.iter().filter_map(ignore).collect(),
            threshold: manifest.drift_threshold(),
            today: today.to_owned(),
        }
    }

    /// Returns the percentage above which drift is significant.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Returns true if foreign entries are drift anywhere.
    pub fn watches(&self) -> bool {
        !self.exclusive.is_empty()
    }

    /// Returns true if foreign files are drift.
    pub fn watches_files(&self) -> bool {
        let files =
            |pattern: &Pattern| pattern.first_literal().is_none_or(|first| first == "files");
        self.exclusive.iter().any(files)
    }

    /// Returns true if foreign entries at this key are drift.
    pub fn is_exclusive(&self, key: &KeyPath) -> bool {
        self.exclusive.iter().any(|pattern| pattern.covers(key))
    }

    /// Returns the first rule that ignores drift at this key today; `None` if none does.
    pub fn ignoring(&self, key: &KeyPath) -> Option<&'m IgnoreRule> {
        self.rules(key).find(|rule| !self.has_ended(rule))
    }

    /// Returns the expired rules for this key.
    pub fn expired(&self, key: &KeyPath) -> impl Iterator<Item = &'m IgnoreRule> {
        self.rules(key).filter(|rule| self.has_ended(rule))
    }

    fn rules(&self, key: &KeyPath) -> impl Iterator<Item = &'m IgnoreRule> {
        let covering = self.ignores.iter().filter(|(pattern, _)| pattern.covers(key));
        covering.map(|(_, rule)| *rule)
    }

    fn has_ended(&self, rule: &IgnoreRule) -> bool {
        rule.until.as_ref().is_some_and(|(until, _)| *until < self.today)
    }

    /// Returns the severity of a drifted entry.
    pub fn severity(&self, entry: &DriftEntry) -> Severity {
        let of_key = self.of_key(&entry.key);
        if self.named(&entry.key).is_some() {
            return of_key;
        }
        // A server is one entry, and the policy may lock a part of it.
        let holds = |content: &Content| match content {
            Content::Value(value) => {
                self.locked.iter().any(|pattern| inside(pattern, &entry.key, value))
            }
            Content::Nothing | Content::Text(_) => false,
        };
        if holds(&entry.expected) || holds(&entry.actual) { Severity::Critical } else { of_key }
    }

    /// Returns the severity of a key, whatever its content.
    pub fn of_key(&self, key: &KeyPath) -> Severity {
        if let Some(severity) = self.named(key) {
            return severity;
        }
        let by_policy = self.locked.iter().chain(&self.exclusive);
        if by_policy.into_iter().any(|pattern| pattern.covers(key)) {
            return Severity::Critical;
        }
        built_in(key)
    }

    /// Returns the severity that `[drift] severity` gives a key: by the most specific pattern, and of equal ones the last;
    /// `None` if no pattern matches.
    fn named(&self, key: &KeyPath) -> Option<Severity> {
        let covering = self.severities.iter().filter(|(pattern, _)| pattern.covers(key));
        let by: fn(&&(Pattern, Severity)) -> Specificity = |(pattern, _)| pattern.specificity();
        covering.max_by_key(by).map(|(_, severity)| *severity)
    }
}

fn built_in(key: &KeyPath) -> Severity {
    let hooks = ContentKind::Hooks.folder();
    match key.segments() {
        [first, ..] if matches!(&**first, "permissions" | "hooks") => Severity::Critical,
        // The scripts that hooks run are hooks.
        [first, file, ..] if &**first == "files" && file.split('/').next() == Some(hooks) => {
            Severity::Critical
        }
        [first, ..] if &**first == "mcp_servers" => Severity::High,
        [first, ..] if matches!(&**first, "files" | "instructions") => Severity::Low,
        _ => Severity::Medium,
    }
}

/// Returns true if a pattern matches something inside a value.
fn inside(pattern: &Pattern, key: &KeyPath, value: &Json) -> bool {
    let Json::Object(map) = value else { return false };
    map.iter().any(|(name, value)| {
        let key = key.join(name);
        pattern.matches(key.segments()) || inside(pattern, &key, value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sink;
    use crate::layer::parse_toml;
    use crate::source::Sources;

    fn manifest(text: &str) -> Manifest {
        let sources = Sources::default();
        let id = sources.add("claude-env.toml", "", text);
        let mut sink = Sink::default();
        let root = parse_toml(id, text, &mut sink);
        assert!(!sink.has_errors(), "{text}");
        Manifest::read(&root)
    }

    fn key(text: &str) -> KeyPath {
        KeyPath::parse(text).expect("a key")
    }

    #[test]
    fn severity_goes_by_path() {
        let manifest = manifest(
            "[policy]\nlocked = [\"settings.model\"]\nexclusive = [\"environment\"]\n\
             [drift]\nseverity = { \"permissions.**\" = \"high\", \"permissions.ask\" = \"low\", hooks = \"medium\", \
             \"**\" = \"low\", \"settings.theme\" = \"medium\" }\n",
        );
        let plain = Manifest::default();
        let check = |text: &str, without: Severity, with: Severity| {
            assert_eq!(DriftPolicy::new(&plain, "").of_key(&key(text)), without, "{text}");
            assert_eq!(DriftPolicy::new(&manifest, "").of_key(&key(text)), with, "{text}");
        };
        check("permissions.deny", Severity::Critical, Severity::High);
        check("permissions.ask", Severity::Critical, Severity::Low);
        check("hooks.PreToolUse", Severity::Critical, Severity::Medium);
        check("files.\"hooks/guard.sh\"", Severity::Critical, Severity::Low);
        check("files.\"agents/a.md\"", Severity::Low, Severity::Low);
        check("mcp_servers.docs", Severity::High, Severity::Low);
        check("settings.theme", Severity::Medium, Severity::Medium);
        check("environment.A", Severity::Medium, Severity::Low);
        check("instructions", Severity::Low, Severity::Low);
    }

    #[test]
    fn policy_makes_critical() {
        let manifest = manifest(
            "[policy]\nlocked = [\"settings.model\", \"mcp_servers.*.url\"]\nexclusive = [\"environment\"]\n",
        );
        let policy = DriftPolicy::new(&manifest, "");
        assert_eq!(policy.of_key(&key("settings.model")), Severity::Critical);
        assert_eq!(policy.of_key(&key("environment.A")), Severity::Critical);
        assert_eq!(policy.of_key(&key("mcp_servers.docs")), Severity::High);
        let server = serde_json::json!({"url": "x"});
        assert!(inside(&policy.locked[1], &key("mcp_servers.docs"), &server));
        assert!(!inside(&policy.locked[0], &key("mcp_servers.docs"), &server));
        assert!(
            policy.is_exclusive(&key("environment.A")) && !policy.is_exclusive(&key("hooks.Stop"))
        );
        assert!(policy.watches() && !policy.watches_files());
    }

    #[test]
    fn an_ignore_rule_holds_to_its_last_day() {
        let manifest = manifest(
            "[drift]\nignore = [{ path = \"settings.model\", reason = \"r\", owner = \"o\", until = 2026-11-22 }]\n",
        );
        let check = |today: &str, name: &str, ignored: bool, expired: usize| {
            let policy = DriftPolicy::new(&manifest, today);
            assert_eq!(policy.ignoring(&key(name)).is_some(), ignored, "{today} {name}");
            assert_eq!(policy.expired(&key(name)).count(), expired, "{today} {name}");
        };
        check("2026-11-22", "settings.model", true, 0);
        check("2026-11-23", "settings.model", false, 1);
        check("2026-11-22", "settings.theme", false, 0);
    }

    #[test]
    fn the_threshold_has_a_default() {
        for (text, expect) in
            [("", 5.0), ("[drift]\nthreshold = 10\n", 10.0), ("[drift]\nthreshold = 2.5\n", 2.5)]
        {
            let manifest = manifest(text);
            assert!((DriftPolicy::new(&manifest, "").threshold() - expect).abs() < f64::EPSILON);
        }
    }
}
