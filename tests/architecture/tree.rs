//! The modules of several crates as one tree: what a path means, which file needs which, and cycles of files.

use std::collections::{BTreeMap, BTreeSet};

use super::rust::{self, Import};

/// Where a module is written, and what is in it.
#[derive(Default)]
pub(super) struct Place {
    pub(super) file: String,
    source: rust::Module,
    /// Names of the child modules.
    children: Vec<String>,
}

/// All modules of all crates, by absolute path: the name of the crate, then those of the modules.
#[derive(Default)]
pub(super) struct Tree {
    modules: BTreeMap<Vec<String>, Place>,
}

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Module(Vec<String>),
    /// An item, by the module that defines it.
    ItemOf(Vec<String>),
}

/// The most re-exports that one path is followed through: more is a cycle of them.
const MOST_STEPS: usize = 20;

impl Tree {
    /// Adds a crate: the name it is imported by, its root file, and how to read a file. Modules that are only there for
    /// tests are left out.
    pub(super) fn add(&mut self, name: &str, root: &str, read: &dyn Fn(&str) -> Option<String>) {
        let source = rust::read(&read(root).unwrap_or_else(|| panic!("{root} is missing")));
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        self.add_module(vec![name.to_owned()], root.to_owned(), &folder, source, read);
    }

    fn add_module(
        &mut self,
        path: Vec<String>,
        file: String,
        folder: &str,
        mut source: rust::Module,
        read: &dyn Fn(&str) -> Option<String>,
    ) {
        let mut children = source.children.clone();
        for child in &source.children {
            let folder = format!("{folder}/{child}");
            let files = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
            let found = files.iter().find_map(|file| Some((file, read(file)?)));
            let (child_file, text) =
                found.unwrap_or_else(|| panic!("no file of `{child}`, {file}"));
            let child_path = [path.as_slice(), std::slice::from_ref(child)].concat();
            self.add_module(child_path, child_file.clone(), &folder, rust::read(&text), read);
        }
        for (child, inline) in std::mem::take(&mut source.inline) {
            let child_path = [path.as_slice(), std::slice::from_ref(&child)].concat();
            self.add_module(child_path, file.clone(), &format!("{folder}/{child}"), inline, read);
            children.push(child);
        }
        self.modules.insert(path, Place { file, source, children });
    }

    pub(super) fn modules(&self) -> impl Iterator<Item = (&[String], &Place)> {
        self.modules.iter().map(|(path, place)| (path.as_slice(), place))
    }

    fn is_crate(&self, name: &str) -> bool {
        self.modules.contains_key([name.to_owned()].as_slice())
    }

    /// A path as written in a module, from the root of its crate; `None` if it is not of these crates. What it names need not
    /// be there.
    fn absolute(&self, module: &[String], path: &[String], steps: usize) -> Option<Vec<String>> {
        if steps > MOST_STEPS {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let mut rest = rest;
        let mut start = match first.as_str() {
            "crate" => module[..1].to_vec(),
            "self" => module.to_vec(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            name => {
                let place = self.modules.get(module)?;
                let import = place.source.imports.iter().find(|import| {
                    // `use a::a` in a module that is called `a` itself does not lead on.
                    import.name.as_deref() == Some(name) && import.path.as_slice() != path
                });
                if let Some(import) = import {
                    self.absolute(module, &import.path, steps + 1)?
                } else if place.children.iter().any(|child| child == name) {
                    [module, &[name.to_owned()]].concat()
                } else if self.is_crate(name) {
                    vec![name.to_owned()]
                } else if place.source.items.iter().any(|item| item == name) {
                    [module, &[name.to_owned()]].concat()
                } else {
                    let mut globs = place.source.imports.iter().filter(|import| import.glob);
                    globs.find_map(|glob| {
                        let target = self.absolute(module, &glob.path, steps + 1)?;
                        let path = [target.as_slice(), &[name.to_owned()]].concat();
                        self.names(&target, name).then_some(path)
                    })?
                }
            }
        };
        while let Some((first, others)) = rest.split_first().filter(|(first, _)| *first == "super")
        {
            debug_assert_eq!(first, "super");
            start.pop()?;
            rest = others;
        }
        start.extend_from_slice(rest);
        Some(start)
    }

    /// Whether a module has a name: an item, a child or an import of it.
    fn names(&self, module: &[String], name: &str) -> bool {
        self.modules.get(module).is_some_and(|place| {
            place.children.iter().any(|child| child == name)
                || place.source.items.iter().any(|item| item == name)
                || place.source.imports.iter().any(|import| import.name.as_deref() == Some(name))
        })
    }

    /// What an absolute path leads to, through re-exports.
    fn meaning(&self, path: &[String], steps: usize) -> Option<Meaning> {
        let mut module = path.get(..1)?.to_vec();
        let mut place = self.modules.get(&module)?;
        for (index, name) in path.iter().enumerate().skip(1) {
            let last = index + 1 == path.len();
            let is_child = place.children.iter().any(|child| child == name);
            let is_item = place.source.items.iter().any(|item| item == name);
            // A module and a function may share a name.
            if is_item && (last || !is_child) {
                return Some(Meaning::ItemOf(module));
            }
            if is_child {
                module.push(name.clone());
                place = self.modules.get(&module)?;
                continue;
            }
            if steps < MOST_STEPS {
                let imports = place.source.imports.iter();
                let led = imports.filter_map(|import| {
                    let named = import.name.as_deref() == Some(name);
                    let target = if named || import.glob {
                        self.absolute(&module, &import.path, steps + 1)?
                    } else {
                        return None;
                    };
                    if import.glob && !self.names(&target, name) {
                        return None;
                    }
                    let rest = if named { &path[index + 1..] } else { &path[index..] };
                    self.meaning(&[target.as_slice(), rest].concat(), steps + 1)
                });
                let mut led: Vec<Meaning> = led.collect();
                if !led.is_empty() {
                    return Some(led.remove(0));
                }
            }
            // Made by a macro: the module is as near as we get.
            return Some(Meaning::ItemOf(module));
        }
        Some(Meaning::Module(module))
    }

    /// Every path of a module that leads to these crates, as absolute paths.
    pub(super) fn mentions(&self, module: &[String]) -> BTreeSet<Vec<String>> {
        let Some(place) = self.modules.get(module) else { return BTreeSet::new() };
        let imports = place.source.imports.iter().map(|import| &import.path);
        imports
            .chain(&place.source.paths)
            .filter_map(|path| self.absolute(module, path, 0))
            .collect()
    }

    /// Which file needs which: an arrow leads to the file that defines what is used. To pass something on with `pub use` is
    /// no use of it, and neither is to import a module without naming anything in it. A file may use what the modules around
    /// it define: they are one unit, so no arrow leads there.
    pub(super) fn arrows(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (module, place) in &self.modules {
            let imported = |import: &Import| {
                let used_below = !import.glob && !import.exported;
                used_below.then(|| self.absolute(module, &import.path, 0)).flatten()
            };
            let imports = place.source.imports.iter().filter_map(imported);
            let paths = place.source.paths.iter().filter_map(|path| self.absolute(module, path, 0));
            let from = arrows.entry(&place.file).or_default();
            for path in imports.chain(paths) {
                if let Some(Meaning::ItemOf(target)) = self.meaning(&path, 0) {
                    let file = self.modules[&target].file.as_str();
                    if !module.starts_with(&target) && file != place.file {
                        from.insert(file);
                    }
                }
            }
        }
        arrows
    }
}

/// The sets of files that need each other, each sorted.
pub(super) fn cycles<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        arrows.keys().map(|start| (*start, reachable(arrows, start))).collect();
    let mut found = BTreeSet::new();
    for (file, reach) in &reached {
        let cycle: Vec<&str> =
            reach.iter().copied().filter(|other| reached[other].contains(file)).collect();
        if cycle.len() > 1 {
            found.insert(cycle);
        }
    }
    found.into_iter().collect()
}

fn reachable<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>, start: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = arrows[start].iter().copied().collect();
    while let Some(file) = open.pop() {
        if reached.insert(file) {
            open.extend(&arrows[file]);
        }
    }
    reached
}

/// The shortest way from a file of a cycle back to it, as text.
pub(super) fn shortest_cycle(arrows: &BTreeMap<&str, BTreeSet<&str>>, start: &str) -> String {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = std::collections::VecDeque::from([start]);
    while let Some(file) = open.pop_front() {
        for next in &arrows[file] {
            if !before.contains_key(next) {
                before.insert(next, file);
                open.push_back(next);
            }
        }
    }
    let mut way = vec![start];
    let mut file = before[start];
    while file != start {
        way.push(file);
        file = before[file];
    }
    way.push(start);
    way.reverse();
    way.join(" -> ")
}
