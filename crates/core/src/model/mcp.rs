//! MCP servers in the form in which they are rendered.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::catalogue;
use crate::layer::reference;
use crate::source::{Node, Span};

/// One server.
#[derive(Clone, Debug)]
pub struct Server {
    /// The name, as a key of `mcpServers`.
    pub name: Arc<str>,
    /// How the server is reached.
    pub transport: Transport,
    /// All other fields, in the order of the layers: `timeout`, `alwaysLoad`, `oauth`, `headersHelper`, `tools`.
    pub extra: Vec<(Arc<str>, Arc<Node>)>,
    /// Where the server's name is written.
    pub origin: Span,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A program that Claude Code starts.
    Stdio {
        /// The program.
        command: Arc<str>,
        /// Its arguments.
        args: Vec<Arc<str>>,
        /// The variables of its environment.
        env: Pairs,
    },
    /// A server at an address.
    Remote {
        /// The protocol.
        protocol: Protocol,
        /// The address.
        url: Arc<str>,
        /// The HTTP headers.
        headers: Pairs,
    },
}

/// Names with their values, in the order of the layers; references are not resolved.
pub type Pairs = Vec<(Arc<str>, Arc<str>)>;

/// The protocol of a remote server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Streamable HTTP.
    Http,
    /// Server-sent events.
    Sse,
    /// WebSocket.
    Ws,
}

impl Protocol {
    /// Returns the word that both supported versions accept.
    pub fn word(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Sse => "sse",
            Protocol::Ws => "ws",
        }
    }

    /// Returns the protocol for a `type`, HTTP without one; `None` for any other word.
    fn of(word: Option<&str>) -> Option<Self> {
        match word {
            None | Some("http" | "streamable-http") => Some(Protocol::Http),
            Some("sse") => Some(Protocol::Sse),
            Some("ws") => Some(Protocol::Ws),
            Some(_) => None,
        }
    }
}

/// The texts of a server in which Claude Code expands `${NAME}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The program of a server that is started.
    Command,
    /// One of its arguments.
    Arg,
    /// The value of one of its variables.
    Env,
    /// The address of a remote server.
    Url,
    /// The value of an HTTP header.
    Header,
}

impl Slot {
    /// Returns true if references are resolved here.
    pub fn takes_references(self) -> bool {
        matches!(self, Slot::Env | Slot::Header)
    }
}

/// Calls `visit` for every text of a server in which Claude Code expands `${NAME}`.
pub fn each_text<'a>(server: &'a Node, mut visit: impl FnMut(Slot, &'a Node, &'a str)) {
    let mut see = |slot, node: &'a Arc<Node>| {
        if let Some(text) = node.as_str() {
            visit(slot, node, text);
        }
    };
    for (key, slot) in [("command", Slot::Command), ("url", Slot::Url)] {
        if let Some(node) = server.get(key) {
            see(slot, node);
        }
    }
    let args = server.get("args").and_then(|args| args.as_array()).unwrap_or_default();
    args.iter().for_each(|node| see(Slot::Arg, node));
    for (key, slot) in [("env", Slot::Env), ("headers", Slot::Header)] {
        let table = server.get(key).and_then(|node| node.as_table());
        table.into_iter().flatten().for_each(|(_, node)| see(slot, node));
    }
}

/// Returns true if the arguments pass a script to a shell, which expands variables itself.
pub fn runs_script(server: &Node) -> bool {
    let args = server.get("args").and_then(|args| args.as_array()).unwrap_or_default();
    args.iter().filter_map(|arg| arg.as_str()).any(|arg| {
        arg.strip_prefix('-').is_some_and(|flags| {
            flags.ends_with('c') && flags.bytes().all(|b| b.is_ascii_lowercase())
        })
    })
}

/// Returns the servers of a layer or of a merged configuration that are tables.
pub fn tables(root: &Node) -> impl Iterator<Item = (&Arc<str>, &Arc<Node>)> {
    let servers = root.get("mcp_servers").and_then(|node| node.as_table());
    servers.into_iter().flatten().filter(|(_, server)| server.as_table().is_some())
}

/// Returns the servers of a merged configuration, in the order of the layers.
pub fn servers(merged: &Node) -> Vec<Server> {
    tables(merged).filter_map(|(name, node)| Server::read(name, node)).collect()
}

impl Server {
    /// Reads a merged server table. `None` if it is not a valid server, which the rules have reported.
    pub fn read(name: &Arc<str>, merged: &Arc<Node>) -> Option<Self> {
        let node = catalogue::expand(merged).ok()?;
        let protocol = text(&node, "type");
        let transport = match (text(&node, "command"), text(&node, "url")) {
            (Some(command), None) => Transport::Stdio {
                command,
                args: node
                    .get("args")
                    .and_then(|args| args.as_array())
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|arg| arg.as_str().map(Arc::from))
                    .collect(),
                env: pairs(node.get("env")),
            },
            (None, Some(url)) => Transport::Remote {
                protocol: Protocol::of(protocol.as_deref())?,
                url,
                headers: pairs(node.get("headers")),
            },
            _ => return None,
        };
        let extra = (node.as_table().into_iter().flatten())
            .filter(|(key, _)| !OWN_FIELDS.contains(&key.as_ref()))
            .map(|(key, node)| (Arc::clone(key), Arc::clone(node)))
            .collect();
        Some(Self { name: Arc::clone(name), transport, extra, origin: merged.key })
    }

    /// Returns the server's entry in `.mcp.json`. References become names of variables.
    pub fn to_json(&self) -> Json {
        let mut entry = Map::new();
        let mut put = |key: &str, value: Json| {
            entry.insert(key.to_owned(), value);
        };
        match &self.transport {
            Transport::Stdio { command, args, env } => {
                put("type", Json::from("stdio"));
                put("command", Json::from(&**command));
                if !args.is_empty() {
                    put("args", args.iter().map(|arg| Json::from(&**arg)).collect());
                }
                if !env.is_empty() {
                    put("env", rendered(env));
                }
            }
            Transport::Remote { protocol, url, headers } => {
                put("type", Json::from(protocol.word()));
                put("url", Json::from(&**url));
                if !headers.is_empty() {
                    put("headers", rendered(headers));
                }
            }
        }
        for (key, node) in &self.extra {
            put(key, node.to_json());
        }
        Json::Object(entry)
    }
}

/// Fields that the transport has, or that Claude Code ignores.
const OWN_FIELDS: &[&str] =
    &["kind", "version", "type", "command", "args", "env", "url", "headers"];

fn text(node: &Node, key: &str) -> Option<Arc<str>> {
    node.get(key).and_then(|value| value.as_str()).map(Arc::from)
}

fn pairs(node: Option<&Arc<Node>>) -> Pairs {
    let table = node.and_then(|node| node.as_table()).into_iter().flatten();
    table.filter_map(|(key, node)| Some((Arc::clone(key), Arc::from(node.as_str()?)))).collect()
}

fn rendered(pairs: &Pairs) -> Json {
    let text = |value: &str| Json::from(reference::rendered(value));
    Json::Object(pairs.iter().map(|(name, value)| (name.to_string(), text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sink;
    use crate::layer::parse_toml;
    use crate::source::Sources;

    fn check(text: &str, expect: &str) {
        let mut sink = Sink::default();
        let root = parse_toml(Sources::default().add("layer.toml", "", text), text, &mut sink);
        assert_eq!(sink.into_diagnostics(), []);
        let servers: Map<String, Json> = servers(&root)
            .iter()
            .map(|server| (server.name.to_string(), server.to_json()))
            .collect();
        assert_eq!(Json::Object(servers).to_string(), expect, "{text}");
    }

    #[test]
    fn servers_are_written_as_both_clients_read_them() {
        check(
            "[mcp_servers.a]\ntimeout = 60000\nenv = { T = '${vault:x/y#z}' }\ncommand = 'srv'\nargs = ['-v']\n",
            r#"{"a":{"type":"stdio","command":"srv","args":["-v"],"env":{"T":"${CLAUDE_ENV_X_Y_Z}"},"timeout":60000}}"#,
        );
        check(
            "[mcp_servers.b]\nurl = 'https://x.example'\nheaders = { A = 'Bearer ${env:T}' }\n",
            r#"{"b":{"type":"http","url":"https://x.example","headers":{"A":"Bearer ${T}"}}}"#,
        );
        check(
            "[mcp_servers.c]\nkind = 'sequential'\n",
            concat!(
                r#"{"c":{"type":"stdio","command":"npx","#,
                r#""args":["-y","@modelcontextprotocol/server-sequential-thinking@2026.8.31"]}}"#
            ),
        );
        check(
            "[mcp_servers.d]\ntype = 'streamable-http'\nurl = 'https://x.example'\n",
            r#"{"d":{"type":"http","url":"https://x.example"}}"#,
        );
        check("[mcp_servers.e]\ncommand = 'x'\nurl = 'https://x.example'\n", "{}");
        check("[mcp_servers.f]\nkind = 'nosuch'\n", "{}");
    }
}
