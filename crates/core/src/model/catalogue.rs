//! The catalogue of MCP servers that a layer names with `kind`.
//!
//! The data is in `catalogue.toml`, which is parsed only when a layer uses a `kind`.

use std::sync::{Arc, OnceLock};

use crate::diagnostic::Sink;
use crate::layer::parse_toml;
use crate::source::{Node, Sources, Span, Table, Value};

const TEXT: &str = include_str!("catalogue.toml");

/// The names of all kinds, known without reading the catalogue.
pub const KINDS: &[&str] = &["context7", "sequential", "magic", "playwright"];

/// One server of the catalogue.
#[derive(Debug)]
pub struct Preset {
    /// The value of `kind`.
    pub kind: Arc<str>,
    /// One sentence about it.
    pub doc: Arc<str>,
    /// Where the server comes from.
    pub source: PresetSource,
    /// The environment variables of the server, each with its purpose.
    pub variables: Vec<(Arc<str>, Arc<str>)>,
}

/// Where the server of a preset comes from.
#[derive(Debug)]
pub enum PresetSource {
    /// An npm package.
    Npm {
        /// The name of the package.
        package: Arc<str>,
        /// The exact version.
        version: Arc<str>,
    },
    /// A remote server.
    Remote {
        /// The protocol, as `type` of the server.
        transport: Arc<str>,
        /// The address.
        url: Arc<str>,
        /// Name and value of each HTTP header.
        headers: Vec<(Arc<str>, Arc<str>)>,
    },
}

/// The name in `kind` is not in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind;

/// Returns all presets. Parsed on the first call.
pub fn presets() -> &'static [Preset] {
    static PRESETS: OnceLock<Vec<Preset>> = OnceLock::new();
    PRESETS.get_or_init(|| {
        let root =
            parse_toml(Sources::default().add("catalogue", "", ""), TEXT, &mut Sink::default());
        let table = root.as_table().into_iter().flatten();
        table.filter_map(|(kind, node)| preset(kind, node)).collect()
    })
}

fn preset(kind: &Arc<str>, node: &Node) -> Option<Preset> {
    let source = match (text(node, "package"), text(node, "url")) {
        (Some(package), _) => PresetSource::Npm { package, version: text(node, "version")? },
        (None, Some(url)) => PresetSource::Remote {
            transport: text(node, "type")?,
            url,
            headers: pairs(node.get("headers")),
        },
        (None, None) => return None,
    };
    let variables = pairs(node.get("variables"));
    Some(Preset { kind: Arc::clone(kind), doc: text(node, "doc")?, source, variables })
}

fn text(node: &Node, key: &str) -> Option<Arc<str>> {
    match &node.get(key)?.value {
        Value::Str(text) => Some(Arc::clone(text)),
        _ => None,
    }
}

fn pairs(node: Option<&Arc<Node>>) -> Vec<(Arc<str>, Arc<str>)> {
    let table = node.and_then(|node| node.as_table()).into_iter().flatten();
    table.filter_map(|(key, node)| Some((Arc::clone(key), Arc::from(node.as_str()?)))).collect()
}

/// Returns the preset of a server table: `None` if it has no `kind`.
pub fn preset_of(server: &Node) -> Result<Option<&'static Preset>, UnknownKind> {
    match server.get("kind").and_then(|kind| kind.as_str()) {
        None => Ok(None),
        Some(kind) => {
            presets().iter().find(|preset| &*preset.kind == kind).map(Some).ok_or(UnknownKind)
        }
    }
}

/// Returns the effective server of a merged server table: the preset of its `kind`, overridden by the values of the table.
///
/// The table's `version` replaces the pinned one, its `args` follow the preset's, `env` and `headers` merge key by key, and
/// every other value replaces the preset's. The result has no `kind` and `version`. Values from the catalogue have
/// the place of the `kind`. A table without a `kind` is returned as it is.
pub fn expand(server: &Arc<Node>) -> Result<Arc<Node>, UnknownKind> {
    let Some(preset) = preset_of(server)? else { return Ok(Arc::clone(server)) };
    let (Some(kind), Some(own)) = (server.get("kind"), server.as_table()) else {
        return Ok(Arc::clone(server));
    };
    let maker = Maker { place: kind.span };
    let mut table = maker.preset(preset, server.get("version"));
    for (key, node) in own.iter().filter(|(key, _)| !matches!(key.as_ref(), "kind" | "version")) {
        let value = match (table.get(key).map(|lower| &lower.value), &node.value) {
            (Some(Value::Array(low)), Value::Array(high)) if key.as_ref() == "args" => {
                Value::Array(low.iter().chain(high).map(Arc::clone).collect())
            }
            (Some(Value::Table(low)), Value::Table(high)) => {
                let mut both = low.clone();
                both.extend(high.iter().map(|(key, node)| (Arc::clone(key), Arc::clone(node))));
                Value::Table(both)
            }
            _ => node.value.clone(),
        };
        table.insert(Arc::clone(key), Arc::new(Node { value, ..Node::clone(node) }));
    }
    Ok(Arc::new(Node { value: table.into(), ..Node::clone(server) }))
}

/// Makes nodes that stand at one place.
struct Maker {
    place: Span,
}

impl Maker {
    fn node(&self, value: Value) -> Arc<Node> {
        Arc::new(Node::new(value, self.place, self.place))
    }

    fn text(&self, text: &str) -> Arc<Node> {
        self.node(Value::Str(Arc::from(text)))
    }

    fn preset(&self, preset: &Preset, version: Option<&Arc<Node>>) -> Table {
        let entry = |key: &str, node: Arc<Node>| (Arc::from(key), node);
        match &preset.source {
            PresetSource::Npm { package, version: pinned } => {
                let wanted = version.and_then(|node| node.as_str()).unwrap_or(pinned);
                let place = version.map_or(self.place, |node| node.span);
                let package = Maker { place }.text(&format!("{package}@{wanted}"));
                let args = self.node(Value::Array(vec![self.text("-y"), package]));
                Table::from_iter([entry("command", self.text("npx")), entry("args", args)])
            }
            PresetSource::Remote { transport, url, headers } => {
                let headers =
                    headers.iter().map(|(name, value)| (Arc::clone(name), self.text(value)));
                let headers = self.node(Value::from(headers.collect::<Table>()));
                Table::from_iter([
                    entry("type", self.text(transport)),
                    entry("url", self.text(url)),
                    entry("headers", headers),
                ])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, UnknownKind>) {
        let mut sink = Sink::default();
        let root = parse_toml(Sources::default().add("layer.toml", "", text), text, &mut sink);
        assert_eq!(sink.into_diagnostics(), []);
        let expanded = expand(&root).map(|node| node.to_json().to_string());
        assert_eq!(expanded.as_deref(), expect.as_ref().map(|text| &**text), "{text}");
    }

    #[test]
    fn the_catalogue_parses_and_pins_versions() {
        let mut sink = Sink::default();
        parse_toml(Sources::default().add("catalogue", "", TEXT), TEXT, &mut sink);
        assert_eq!(sink.into_diagnostics(), []);
        assert_eq!(presets().len(), KINDS.len());
        assert!(presets().iter().all(|preset| KINDS.contains(&&*preset.kind)));
        for preset in presets() {
            if let PresetSource::Npm { version, .. } = &preset.source {
                let parts: Vec<&str> = version.split('.').collect();
                let number = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
                assert!(parts.len() == 3 && parts.iter().all(number), "{}", preset.kind);
            }
        }
    }

    #[test]
    fn a_kind_becomes_the_server_that_it_stands_for() {
        check(
            "kind = 'context7'\nversion = '4.0.0'\nargs = ['--verbose']\nenv = { A = 'b' }\n",
            Ok(
                r#"{"command":"npx","args":["-y","@upstash/context7-mcp@4.0.0","--verbose"],"env":{"A":"b"}}"#,
            ),
        );
        check(
            "kind = 'magic'\ntimeout = 5000\nheaders = { x-team = 'ui' }\n",
            Ok(concat!(
                r#"{"type":"http","url":"https://21st.dev/api/mcp","#,
                r#""headers":{"x-api-key":"${env:TWENTY_FIRST_API_KEY}","x-team":"ui"},"timeout":5000}"#
            )),
        );
        check("command = 'x'\n", Ok(r#"{"command":"x"}"#));
        check("kind = 'contex7'\n", Err(UnknownKind));
    }
}
