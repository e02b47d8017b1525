//! The files that are embedded in the program: the scaffold of `new`, and the example of `demo`.

/// An embedded file: its path in the repository, and its bytes.
pub type Embedded = (&'static str, &'static [u8]);

/// A config repository without values, with every table as a comment.
pub const SCAFFOLD: &[Embedded] = &[
    (".gitattributes", include_bytes!("scaffold/.gitattributes")),
    (".github/workflows/check.yml", include_bytes!("scaffold/.github/workflows/check.yml")),
    ("README.md", include_bytes!("scaffold/README.md")),
    ("base/layer.toml", include_bytes!("scaffold/base/layer.toml")),
    ("base/memory/10-about.md", include_bytes!("scaffold/base/memory/10-about.md")),
    ("claude-env.toml", include_bytes!("scaffold/claude-env.toml")),
    ("projects/example/layer.toml", include_bytes!("scaffold/projects/example/layer.toml")),
    ("teams/example/layer.toml", include_bytes!("scaffold/teams/example/layer.toml")),
];

/// The example in `examples/acme-config/`.
pub const EXAMPLE: &[Embedded] = &[
    ("README.md", include_bytes!("../../../../examples/acme-config/README.md")),
    (
        "base/agents/reviewer.md",
        include_bytes!("../../../../examples/acme-config/base/agents/reviewer.md"),
    ),
    (
        "base/commands/release-notes.md",
        include_bytes!("../../../../examples/acme-config/base/commands/release-notes.md"),
    ),
    (
        "base/commands/review-branch.md",
        include_bytes!("../../../../examples/acme-config/base/commands/review-branch.md"),
    ),
    ("base/hooks/guard.sh", include_bytes!("../../../../examples/acme-config/base/hooks/guard.sh")),
    (
        "base/layer.production.toml",
        include_bytes!("../../../../examples/acme-config/base/layer.production.toml"),
    ),
    ("base/layer.toml", include_bytes!("../../../../examples/acme-config/base/layer.toml")),
    (
        "base/memory/10-company.md",
        include_bytes!("../../../../examples/acme-config/base/memory/10-company.md"),
    ),
    (
        "base/memory/20-engineering.md",
        include_bytes!("../../../../examples/acme-config/base/memory/20-engineering.md"),
    ),
    (
        "base/output-styles/acme-brief.md",
        include_bytes!("../../../../examples/acme-config/base/output-styles/acme-brief.md"),
    ),
    (
        "base/rules/testing.md",
        include_bytes!("../../../../examples/acme-config/base/rules/testing.md"),
    ),
    (
        "base/skills/write-adr/SKILL.md",
        include_bytes!("../../../../examples/acme-config/base/skills/write-adr/SKILL.md"),
    ),
    (
        "base/skills/write-adr/template.md",
        include_bytes!("../../../../examples/acme-config/base/skills/write-adr/template.md"),
    ),
    ("claude-env.toml", include_bytes!("../../../../examples/acme-config/claude-env.toml")),
    (
        "projects/checkout/agents/reviewer.md",
        include_bytes!("../../../../examples/acme-config/projects/checkout/agents/reviewer.md"),
    ),
    (
        "projects/checkout/commands/storefront.md",
        include_bytes!("../../../../examples/acme-config/projects/checkout/commands/storefront.md"),
    ),
    (
        "projects/checkout/layer.toml",
        include_bytes!("../../../../examples/acme-config/projects/checkout/layer.toml"),
    ),
    (
        "projects/checkout/memory/40-checkout.md",
        include_bytes!("../../../../examples/acme-config/projects/checkout/memory/40-checkout.md"),
    ),
    (
        "teams/payments/agents/ledger-auditor.md",
        include_bytes!("../../../../examples/acme-config/teams/payments/agents/ledger-auditor.md"),
    ),
    (
        "teams/payments/commands/reconcile.md",
        include_bytes!("../../../../examples/acme-config/teams/payments/commands/reconcile.md"),
    ),
    (
        "teams/payments/hooks/freeze.sh",
        include_bytes!("../../../../examples/acme-config/teams/payments/hooks/freeze.sh"),
    ),
    (
        "teams/payments/layer.toml",
        include_bytes!("../../../../examples/acme-config/teams/payments/layer.toml"),
    ),
    (
        "teams/payments/memory/30-payments.md",
        include_bytes!("../../../../examples/acme-config/teams/payments/memory/30-payments.md"),
    ),
    (
        "users/ada/layer.toml",
        include_bytes!("../../../../examples/acme-config/users/ada/layer.toml"),
    ),
    (
        "users/ada/memory/50-ada.md",
        include_bytes!("../../../../examples/acme-config/users/ada/memory/50-ada.md"),
    ),
];

/// Returns true when an embedded file is written as executable: `include_bytes!` does not keep the permission.
pub fn is_executable(path: &str, bytes: &[u8]) -> bool {
    path.contains("/hooks/") && bytes.starts_with(b"#!")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    fn files_below(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let entry = entry.expect("an entry");
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().expect("a type").is_dir() {
                files_below(&entry.path(), &format!("{name}/"), found);
            } else {
                found.insert(name);
            }
        }
    }

    fn check(folder: &str, embedded: &[Embedded]) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut found = BTreeSet::new();
        files_below(&root, "", &mut found);
        let listed: BTreeSet<String> =
            embedded.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(found, listed, "{folder} and the list must name the same files");
        for (path, bytes) in embedded {
            let mode = root.join(path).metadata().expect("metadata").permissions().mode();
            assert_eq!(mode & 0o100 != 0, is_executable(path, bytes), "{path}");
        }
    }

    #[test]
    fn the_lists_are_complete_and_know_what_is_executable() {
        check("src/ops/scaffold", SCAFFOLD);
        check("../../examples/acme-config", EXAMPLE);
    }
}
