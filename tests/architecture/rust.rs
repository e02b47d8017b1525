//! Reads the parts of a Rust file that say what it needs: modules, imports, items and paths. Test code is left out.

use std::collections::BTreeSet;

/// A token; what literals say does not matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Mark(char),
    Literal,
}

/// One module, as its source says it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Module {
    /// Child modules with a file of their own.
    pub(super) children: Vec<String>,
    /// Child modules that stand in the same file.
    pub(super) inline: Vec<(String, Module)>,
    pub(super) imports: Vec<Import>,
    /// What is defined here, by name.
    pub(super) items: Vec<String>,
    /// The paths and single names in the code, outside imports.
    pub(super) paths: BTreeSet<Vec<String>>,
}

/// One leaf of a `use` declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// For a glob, the module whose names are meant.
    pub(super) path: Vec<String>,
    /// What it is called here; `None` for a glob and for `as _`.
    pub(super) name: Option<String>,
    pub(super) glob: bool,
    /// Whether others may use it from here: `pub`, `pub(crate)`, `pub(super)`.
    pub(super) exported: bool,
}

/// Reads the source of a file.
pub(super) fn read(source: &str) -> Module {
    module(&tokens(source))
}

fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let at = |index: usize| text.get(index).copied().unwrap_or('\0');
    let mut found = Vec::new();
    let mut next = 0;
    while next < text.len() {
        let start = next;
        match at(next) {
            '/' if at(next + 1) == '/' => {
                while next < text.len() && at(next) != '\n' {
                    next += 1;
                }
            }
            '/' if at(next + 1) == '*' => {
                let mut depth = 0;
                while next < text.len() {
                    match (at(next), at(next + 1)) {
                        ('/', '*') => (depth, next) = (depth + 1, next + 2),
                        ('*', '/') => (depth, next) = (depth - 1, next + 2),
                        _ => next += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            '"' => {
                next = after_string(&text, next);
                found.push(Token::Literal);
            }
            // A character, unless it is a lifetime.
            '\'' if at(next + 1) == '\\' || at(next + 2) == '\'' => {
                next += if at(next + 1) == '\\' { 3 } else { 2 };
                while next < text.len() && at(next) != '\'' {
                    next += 1;
                }
                next += 1;
                found.push(Token::Literal);
            }
            c if c.is_alphanumeric() || c == '_' => {
                while at(next).is_alphanumeric() || at(next) == '_' {
                    next += 1;
                }
                let word: String = text[start..next].iter().collect();
                let prefix = matches!(word.as_str(), "r" | "b" | "c" | "br" | "cr");
                let hashes = text[next..].iter().take_while(|c| **c == '#').count();
                if prefix && at(next + hashes) == '"' {
                    next = if word.contains('r') {
                        after_raw_string(&text, next, hashes)
                    } else {
                        after_string(&text, next)
                    };
                    found.push(Token::Literal);
                } else if word == "b" && at(next) == '\'' {
                    // The character is the next token.
                } else if word == "r" && hashes == 1 {
                    next += 1;
                } else if c.is_ascii_digit() {
                    found.push(Token::Literal);
                } else {
                    found.push(Token::Word(word));
                }
            }
            c => {
                if !c.is_whitespace() {
                    found.push(Token::Mark(c));
                }
                next += 1;
            }
        }
    }
    found
}

fn after_string(text: &[char], quote: usize) -> usize {
    let mut next = quote + 1;
    while next < text.len() && text[next] != '"' {
        next += if text[next] == '\\' { 2 } else { 1 };
    }
    next + 1
}

fn after_raw_string(text: &[char], first_hash: usize, hashes: usize) -> usize {
    let mut next = first_hash + hashes + 1;
    while next < text.len() {
        let closed = text[next] == '"'
            && text[next + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
        next += 1;
        if closed {
            break;
        }
    }
    next + hashes
}

fn is_mark(tokens: &[Token], index: usize, mark: char) -> bool {
    tokens.get(index) == Some(&Token::Mark(mark))
}

fn word(tokens: &[Token], index: usize) -> Option<&str> {
    match tokens.get(index) {
        Some(Token::Word(word)) => Some(word),
        _ => None,
    }
}

/// The index after the bracket that closes the one at `open`.
fn after_group(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}

/// The index after the item, field, variant or statement that begins at `start`.
fn after_item(tokens: &[Token], start: usize) -> usize {
    let mut next = start;
    while is_mark(tokens, next, '#') {
        next = after_group(tokens, next + 1);
    }
    if word(tokens, next) == Some("pub") {
        next += 1;
        if is_mark(tokens, next, '(') {
            next = after_group(tokens, next);
        }
    }
    // `name: Type,` and `Variant,`; the commas of `fn f<A, B>()` do not end it.
    let keywords = ["fn", "impl", "struct", "enum", "trait", "const", "static", "type", "unsafe"];
    let until_comma = !word(tokens, next).is_some_and(|word| keywords.contains(&word));
    while next < tokens.len() {
        match tokens[next] {
            Token::Mark('{') => return after_group(tokens, next),
            Token::Mark('(' | '[') => next = after_group(tokens, next),
            Token::Mark(';') => return next + 1,
            Token::Mark(',') if until_comma => return next + 1,
            // The end of what holds it.
            Token::Mark('}' | ')' | ']') => return next,
            _ => next += 1,
        }
    }
    next
}

fn module(tokens: &[Token]) -> Module {
    let mut module = Module::default();
    // Where brackets are open, names are not those of the module.
    let mut depth = 0;
    let mut next = 0;
    // Whether what follows is visible to others.
    let mut exported = false;
    while next < tokens.len() {
        if is_mark(tokens, next, '#') {
            let open = if is_mark(tokens, next + 1, '!') { next + 2 } else { next + 1 };
            let after = after_group(tokens, open);
            next = if is_test(&tokens[open..after]) { after_item(tokens, after) } else { after };
            continue;
        }
        if let Token::Mark(mark) = tokens[next] {
            match mark {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            exported = false;
            next += 1;
            continue;
        }
        let Some(first) = word(tokens, next) else {
            next += 1;
            continue;
        };
        match first {
            "pub" => {
                exported = true;
                next += 1;
                if is_mark(tokens, next, '(') {
                    next = after_group(tokens, next);
                }
                continue;
            }
            "use" => {
                next = import(tokens, next + 1, &[], exported, &mut module.imports);
            }
            "mod" if depth == 0 => {
                let name = word(tokens, next + 1).unwrap_or_default().to_owned();
                if is_mark(tokens, next + 2, '{') {
                    let after = after_group(tokens, next + 2);
                    module.inline.push((name, self::module(&tokens[next + 3..after - 1])));
                    next = after;
                } else {
                    module.children.push(name);
                    next += 3;
                }
            }
            "struct" | "enum" | "union" | "trait" | "fn" | "const" | "static" | "type"
                if depth == 0 =>
            {
                next += 1;
                // `const fn name`, `static mut NAME`.
                while matches!(word(tokens, next), Some("fn" | "mut" | "unsafe" | "extern")) {
                    next += 1;
                }
                if let Some(name) = word(tokens, next).filter(|name| *name != "_") {
                    module.items.push(name.to_owned());
                    next += 1;
                }
            }
            "macro_rules" => {
                if let Some(name) = word(tokens, next + 2) {
                    module.items.push(name.to_owned());
                }
                next += 3;
            }
            _ => {
                let after_dot = next > 0 && is_mark(tokens, next - 1, '.');
                let mut path = vec![first.to_owned()];
                next += 1;
                while is_mark(tokens, next, ':') && is_mark(tokens, next + 1, ':') {
                    let Some(name) = word(tokens, next + 2) else { break };
                    path.push(name.to_owned());
                    next += 3;
                }
                // A field or a method is not a name of this module.
                if !after_dot {
                    module.paths.insert(path);
                }
            }
        }
        exported = false;
    }
    module
}

/// Whether an attribute says that what follows is for tests alone.
fn is_test(attribute: &[Token]) -> bool {
    let has = |name: &str| attribute.contains(&Token::Word(name.to_owned()));
    let is_cfg = word(attribute, 1) == Some("cfg");
    word(attribute, 1) == Some("test") || is_cfg && has("test") && !has("not")
}

/// Reads one tree of a `use` declaration; returns the index after it.
fn import(
    tokens: &[Token],
    mut next: usize,
    prefix: &[String],
    exported: bool,
    imports: &mut Vec<Import>,
) -> usize {
    let mut path = prefix.to_vec();
    loop {
        if is_mark(tokens, next, ':') {
            next += 1;
        } else if is_mark(tokens, next, '*') {
            imports.push(Import { path, name: None, glob: true, exported });
            return next + 1;
        } else if is_mark(tokens, next, '{') {
            let after = after_group(tokens, next);
            next += 1;
            while next + 1 < after {
                next = import(tokens, next, &path, exported, imports);
                if is_mark(tokens, next, ',') {
                    next += 1;
                }
            }
            return after;
        } else if let Some(name) = word(tokens, next) {
            next += 1;
            if name == "as" {
                let name = word(tokens, next).filter(|name| *name != "_").map(str::to_owned);
                imports.push(Import { path, name, glob: false, exported });
                return next + 1;
            }
            // `{self}` is the path before the bracket; at the beginning it is this module.
            if name != "self" || path.is_empty() {
                path.push(name.to_owned());
            }
        } else {
            // `impl Trait + use<'a>` imports nothing.
            if let Some(name) = path.last().cloned() {
                imports.push(Import { path, name: Some(name), glob: false, exported });
            }
            return next;
        }
    }
}
