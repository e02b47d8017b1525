//! The checks themselves, on small trees that are made up.

use super::rust;
use super::tree::{Tree, cycles, shortest_cycle};
use super::wrong_imports;

/// A tree of crates from files: `name/lib.rs` is the root of a crate.
fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::default();
    let read = |path: &str| {
        files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned())
    };
    for (path, _) in files {
        if let Some(name) = path.strip_suffix("/lib.rs") {
            tree.add(name, path, &read);
        }
    }
    tree
}

/// Every arrow as `from -> to`.
fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    let tree = tree(files);
    let arrows = tree.arrows();
    let all = arrows.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    all.map(|(from, to)| format!("{} -> {}", short(from), short(to))).collect()
}

fn short(file: &str) -> &str {
    file.strip_prefix("one/").unwrap_or(file)
}

/// What a file `one/a.rs` with these lines needs of three neighbours.
fn needs(code: &str) -> Vec<String> {
    arrows(&[
        ("one/lib.rs", "mod a; mod b; pub mod c;"),
        ("one/a.rs", code),
        ("one/b.rs", "pub struct B; pub fn b() {}"),
        ("one/c/mod.rs", "pub mod deep; pub use deep::Deep; pub struct C;"),
        ("one/c/deep.rs", "pub struct Deep; impl Deep { pub const ONE: u8 = 1; }"),
    ])
}

#[test]
fn a_path_is_read_however_it_is_written() {
    let to_b = ["a.rs -> b.rs"];
    assert_eq!(needs("use crate::b::B;"), to_b);
    assert_eq!(needs("use crate::{b::B};"), to_b);
    assert_eq!(needs("use crate::{\n    b::{self, B as Other},\n};"), to_b);
    assert_eq!(needs("use super::b::B;"), to_b);
    assert_eq!(needs("mod inner { use super::super::b::B; }"), to_b);
    assert_eq!(needs("use one::b::B;"), to_b);
    assert_eq!(needs("use super::b; fn f() { b::b(); }"), to_b);
    assert_eq!(needs("use super::b as other; fn f() { other::b(); }"), to_b);
    assert_eq!(needs("fn f() { use crate::b; let x = b::B; }"), to_b);
    assert_eq!(needs("fn f() -> crate::b::B { crate::b::B }"), to_b);
    assert_eq!(needs("use crate::b::*; fn f() -> B { todo!() }"), to_b);
    assert_eq!(needs("pub use crate::b::B; fn f(b: &B) {}"), to_b);
    assert_eq!(needs("use crate::b::B as _;"), to_b);
    assert_eq!(needs("fn f(x: &'static str) { let c = '\\''; crate::b::b(); }"), to_b);
}

#[test]
fn what_is_passed_on_is_where_it_is_defined() {
    assert_eq!(needs("use crate::c::Deep;"), ["a.rs -> c/deep.rs"]);
    assert_eq!(needs("use crate::c; fn f() { c::Deep::ONE; }"), ["a.rs -> c/deep.rs"]);
    assert_eq!(needs("use crate::c::{self, C};"), ["a.rs -> c/mod.rs"]);
    assert_eq!(needs("use crate::c::deep; fn f() { deep::Deep::ONE; }"), ["a.rs -> c/deep.rs"]);
}

#[test]
fn what_is_no_use_makes_no_arrow() {
    let none: [&str; 0] = [];
    assert_eq!(needs("pub use crate::b::B;"), none);
    assert_eq!(needs("use crate::b;"), none);
    assert_eq!(needs("use std::collections::b::B; use other::b::B;"), none);
    assert_eq!(needs("// use crate::b::B;\n/* crate::b::B /* crate::b */ */"), none);
    assert_eq!(
        needs("const A: &str = \"crate::b::B\"; const R: &str = r#\"\"crate::b::b()\"#;"),
        none
    );
    assert_eq!(needs("#[cfg(test)]\nmod tests { use crate::b::B; }"), none);
    assert_eq!(
        needs("#[cfg(test)]\nuse crate::b::B;\n#[cfg(test)]\nfn f<A, C>() { crate::b::b() }"),
        none
    );
    assert_eq!(needs("struct S { #[cfg(test)] one: crate::b::B, two: u8 }"), none);
    assert_eq!(needs("fn f() { let b = 1; x.b.c(); }"), none);
}

#[test]
fn what_follows_test_code_is_read() {
    let to_b = ["a.rs -> b.rs"];
    assert_eq!(needs("#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::b::B;"), to_b);
    assert_eq!(needs("#[cfg(test)]\nconst A: [u8; 2] = [1, 2];\nuse crate::b::B;"), to_b);
    assert_eq!(needs("#[cfg(not(test))]\nuse crate::b::B;"), to_b);
    assert_eq!(needs("struct S { #[cfg(test)] one: u8, two: crate::b::B }"), to_b);
}

#[test]
fn a_cycle_of_files_is_found() {
    let files = [
        ("one/lib.rs", "mod a; mod b; mod c; mod d;"),
        ("one/a.rs", "use crate::b::B; pub struct A;"),
        ("one/b.rs", "use crate::{c::C, d::D}; pub struct B;"),
        ("one/c.rs", "pub struct C; fn f() { super::a::A; }"),
        ("one/d.rs", "pub struct D;"),
    ];
    let tree = tree(&files);
    let arrows = tree.arrows();
    assert_eq!(cycles(&arrows), [["one/a.rs", "one/b.rs", "one/c.rs"]]);
    assert_eq!(shortest_cycle(&arrows, "one/b.rs"), "one/b.rs -> one/c.rs -> one/a.rs -> one/b.rs");
}

#[test]
fn a_module_and_what_is_inside_it_are_one_unit() {
    let mut files = [
        ("one/lib.rs", "mod a; mod b;"),
        ("one/a/mod.rs", "mod child; mod other; pub use other::*; pub struct A(child::Child);"),
        ("one/a/child.rs", "use super::A; pub struct Child;"),
        ("one/a/other.rs", "use super::{A, child::Child}; pub struct Other;"),
        ("one/b.rs", "use crate::a::A; pub struct B;"),
    ];
    assert_eq!(
        arrows(&files),
        ["a/mod.rs -> a/child.rs", "a/other.rs -> a/child.rs", "b.rs -> a/mod.rs"],
    );
    assert_eq!(cycles(&tree(&files).arrows()), [[""; 0]; 0]);
    // A cycle through another module is a cycle all the same.
    files[2].1 = "use super::A; use crate::b::B; pub struct Child;";
    let tree = tree(&files);
    assert_eq!(cycles(&tree.arrows()), [["one/a/child.rs", "one/a/mod.rs", "one/b.rs"]]);
}

#[test]
fn two_crates_are_one_tree() {
    let files = [
        ("one/lib.rs", "pub mod source;"),
        ("one/source.rs", "pub struct Span;"),
        ("two/lib.rs", "mod cli;"),
        ("two/cli.rs", "use one::{source::Span};"),
    ];
    assert_eq!(arrows(&files), ["two/cli.rs -> source.rs"]);
}

/// What of a module's code is against the table, without the file and what would be allowed.
fn against_the_table(module: &str, code: &str) -> Vec<String> {
    let file = format!("one/{module}.rs");
    let other = if module == "source" { "layer" } else { "source" };
    let other_file = format!("one/{other}.rs");
    let root = format!("pub mod {module}; pub mod {other}; pub mod edge; pub mod ops;");
    let files = [
        ("one/lib.rs", root.as_str()),
        (file.as_str(), code),
        (other_file.as_str(), ""),
        ("one/edge.rs", "pub mod env { pub struct Env; } pub struct Edge;"),
        ("one/ops.rs", "pub mod sync { pub fn sync() {} }"),
    ];
    let text = |line: String| line.split([':', ';']).nth(1).map(str::trim).map(str::to_owned);
    let lines = wrong_imports(&tree(&files)).into_iter();
    lines.map(|line| text(line.replace("::", "/")).expect("a line")).collect()
}

#[test]
fn an_import_against_the_table_is_found_however_it_is_written() {
    for code in [
        "use crate::ops::sync;",
        "use crate::{source::Span, ops::{sync}};",
        "use crate::{ops};",
        "use super::ops;",
        "mod inner { use super::super::ops::sync; }",
        "fn f() { crate::ops::sync::sync(); }",
        "fn f() { super::ops::sync::sync(); }",
        "use one::ops::sync;",
    ] {
        let wrong = against_the_table("layer", code);
        assert_eq!(wrong.len(), 1, "{code}: {wrong:?}");
        assert!(wrong[0].starts_with("imports one/ops"), "{code}: {wrong:?}");
    }
    let none: [&str; 0] = [];
    assert_eq!(against_the_table("layer", "use crate::{source::Span, layer::Layer};"), none);
    assert_eq!(against_the_table("layer", "#[cfg(test)] mod tests { use crate::ops; }"), none);
}

#[test]
fn a_part_of_a_module_may_be_allowed_alone() {
    let none: [&str; 0] = [];
    assert_eq!(against_the_table("cli", "use crate::edge::env::Env;"), none);
    assert_eq!(against_the_table("cli", "use crate::edge::{env};"), none);
    assert_eq!(against_the_table("cli", "use crate::edge::Edge;"), ["imports one/edge/Edge"]);
    assert_eq!(against_the_table("cli", "use crate::edge::{Edge};"), ["imports one/edge/Edge"]);
    assert_eq!(against_the_table("cli", "use crate::edge;"), ["imports one/edge"]);
    assert_eq!(against_the_table("cli", "use crate::edge::*;"), ["imports one/edge"]);
}

#[test]
fn a_module_without_a_row_and_a_whole_crate_are_found() {
    assert_eq!(against_the_table("made_up", ""), ["`made_up` is not in the table"]);
    assert_eq!(against_the_table("layer", "use crate::*;"), ["imports the whole of one"]);
}

#[test]
fn dependencies_are_read_from_every_table() {
    let manifest = "[workspace.dependencies]\nnot = \"1\"\n[dependencies]\none.workspace = true\n# no\ntwo = \"1\"\n\
                    [target.'cfg(unix)'.dependencies]\nthree = { version = \"1\" }\n[dev-dependencies]\nfour=\"1\"\n\
                    [dependencies.five]\nversion = \"1\"\n[lints]\nworkspace = true\n";
    assert_eq!(
        super::dependencies(manifest),
        [
            ("one".to_owned(), false),
            ("two".to_owned(), false),
            ("three".to_owned(), false),
            ("four".to_owned(), true),
            ("five".to_owned(), false),
        ],
    );
}

#[test]
fn an_import_keeps_its_name() {
    let module = rust::read("pub(crate) use a::{self as b, c::{d, e as _}, f::*};");
    let names: Vec<_> =
        module.imports.iter().map(|i| (i.path.join("::"), i.name.clone())).collect();
    let name = |path: &str, name: Option<&str>| (path.to_owned(), name.map(str::to_owned));
    assert_eq!(
        names,
        [
            name("a", Some("b")),
            name("a::c::d", Some("d")),
            name("a::c::e", None),
            name("a::f", None)
        ],
    );
    assert!(module.imports.iter().all(|import| import.exported));
    assert!(module.imports[3].glob);
}
