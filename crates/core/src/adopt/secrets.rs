//! Secrets, which an adoption never writes. Reasons name the key, never the value.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Refusal;
use crate::diagnostic::secret;
use crate::layer::reference::{self, Reference, What};
use crate::source::{KeyPath, Node};

/// Fails for a value that looks like a secret, by its shape or by the name of its key.
pub(super) fn none_in(key: &KeyPath, value: &Json) -> Result<(), Refusal> {
    let name = key.segments().last().map_or("", AsRef::as_ref);
    match value {
        Json::String(text) => {
            let named = secret::names_secret(name) && is_literal(text);
            if named || !secret::find(text).is_empty() || secret::url_password(text).is_some() {
                return Err(Refusal::new(format!("`{key}` looks like a secret"))
                    .help("write a reference into the layer by hand: `${vault:path#field}` or `${env:NAME}`"));
            }
            Ok(())
        }
        Json::Array(items) => {
            // The value after an option such as `--api-key` belongs to the option.
            let mut option = None;
            for item in items {
                let word = item.as_str().unwrap_or_default();
                let at = option.take().map_or_else(|| key.clone(), |name: &str| key.join(name));
                none_in(&at, item)?;
                if let Some((flag, value)) = word.split_once('=') {
                    none_in(&key.join(flag), &Json::from(value))?;
                }
                option = Some(word).filter(|word| word.starts_with('-') && !word.contains('='));
            }
            Ok(())
        }
        Json::Object(map) => {
            map.iter().try_for_each(|(name, value)| none_in(&key.join(name), value))
        }
        _ => Ok(()),
    }
}

/// Fails for the text of a file that contains a secret. Its path is no key: `rules/design-tokens.md` is about colors.
pub(super) fn none_in_text(path: &str, text: &str) -> Result<(), Refusal> {
    if secret::find(text).is_empty() && secret::url_password(text).is_none() {
        return Ok(());
    }
    Err(Refusal::new(format!("`{path}` contains what looks like a secret"))
        .help("remove it from the file; a program reads a secret from its environment"))
}

/// Returns true if the value of a key for secrets is one: not a reference, a boolean, a number or a path.
fn is_literal(text: &str) -> bool {
    let plain = matches!(text, "" | "true" | "false") || text.parse::<f64>().is_ok();
    !plain && !text.contains("${") && !text.starts_with(['/', '~'])
}

/// The variables in rendered files, with the reference that each stands for.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Collects the variables of a merged configuration.
    pub(super) fn of(root: &Node) -> Self {
        let mut known = BTreeMap::new();
        root.walk(&mut KeyPath::default(), &mut |_, node| {
            for found in reference::find(node.as_str().unwrap_or_default()) {
                if let What::Reference(reference @ Reference::Vault { .. }) = found.what {
                    known.insert(format!("${{{}}}", reference.variable()), reference.to_string());
                }
            }
        });
        Self(known)
    }

    /// Returns a rendered value with its variables replaced by references, as a layer has it.
    pub(super) fn referred(&self, value: &Json) -> Json {
        match value {
            Json::String(text) => {
                let text = self.0.iter().fold(text.clone(), |text, (variable, reference)| {
                    text.replace(variable, reference)
                });
                Json::String(text)
            }
            Json::Object(map) => {
                map.iter().map(|(key, value)| (key.clone(), self.referred(value))).collect()
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_path_of_a_file_says_nothing_about_its_text() {
        for path in [
            "rules/design-tokens.md",
            "rules/password-policy.md",
            "agents/secret-santa.md",
            "skills/token/SKILL.md",
            "hooks/credential",
        ] {
            assert!(none_in_text(path, "Use the colors of `tokens.css`.").is_ok(), "{path}");
            let token = ["gh", "p_q7Zk3R9vTx2LmN8bWc5Yd1Fh6Jp4Sa0GuEoI"].concat();
            assert!(none_in_text(path, &format!("Use {token}.")).is_err(), "{path}");
        }
    }

    #[test]
    fn secrets_are_told_by_shape_and_by_name() {
        let check = |key: &str, value: Json, refused: bool| {
            let key = KeyPath::parse(key).expect("a key");
            assert_eq!(none_in(&key, &value).is_err(), refused, "{key} {value}");
        };
        let token = "ghp_q7Zk3R9vTx2LmN8bWc5Yd1Fh6Jp4Sa0GuEoI";
        check("environment.X", json!(token), true);
        check("environment.API_KEY", json!("hunter2"), true);
        check("environment.API_KEY", json!("${API_KEY}"), false);
        check("environment.DISABLE_TOKEN", json!("true"), false);
        check("mcp_servers.a.args", json!(["--api-key", "hunter2"]), true);
        check("mcp_servers.a.args", json!(["--api-key=hunter2"]), true);
        check("mcp_servers.a.args", json!(["--port", "80"]), false);
        check("mcp_servers.a", json!({"env": {"A_TOKEN": "x"}}), true);
        check("mcp_servers.a.url", json!("https://me:hunter2@x.example"), true);
        check("permissions.deny", json!("Read(./.env)"), false);
    }
}
