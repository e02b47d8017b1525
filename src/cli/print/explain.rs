use serde_json::{Value as Json, json};

use crate::cli::args::{ExplainArgs, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::code;
use claude_env_core::merge::{Explanation, Step, StrategyOrigin};
use claude_env_core::source::{Sources, Span};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::load::Opened;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, explain};

/// `explain`.
pub(in crate::cli) fn explain(
    args: &ExplainArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    if let Some(code) = code::find(&args.key) {
        printer.result(&match args.format {
            PlainFormat::Human => code.page.to_owned(),
            PlainFormat::Json => format!(
                "{:#}",
                json!({
                    "command": "explain",
                    "ok": true,
                    "code": code.id,
                    "name": code.name,
                    "severity": code.severity.word(),
                    "summary": code.summary,
                    "url": code.url(),
                    "page": code.page,
                })
            ),
        });
        return Ok(ExitStatus::Done);
    }
    let opened = Opened::new(request, env)?;
    let (merged, _) = opened.merged(env)?;
    let explanation = explain::explain(&opened.repository, &merged, &args.key)?;
    let sources = &opened.repository.sources;
    printer.result(&match args.format {
        PlainFormat::Human => human(&explanation, sources),
        PlainFormat::Json => as_json(&explanation, sources),
    });
    Ok(ExitStatus::Done)
}

pub(super) fn human(explanation: &Explanation, sources: &Sources) -> String {
    let mut text = match &explanation.value {
        Some(node) => format!("{} = {}\n", explanation.path, compact(&node.to_json())),
        None => format!("{} is not set\n", explanation.path),
    };
    let mut rows: Vec<[String; 4]> = Vec::new();
    // Where lists accumulate and tables merge nobody is beaten: each item and each key has its own place.
    let keys = explanation.value.as_ref().and_then(|node| node.as_table());
    let accumulates = keys.is_some() || !explanation.elements.is_empty();
    let beaten = if accumulates { &[] } else { explanation.steps.as_slice() };
    for (index, step) in beaten.iter().enumerate() {
        let what = if index == 0 { "set by" } else { "shadows" };
        let value = if index == 0 { String::new() } else { compact(&step.value) };
        rows.push(row(what, sources, step.span, value));
    }
    rows.extend(
        (explanation.elements.iter())
            .map(|item| row("item", sources, item.span, compact(&item.value))),
    );
    rows.extend(keys.into_iter().flatten().map(|(key, node)| {
        row("key", sources, node.span, format!("{key} = {}", compact(&node.to_json())))
    }));
    rows.extend((explanation.removals.iter()).map(|removal| {
        row(
            "unset by",
            sources,
            removal.by,
            format!("removed {}", compact(&removal.removed.to_json())),
        )
    }));
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0).max(8), width(1), width(2)];
    for [what, layer, place, value] in &rows {
        let line = format!(
            "  {what:0$}  {layer:1$}  {place:2$}  {value}",
            widths[0], widths[1], widths[2]
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let how = match explanation.strategy_origin {
        // Strategies are for arrays and scalars.
        _ if keys.is_some() => "tables merge, key by key".to_owned(),
        StrategyOrigin::BuiltIn(pattern) => {
            format!("{}, by the built-in rule `{pattern}`", explanation.strategy)
        }
        StrategyOrigin::Manifest(span) => {
            format!("{}, by the manifest, {}", explanation.strategy, sources.address(span))
        }
    };
    let width = widths[0];
    text.push_str(&format!("  {:width$}  {how}\n", "strategy"));
    text
}

fn row(what: &str, sources: &Sources, span: Span, value: String) -> [String; 4] {
    let layer = sources.get(span.source).layer.clone();
    [what.to_owned(), layer, sources.address(span), value]
}

/// A value on one line, cut where it gets long.
fn compact(value: &Json) -> String {
    const MOST: usize = 100;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn as_json(explanation: &Explanation, sources: &Sources) -> String {
    let step = |step: &Step| {
        let mut place = place(sources, step.span);
        place["value"] = step.value.clone();
        place
    };
    let mut steps = explanation.steps.iter().map(step);
    let is_table = explanation.value.as_ref().is_some_and(|node| node.as_table().is_some());
    let strategy = match explanation.strategy_origin {
        _ if is_table => json!({ "name": "merge", "from": "built-in" }),
        StrategyOrigin::BuiltIn(pattern) => {
            json!({ "name": explanation.strategy.word(), "from": "built-in", "pattern": pattern })
        }
        StrategyOrigin::Manifest(span) => {
            let mut from = place(sources, span);
            from["name"] = json!(explanation.strategy.word());
            from["from"] = json!("manifest");
            from
        }
    };
    let removals: Vec<Json> = (explanation.removals.iter())
        .map(|removal| {
            let mut from = place(sources, removal.by);
            from["path"] = json!(removal.path.to_string());
            from["value"] = removal.removed.to_json();
            from
        })
        .collect();
    let answer = json!({
        "command": "explain",
        "ok": true,
        "key": explanation.path.to_string(),
        "value": explanation.value.as_ref().map(|node| node.to_json()),
        "winner": steps.next(),
        "shadows": steps.collect::<Vec<_>>(),
        "items": explanation.elements.iter().map(step).collect::<Vec<_>>(),
        "unset": removals,
        "strategy": strategy,
    });
    format!("{answer:#}")
}

fn place(sources: &Sources, span: Span) -> Json {
    let source = sources.get(span.source);
    let place = source.place(span.range());
    json!({
        "layer": source.layer,
        "file": source.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    })
}
