//! `pack add`, `pack update`, `pack list`: vendored content in a config repository.

use std::path::Path;
use std::sync::Arc;

use super::Failure;
use crate::edge::config_source::ConfigSource;
use crate::edge::pypi::{self, Release};
use crate::edge::vendor::{self, VendoredFiles};
use crate::ops::repository::load::Repository;
use crate::ops::repository::locate::Request;
use claude_env_core::diagnostic::sort_and_dedup;
use claude_env_core::layer::{Layer, MANIFEST_FILE};
pub use claude_env_core::pack::PackReport;
use claude_env_core::pack::{
    Archive, PACK_FILE, PACKS_FOLDER, Pack, Packs, Vendored, reports, sha256, superclaude, wheel,
};
use claude_env_core::source::Sources;

/// The result of `pack add` or `pack update`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackChange {
    /// The name of the pack.
    pub name: String,
    /// The version before; `None` for a new pack.
    pub from: Option<String>,
    /// The version that is vendored now.
    pub to: String,
    /// Paths inside the pack, sorted; `pack.toml` is not counted.
    pub added: Vec<String>,
    /// Paths of files whose content changed.
    pub changed: Vec<String>,
    /// Paths of files that the new version does not have.
    pub removed: Vec<String>,
    /// How many files stayed the same.
    pub unchanged: usize,
    /// Whether anything was written.
    pub written: bool,
}

impl PackChange {
    /// Returns what to do next, one line each.
    pub fn next_steps(&self) -> Vec<String> {
        let Self { name, from, written, .. } = self;
        let folder = format!("{PACKS_FOLDER}/{name}");
        match (from, written) {
            (_, false) => Vec::new(),
            (None, true) => vec![
                format!("name it in a layer: packs = [\"{name}\"]"),
                format!("look at {folder} and commit it"),
            ],
            (Some(_), true) => vec![format!("look at `git diff {folder}` and commit it")],
        }
    }
}

/// Vendors a new pack. `spec` is `superclaude` or `superclaude@4.3.0`; `from` is a wheel or a folder, else pip downloads one.
///
/// Fails when the pack is vendored already, or the release cannot be read.
pub fn add(root: &Path, spec: &str, from: Option<&Path>) -> Result<PackChange, Failure> {
    let spec = Spec::parse(spec)?;
    config_repository(root)?;
    let packs = root.join(PACKS_FOLDER);
    if vendor::read(&packs.join(spec.name))?.is_some() {
        let name = spec.name;
        return Err(Failure::usage(format!("{PACKS_FOLDER}/{name} is there already"))
            .hint(format!("take another version with `claude-env pack update {name}@VERSION`")));
    }
    let vendored = obtain(&spec, from)?;
    write(&packs, &vendored, None)
}

/// Replaces a vendored pack by another version; without one in `spec`, by that of `from`, or the newest that pip finds.
///
/// Fails when the pack has local changes, unless `force` is given, or when the release cannot be read.
pub fn update(
    root: &Path,
    spec: &str,
    from: Option<&Path>,
    force: bool,
) -> Result<PackChange, Failure> {
    let spec = Spec::parse(spec)?;
    config_repository(root)?;
    let packs = root.join(PACKS_FOLDER);
    let Some(there) = vendor::read(&packs.join(spec.name))? else {
        let name = spec.name;
        return Err(Failure::usage(format!("there is no {PACKS_FOLDER}/{name} to update"))
            .hint(format!("vendor it with `claude-env pack add {name}`")));
    };
    let sources = Sources::default();
    let pack = Pack::read(spec.name, there.clone(), &sources);
    let findings = pack.findings(&sources);
    if !findings.is_empty() && !force {
        let mut findings = findings.iter().map(|finding| finding.locate(&sources)).collect();
        sort_and_dedup(&mut findings);
        let name = spec.name;
        let message =
            format!("{PACKS_FOLDER}/{name} has local changes, which an update would drop");
        return Err(Failure::findings(message, findings)
            .hint("restore the files with git, or drop the changes with `--force`"));
    }
    let vendored = obtain(&spec, from)?;
    write(&packs, &vendored, Some((&there, pack.toml.version)))
}

/// Returns the packs of the config repository that a command is about, each with the layers that name it.
///
/// Fails when the repository cannot be read.
pub fn list_in(request: &Request) -> Result<Vec<PackReport>, Failure> {
    let root = request.config_folder()?;
    let source = ConfigSource::folder(&root)?;
    let repository = Repository::open(source)?;
    let layers: Vec<Arc<Layer>> =
        repository.all_layers()?.iter().map(|loaded| Arc::clone(&loaded.layer)).collect();
    list(&root, &layers)
}

/// Returns the packs in the folder of a config repository, each with those of `layers` that name it.
///
/// Fails when a file cannot be read.
pub fn list(root: &Path, layers: &[Arc<Layer>]) -> Result<Vec<PackReport>, Failure> {
    config_repository(root)?;
    let packs = root.join(PACKS_FOLDER);
    let mut files = Vec::new();
    for name in vendor::folders(&packs)? {
        let folder = vendor::read(&packs.join(&name))?;
        let place = |(path, bytes)| (format!("{PACKS_FOLDER}/{name}/{path}"), bytes);
        files.extend(folder.into_iter().flatten().map(place));
    }
    let sources = Sources::default();
    Ok(reports(&Packs::read(files, &sources), layers, &sources))
}

/// The requested pack and version.
#[derive(Debug, PartialEq, Eq)]
struct Spec<'a> {
    name: &'a str,
    version: Option<&'a str>,
}

impl<'a> Spec<'a> {
    fn parse(text: &'a str) -> Result<Self, Failure> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        if name != superclaude::NAME {
            return Err(Failure::usage(format!("there is no pack `{name}` to vendor"))
                .hint(format!("the pack that claude-env knows is `{}`", superclaude::NAME)));
        }
        // The characters of versions in PEP 440; no operators, blanks or options for pip.
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '!' | '_' | '-');
        let starts_well = |text: &str| text.starts_with(|c: char| c.is_ascii_alphanumeric());
        match version {
            Some(version) if !starts_well(version) || !version.chars().all(fine) => {
                Err(Failure::usage(format!("`{version}` is no version"))
                    .hint(format!("write it like `{name}@4.3.0`")))
            }
            _ => Ok(Self { name, version }),
        }
    }
}

/// Fails when a folder is not a config repository.
fn config_repository(root: &Path) -> Result<(), Failure> {
    if root.join(MANIFEST_FILE).is_file() {
        return Ok(());
    }
    let message =
        format!("`{}` is no config repository: it has no {MANIFEST_FILE}", root.display());
    Err(Failure::usage(message).hint("packs are vendored in a config repository's working folder"))
}

/// Downloads or opens a release, verifies it against its own record, and builds the pack.
fn obtain(spec: &Spec<'_>, from: Option<&Path>) -> Result<Vendored, Failure> {
    let (release, shown) = match from {
        Some(from) => (pypi::open(from, superclaude::wanted)?, from.display().to_string()),
        None => {
            let folder = tempfile::tempdir()
                .map_err(|error| Failure::io(format!("cannot create a folder: {error}")))?;
            let wheel = pypi::fetch(spec.name, spec.version, folder.path())?;
            let release = pypi::open(&wheel, superclaude::wanted)?;
            let name = release.archive.as_ref().map(|(name, _)| name.clone());
            (release, name.unwrap_or_default())
        }
    };
    let vendored = build(release).map_err(|problem| {
        Failure::usage(format!("`{shown}` cannot be vendored: {problem}"))
            .hint(format!("{}@4.3.0 is a release that can be vendored", spec.name))
    })?;
    match spec.version {
        Some(version) if version != vendored.version => Err(Failure::usage(format!(
            "{version} was asked for, but `{shown}` is {} {}",
            vendored.name, vendored.version
        ))),
        _ => Ok(vendored),
    }
}

/// Builds a pack from a release. Fails with the reason, as a sentence without a full stop.
fn build(release: Release) -> Result<Vendored, String> {
    if release.archive.is_some() || wheel::has_record(&release.files) {
        wheel::verify_record(&release.files, superclaude::wanted)?;
    }
    if let Some(name) = wheel::metadata(&release.files, "Name")
        && !name.eq_ignore_ascii_case(superclaude::NAME)
    {
        return Err(format!("it is the project {name}"));
    }
    let archive = (release.archive).map(|(file, bytes)| Archive { file, sha256: sha256(&bytes) });
    superclaude::vendor(&release.files, archive).map_err(|error| error.to_string())
}

/// Writes a pack, unless its folder has the same files already, and returns what changed.
fn write(
    packs: &Path,
    vendored: &Vendored,
    before: Option<(&VendoredFiles, String)>,
) -> Result<PackChange, Failure> {
    let after = vendored.folder();
    let empty = VendoredFiles::new();
    let (old, from) = match before {
        Some((folder, version)) => (folder, Some(version)),
        None => (&empty, None),
    };
    let mut change = PackChange {
        name: vendored.name.clone(),
        from,
        to: vendored.version.clone(),
        written: *old != after,
        ..PackChange::default()
    };
    for (path, bytes) in after.iter().filter(|(path, _)| path.as_str() != PACK_FILE) {
        match old.get(path) {
            None => change.added.push(path.clone()),
            Some(before) if before != bytes => change.changed.push(path.clone()),
            Some(_) => change.unchanged += 1,
        }
    }
    change.removed = old.keys().filter(|path| !after.contains_key(*path)).cloned().collect();
    if change.written {
        vendor::replace(packs, &vendored.name, &after)?;
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write;
    use std::path::PathBuf;

    /// A minimal source checkout, and a config repository beside it.
    fn stage() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, release) = (folder.path().join("config"), folder.path().join("release"));
        put(&root, MANIFEST_FILE, "version = 1\n");
        for (path, text) in [
            ("LICENSE", "MIT License\n"),
            ("src/superclaude/__version__.py", "__version__ = \"9.9.9\"\n"),
            ("src/superclaude/commands/pm.md", "pm\n"),
            ("src/superclaude/agents/tester.md", "tester\n"),
            ("src/superclaude/skills/check/SKILL.md", "check\n"),
            ("src/superclaude/core/FLAGS.md", "flags\n"),
            ("src/superclaude/modes/MODE_A.md", "a\n"),
        ] {
            put(&release, path, text);
        }
        (folder, root, release)
    }

    fn put(folder: &Path, path: &str, text: &str) {
        let path = folder.join(path);
        for parent in
            path.parent().into_iter().flat_map(Path::ancestors).collect::<Vec<_>>().iter().rev()
        {
            if !parent.exists() {
                std::fs::create_dir(parent).expect("a folder");
            }
        }
        File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("a file");
    }

    #[track_caller]
    fn check(result: Result<PackChange, Failure>, expect: Result<&str, &str>) {
        let shown = result.map(|change| {
            let from = change.from.unwrap_or_default();
            let lists = [change.added, change.changed, change.removed].map(|list| list.join(","));
            format!("{from}>{} {} {}", change.to, lists.join(" "), change.unchanged)
        });
        let shown = shown.map_err(|failure| failure.message);
        assert_eq!(shown.as_deref().map_err(String::as_str), expect);
    }

    #[test]
    fn add_then_update() {
        let (_folder, root, release) = stage();
        let all = ".gitattributes,LICENSE,agents/tester.md,commands/pm.md,core/FLAGS.md,\
                   modes/MODE_A.md,skills/check/SKILL.md";
        check(add(&root, "superclaude@9.9.9", Some(&release)), Ok(&format!(">9.9.9 {all}   0")));
        let again = add(&root, "superclaude", Some(&release));
        check(again, Err("packs/superclaude is there already"));
        let same = update(&root, "superclaude", Some(&release), false).expect("no change");
        assert!(!same.written);
        put(&release, "src/superclaude/__version__.py", "__version__ = '9.9.10'\n");
        put(&release, "src/superclaude/core/RULES.md", "rules\n");
        put(&release, "src/superclaude/agents/tester.md", "a better tester\n");
        std::fs::remove_file(release.join("src/superclaude/core/FLAGS.md")).expect("removed");
        let newer = update(&root, "superclaude", Some(&release), false);
        check(newer, Ok("9.9.9>9.9.10 core/RULES.md agents/tester.md core/FLAGS.md 5"));
        let report = list(&root, &[]).expect("a list").remove(0);
        assert_eq!((report.version.as_str(), report.verified), ("9.9.10", true));
    }

    #[test]
    fn local_changes_are_dropped_only_by_force() {
        let (_folder, root, release) = stage();
        add(&root, "superclaude", Some(&release)).expect("added");
        put(&root, "packs/superclaude/agents/tester.md", "mine\n");
        put(&root, "packs/superclaude/agents/mine.md", "mine\n");
        let failure = update(&root, "superclaude", Some(&release), false).expect_err("refused");
        let places: Vec<&str> = failure.findings.iter().map(|f| f.at.file.as_str()).collect();
        assert_eq!(
            places,
            ["packs/superclaude/agents/mine.md", "packs/superclaude/agents/tester.md"]
        );
        assert!(!list(&root, &[]).expect("a list")[0].verified);
        let forced = update(&root, "superclaude", Some(&release), true);
        check(forced, Ok("9.9.9>9.9.9  agents/tester.md agents/mine.md 6"));
    }

    #[test]
    fn what_cannot_be_vendored_says_why() {
        let (folder, root, release) = stage();
        let from = Some(release.as_path());
        check(add(&root, "other", from), Err("there is no pack `other` to vendor"));
        check(add(&root, "superclaude@--pre", from), Err("`--pre` is no version"));
        check(add(&root, "superclaude@", from), Err("`` is no version"));
        check(
            update(&root, "superclaude", from, false),
            Err("there is no packs/superclaude to update"),
        );
        let shown = release.display();
        check(
            add(&root, "superclaude@4.3.0", from),
            Err(&format!("4.3.0 was asked for, but `{shown}` is superclaude 9.9.9")),
        );
        check(
            add(folder.path(), "superclaude", from),
            Err(&format!(
                "`{}` is no config repository: it has no claude-env.toml",
                folder.path().display()
            )),
        );
        put(&release, "superclaude-1.dist-info/RECORD", "LICENSE,sha256=x,1\n");
        check(
            add(&root, "superclaude", from),
            Err(&format!(
                "`{shown}` cannot be vendored: LICENSE does not have the hash that its RECORD says"
            )),
        );
        assert!(!root.join(PACKS_FOLDER).exists(), "nothing was written");
    }
}
