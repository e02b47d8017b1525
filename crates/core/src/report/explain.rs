//! The answers of `explain`: where a value comes from, or what a code means.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::Text;
use crate::diagnostic::{self, Severity};
use crate::merge::{self, Explanation, StrategyOrigin};
use crate::source::{Sources, Span};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Explain {
    /// The key, in the words of the layers.
    pub key: String,
    /// The value; null if it is not set.
    pub value: Option<Json>,
    /// Where the value that holds was written; null if it is not set.
    pub winner: Option<Step>,
    /// The values that it shadows, the highest layer first.
    pub shadows: Vec<Step>,
    /// Where each item of a united or appended array was written.
    pub items: Vec<Step>,
    /// The `unset` entries that removed lower values.
    pub unset: Vec<Removal>,
    /// How the layers were merged.
    pub strategy: Strategy,
    /// Where each key of a table was written.
    #[serde(skip)]
    pub keys: Option<Vec<(String, Step)>>,
}

/// What a code of a finding means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Code {
    /// The code, such as `CE050`.
    pub code: &'static str,
    /// The name of the rule in kebab case.
    pub name: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
    /// What the rule finds, in one sentence.
    pub summary: &'static str,
    /// The address of its page.
    pub url: String,
    /// The page, as Markdown.
    pub page: &'static str,
}

/// A place in a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// The layer.
    pub layer: String,
    /// The file, relative to the config repository.
    pub file: String,
    /// The first line, from 1.
    pub line: usize,
    /// The first column, from 1, in characters.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
}

/// What was written in a place.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What.
    pub value: Json,
}

/// An `unset` entry that removed a value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Removal {
    /// Where the entry is.
    #[serde(flatten)]
    pub place: Place,
    /// The key that it removed.
    pub path: String,
    /// The value that it removed.
    pub value: Json,
}

/// How layers were merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Strategy {
    /// Where the manifest says so; left out for what is built in.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// The strategy.
    pub name: &'static str,
    /// Who chose it: `built-in` or `manifest`.
    #[schemars(extend("enum" = ["built-in", "manifest"]))]
    pub from: &'static str,
    /// The built-in path pattern that chose it; left out for tables and for the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<&'static str>,
}

impl Explain {
    /// Reports an explanation.
    pub fn new(explanation: &Explanation, sources: &Sources) -> Self {
        let step = |step: &merge::Step| Step {
            place: place(sources, step.span),
            value: step.value.clone(),
        };
        let mut steps = explanation.steps.iter().map(step);
        let keys = explanation.value.as_ref().and_then(|node| node.as_table()).map(|table| {
            let key = |(key, node): (_, &std::sync::Arc<crate::source::Node>)| {
                let place = place(sources, node.span);
                (key, Step { place, value: node.to_json() })
            };
            table.iter().map(|(name, node)| key((name.to_string(), node))).collect()
        });
        Self {
            key: explanation.path.to_string(),
            value: explanation.value.as_ref().map(|node| node.to_json()),
            winner: steps.next(),
            shadows: steps.collect(),
            items: explanation.elements.iter().map(step).collect(),
            unset: (explanation.removals.iter())
                .map(|removal| Removal {
                    place: place(sources, removal.by),
                    path: removal.path.to_string(),
                    value: removal.removed.to_json(),
                })
                .collect(),
            strategy: Strategy::new(explanation, sources),
            keys,
        }
    }

    /// Returns the value, and a line for each place that has to do with it.
    pub fn text(&self) -> Text {
        let mut out = match &self.value {
            Some(value) => format!("{} = {}\n", self.key, compact(value)),
            None => format!("{} is not set\n", self.key),
        };
        let rows = self.rows();
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0).max(8), width(1), width(2)];
        for [what, layer, place, value] in &rows {
            let line = format!(
                "  {what:0$}  {layer:1$}  {place:2$}  {value}",
                widths[0], widths[1], widths[2]
            );
            out.push_str(line.trim_end());
            out.push('\n');
        }
        let Strategy { place, name, pattern, .. } = &self.strategy;
        let how = match (place, pattern) {
            // Strategies are for arrays and scalars.
            _ if self.keys.is_some() => "tables merge, key by key".to_owned(),
            (Some(place), _) => format!("{name}, by the manifest, {}", place.address()),
            (None, pattern) => {
                format!("{name}, by the built-in rule `{}`", pattern.unwrap_or_default())
            }
        };
        out.push_str(&format!("  {:1$}  {how}\n", "strategy", widths[0]));
        let mut text = Text::default();
        text.result(out);
        text
    }

    fn rows(&self) -> Vec<[String; 4]> {
        let row = |what: &str, place: &Place, value: String| {
            [what.to_owned(), place.layer.clone(), place.address(), value]
        };
        let mut rows = Vec::new();
        // Where lists accumulate and tables merge nothing is shadowed: each item and each key has its own place.
        if self.keys.is_none() && self.items.is_empty() {
            rows.extend(self.winner.iter().map(|step| row("set by", &step.place, String::new())));
            let shadows = self.shadows.iter();
            rows.extend(shadows.map(|step| row("shadows", &step.place, compact(&step.value))));
        }
        let items = self.items.iter();
        rows.extend(items.map(|step| row("item", &step.place, compact(&step.value))));
        rows.extend(self.keys.iter().flatten().map(|(key, step)| {
            row("key", &step.place, format!("{key} = {}", compact(&step.value)))
        }));
        rows.extend(self.unset.iter().map(|removal| {
            let removed = format!("removed {}", compact(&removal.value));
            row("unset by", &removal.place, removed)
        }));
        rows
    }
}

impl Strategy {
    fn new(explanation: &Explanation, sources: &Sources) -> Self {
        let word = explanation.strategy.word();
        let built_in = |name, pattern| Self { place: None, name, from: "built-in", pattern };
        let is_table = explanation.value.as_ref().is_some_and(|node| node.as_table().is_some());
        match explanation.strategy_origin {
            _ if is_table => built_in("merge", None),
            StrategyOrigin::BuiltIn(pattern) => built_in(word, Some(pattern)),
            StrategyOrigin::Manifest(span) => Self {
                place: Some(place(sources, span)),
                name: word,
                from: "manifest",
                pattern: None,
            },
        }
    }
}

impl From<&diagnostic::Code> for Code {
    fn from(code: &diagnostic::Code) -> Self {
        Self {
            code: code.id,
            name: code.name,
            severity: code.severity,
            summary: code.summary,
            url: code.url(),
            page: code.page,
        }
    }
}

impl Place {
    fn address(&self) -> String {
        format!("{}:{}:{}", self.file, self.line, self.column)
    }
}

fn place(sources: &Sources, span: Span) -> Place {
    let source = sources.get(span.source);
    let place = source.place(span.range());
    Place {
        layer: source.layer.clone(),
        file: source.path.clone(),
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

/// Returns a value on one line, cut where it gets long.
fn compact(value: &Json) -> String {
    const MOST: usize = 100;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;

    fn step(layer: &str, line: usize, value: &str) -> Step {
        let place = Place {
            layer: layer.to_owned(),
            file: format!("{layer}/layer.toml"),
            line,
            column: 9,
            end_line: line,
            end_column: 15,
        };
        Step { place, value: value.into() }
    }

    fn sample() -> Explain {
        let removal = step("teams/payments", 2, "sonnet");
        Explain {
            key: "settings.model".to_owned(),
            value: Some("opus".into()),
            winner: Some(step("users/ada", 3, "opus")),
            shadows: vec![step("base", 4, "haiku")],
            items: Vec::new(),
            unset: vec![Removal {
                place: removal.place,
                path: "settings.model".to_owned(),
                value: removal.value,
            }],
            strategy: Strategy {
                place: None,
                name: "replace",
                from: "built-in",
                pattern: Some("**"),
            },
            keys: None,
        }
    }

    #[test]
    fn as_json() {
        assert_eq!(
            Answer::new("explain", true, sample()).json(),
            r#"{
  "command": "explain",
  "ok": true,
  "key": "settings.model",
  "value": "opus",
  "winner": {
    "layer": "users/ada",
    "file": "users/ada/layer.toml",
    "line": 3,
    "column": 9,
    "end_line": 3,
    "end_column": 15,
    "value": "opus"
  },
  "shadows": [
    {
      "layer": "base",
      "file": "base/layer.toml",
      "line": 4,
      "column": 9,
      "end_line": 4,
      "end_column": 15,
      "value": "haiku"
    }
  ],
  "items": [],
  "unset": [
    {
      "layer": "teams/payments",
      "file": "teams/payments/layer.toml",
      "line": 2,
      "column": 9,
      "end_line": 2,
      "end_column": 15,
      "path": "settings.model",
      "value": "sonnet"
    }
  ],
  "strategy": {
    "name": "replace",
    "from": "built-in",
    "pattern": "**"
  }
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text().marked(),
            r#"settings.model = "opus"
  set by    users/ada       users/ada/layer.toml:3:9
  shadows   base            base/layer.toml:4:9            "haiku"
  unset by  teams/payments  teams/payments/layer.toml:2:9  removed "sonnet"
  strategy  replace, by the built-in rule `**`
"#
        );
        let unset = Explain {
            value: None,
            winner: None,
            shadows: Vec::new(),
            unset: Vec::new(),
            ..sample()
        };
        assert_eq!(
            unset.text().marked(),
            r"settings.model is not set
  strategy  replace, by the built-in rule `**`
"
        );
    }

    #[test]
    fn the_page_of_a_code_as_json() {
        let code = diagnostic::Code { page: "# A page\n", ..*diagnostic::code::TYPE_CLASH };
        assert_eq!(
            Answer::new("explain", true, Code::from(&code)).json(),
            r##"{
  "command": "explain",
  "ok": true,
  "code": "CE020",
  "name": "type-clash",
  "severity": "error",
  "summary": "Two layers set a key to values of different types.",
  "url": "https://github.com/claude-env/claude-env/blob/main/docs/rules/CE020.md",
  "page": "# A page\n"
}"##
        );
    }
}
