//! Edits of a JSON text that leave all other bytes unchanged.
//!
//! A new member goes to the end of its object or array, formatted like its neighbors. A removal also removes the comma and
//! whitespace, but no comment: comments belong to people.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::json_text::{Document, Key, Member, Node, Style, Tree, has_comment, indent_after};
use crate::agent::EntryKind;
use crate::render::JsonEntry;
use crate::source::Pointer;
use crate::workspace::Digest;

/// Returns the text of a new file: the skeleton with the entries added, indented by two spaces. `None` without entries.
pub(in crate::workspace) fn new_file<'e>(
    skeleton: &Json,
    entries: impl Iterator<Item = &'e JsonEntry>,
) -> Option<String> {
    let mut root = skeleton.clone();
    let mut any = false;
    for entry in entries {
        any = true;
        let mut place = &mut root;
        for segment in entry.pointer.segments() {
            if !place.is_object() {
                *place = Json::Object(Map::new());
            }
            place = match place {
                Json::Object(map) => map.entry(&**segment).or_insert(Json::Null),
                other => other,
            };
        }
        match (entry.kind, place) {
            (EntryKind::Value, place) => *place = entry.value.clone(),
            (EntryKind::Item, Json::Array(items)) => items.push(entry.value.clone()),
            (EntryKind::Item, place) => *place = Json::Array(vec![entry.value.clone()]),
        }
    }
    any.then(|| format!("{root:#}\n"))
}

impl<'t> Document<'t> {
    /// Sets the value at a pointer. Missing values on the way, and those of another type, become objects.
    pub fn set(&mut self, pointer: &Pointer, value: &Json) {
        self.edit_at(pointer, |node, at| {
            *node = Node::build(value, at.style, at.indent, at.multiline);
        });
    }

    /// Adds an item to the end of the array at a pointer, which is created if needed.
    pub fn add_item(&mut self, pointer: &Pointer, value: &Json) {
        self.edit_at(pointer, |node, at| {
            if node.as_array().is_none() {
                *node = Node::empty(true);
            }
            if let Node::Tree(tree) = node {
                tree.push(None, value, at.style, at.indent);
            }
        });
    }

    /// Removes the value at a pointer, if there is one.
    pub fn remove(&mut self, pointer: &Pointer) {
        let Some((last, parents)) = pointer.segments().split_last() else { return };
        let Some(Node::Tree(tree)) = self.node_mut(parents) else { return };
        while let Some(at) = tree.members.iter().position(|member| member.is(last)) {
            tree.remove(at);
        }
    }

    /// Removes the items with these digests from the array at a pointer.
    pub fn remove_items(&mut self, pointer: &Pointer, digests: &HashSet<Digest>) {
        let Some(Node::Tree(tree)) = self.node_mut(pointer.segments()) else { return };
        if !tree.array {
            return;
        }
        for at in (0..tree.members.len()).rev() {
            let ours = (tree.members.get(at))
                .is_some_and(|item| digests.contains(&Digest::of_json(&item.value.to_json())));
            if ours {
                tree.remove(at);
            }
        }
    }

    /// Removes the empty object or array at a pointer, and then the ones around it, up to the first that is not empty or
    /// that `keep` accepts.
    pub fn prune(&mut self, pointer: &Pointer, keep: impl Fn(&Pointer) -> bool) {
        for length in (1..=pointer.segments().len()).rev() {
            let place = pointer.prefix(length);
            match self.node_mut(place.segments()) {
                Some(Node::Tree(tree)) if tree.is_bare() && !keep(&place) => self.remove(&place),
                Some(_) => return,
                None => {}
            }
        }
    }

    /// Returns true if nothing is left but the skeleton, not even a comment.
    pub fn is_skeleton(&self, skeleton: &Json) -> bool {
        fn bare(node: &Node<'_>) -> bool {
            let Node::Tree(tree) = node else { return true };
            !has_comment(&tree.tail)
                && tree.members.iter().all(|member| {
                    !has_comment(&member.lead) && !has_comment(&member.trail) && bare(&member.value)
                })
        }
        let within =
            |value: &Json| *value == *skeleton || value.as_object().is_some_and(Map::is_empty);
        !self.has_loose_comment() && self.root.as_ref().is_none_or(bare) && within(&self.to_json())
    }

    fn node_mut(&mut self, segments: &[Arc<str>]) -> Option<&mut Node<'t>> {
        let mut node = self.root.as_mut()?;
        for segment in segments {
            let Node::Tree(tree) = node else { return None };
            node = &mut tree.members.iter_mut().find(|member| member.is(segment))?.value;
        }
        Some(node)
    }

    fn edit_at(&mut self, pointer: &Pointer, edit: impl FnOnce(&mut Node<'t>, Insertion<'_>)) {
        let style = self.style.clone();
        let mut indent = self.indent();
        let mut multiline = !style.compact;
        if self.root.is_none() {
            self.end_lead();
        }
        let mut node = self.root.get_or_insert_with(|| Node::empty(false));
        for segment in pointer.segments() {
            if node.as_object().is_none() {
                *node = Node::empty(false);
            }
            let Node::Tree(tree) = node else { return };
            let at = match tree.members.iter().position(|member| member.is(segment)) {
                Some(at) => at,
                None => {
                    tree.push(Some(segment), &Json::Null, &style, &indent);
                    tree.members.len() - 1
                }
            };
            let in_lines = tree.is_multiline();
            let Some(member) = tree.members.get_mut(at) else { return };
            multiline = in_lines && !style.compact;
            if let Some(own) = indent_after(&member.lead) {
                indent = own.to_owned();
            }
            node = &mut member.value;
        }
        edit(node, Insertion { style: &style, indent: &indent, multiline });
    }
}

/// Where an edit happens.
struct Insertion<'p> {
    style: &'p Style,
    /// The indentation of the line on which the value starts.
    indent: &'p str,
    /// Whether a value may span several lines here.
    multiline: bool,
}

impl Member<'_> {
    /// Returns true if the member has this name.
    pub(in crate::workspace) fn is(&self, name: &str) -> bool {
        self.key.as_ref().is_some_and(|key| key.name == name)
    }
}

impl<'t> Node<'t> {
    fn empty(array: bool) -> Self {
        Node::Tree(Tree { array, members: Vec::new(), tail: Cow::Borrowed("") })
    }

    /// Formats a value.
    fn build(value: &Json, style: &Style, indent: &str, multiline: bool) -> Self {
        let (array, pairs): (bool, Vec<(Option<&String>, &Json)>) = match value {
            Json::Array(items) => (true, items.iter().map(|item| (None, item)).collect()),
            Json::Object(map) => (false, map.iter().map(|(key, item)| (Some(key), item)).collect()),
            leaf => return Node::Leaf(Cow::Owned(leaf.to_string())),
        };
        let inner = format!("{indent}{}", style.unit);
        let count = pairs.len();
        let members = pairs.into_iter().enumerate().map(|(index, (name, item))| Member {
            line: 0,
            lead: match (multiline, index) {
                (true, _) => Cow::Owned(format!("{}{inner}", style.newline)),
                (false, 0) => Cow::Borrowed(""),
                (false, _) => Cow::Borrowed(if style.spaced { " " } else { "" }),
            },
            key: name.map(|name| Key::new(name, style)),
            value: Node::build(item, style, &inner, multiline),
            trail: Cow::Borrowed(""),
            comma: index + 1 < count,
        });
        let members: Vec<Member<'t>> = members.collect();
        let tail = if multiline && count > 0 {
            Cow::Owned(format!("{}{indent}", style.newline))
        } else {
            Cow::Borrowed("")
        };
        Node::Tree(Tree { array, members, tail })
    }
}

impl Key<'_> {
    fn new(name: &str, style: &Style) -> Self {
        Self {
            raw: Cow::Owned(Json::from(name).to_string()),
            name: Cow::Owned(name.to_owned()),
            colon: Cow::Borrowed(if style.spaced { ": " } else { ":" }),
        }
    }
}

impl Tree<'_> {
    /// Adds a member at the end. `indent` is the indentation of the line on which the object or array starts.
    fn push(&mut self, name: Option<&str>, value: &Json, style: &Style, indent: &str) {
        let multiline = self.is_multiline() || (self.members.is_empty() && !style.compact);
        let own = self.members.iter().rev().find_map(|member| indent_after(&member.lead));
        let inner = own.map_or_else(|| format!("{indent}{}", style.unit), str::to_owned);
        let (comments, blanks) = split_comments(&self.tail);
        let (comments, blanks) = (comments.to_owned(), blanks.to_owned());
        let trailing_comma = self.members.last().is_some_and(|last| last.comma);
        let lead = if multiline {
            format!("{comments}{}{inner}", style.newline)
        } else {
            let between = self.members.get(1).map(|second| second.lead.as_ref());
            let between = between.filter(|lead| !has_comment(lead) && !lead.contains('\n'));
            let default = if style.spaced { " " } else { "" };
            let blank = if self.members.is_empty() { "" } else { between.unwrap_or(default) };
            format!("{comments}{blank}")
        };
        if multiline && self.members.is_empty() && !blanks.contains('\n') {
            self.tail = Cow::Owned(format!("{}{indent}", style.newline));
        } else {
            self.tail = Cow::Owned(blanks);
        }
        if let Some(last) = self.members.last_mut() {
            last.comma = true;
        }
        self.members.push(Member {
            line: 0,
            lead: Cow::Owned(lead),
            key: name.map(|name| Key::new(name, style)),
            value: Node::build(value, style, &inner, multiline && !style.compact),
            trail: Cow::Borrowed(""),
            comma: trailing_comma,
        });
    }

    /// Removes a member with its comma. Comments around it stay, on their own line if they had one.
    fn remove(&mut self, at: usize) {
        let removed = self.members.remove(at);
        let mut lead = removed.lead.into_owned();
        if has_comment(&removed.trail) {
            lead.push_str(&removed.trail);
        }
        if let Some(next) = self.members.get_mut(at) {
            next.lead = Cow::Owned(join(&lead, &next.lead, at == 0));
            return;
        }
        if !removed.comma
            && let Some(last) = self.members.last_mut()
        {
            last.comma = false;
            let trail = std::mem::take(&mut last.trail);
            if has_comment(&trail) {
                lead.insert_str(0, &trail);
            }
        }
        let tail = join(&lead, &self.tail, false);
        let empty = self.members.is_empty() && !has_comment(&tail);
        self.tail = if empty { Cow::Borrowed("") } else { Cow::Owned(tail) };
    }
}

/// Returns the text between two members after the removal of the one between them, from the text before and after it.
fn join(lead: &str, rest: &str, first: bool) -> String {
    let (comments, blanks) = split_comments(lead);
    let bare = rest.trim_start_matches([' ', '\t']);
    if comments.is_empty() {
        return if bare.starts_with('/') && blanks.contains('\n') {
            format!("{blanks}{bare}")
        } else if first && !has_comment(rest) {
            blanks.to_owned()
        } else {
            rest.to_owned()
        };
    }
    if bare.starts_with(['\n', '\r']) || !ends_in_line_comment(comments) {
        format!("{comments}{rest}")
    } else {
        format!("{comments}{blanks}{bare}")
    }
}

/// Splits whitespace and comments after the last comment. Unicode whitespace at the end of a comment is part of it: JSON
/// knows only four whitespace characters.
fn split_comments(trivia: &str) -> (&str, &str) {
    let mut end = 0;
    while let Some(at) = trivia.get(end..).and_then(|rest| rest.find('/')) {
        let start = end + at;
        let comment = trivia.get(start..).unwrap_or("");
        end = start
            + match comment.get(2..).and_then(|inner| inner.find("*/")) {
                Some(length) if comment.starts_with("/*") => length + 4,
                _ => {
                    let line = comment.split('\n').next().unwrap_or("");
                    line.strip_suffix('\r').unwrap_or(line).len()
                }
            };
    }
    trivia.split_at_checked(end).unwrap_or((trivia, ""))
}

/// Returns true if text after this whitespace and these comments, on the same line, would be part of a comment.
fn ends_in_line_comment(trivia: &str) -> bool {
    let mut rest = trivia;
    while let Some(at) = rest.find('/') {
        let comment = rest.get(at..).unwrap_or("");
        let end = if comment.starts_with("//") { "\n" } else { "*/" };
        match comment.get(2..).and_then(|inner| inner.split_once(end)) {
            Some((_, after)) => rest = after,
            None => return end == "\n",
        }
    }
    false
}

#[cfg(test)]
mod tests;
