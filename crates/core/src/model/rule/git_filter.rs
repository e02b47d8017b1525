//! CE009: a file whose content a git filter keeps elsewhere, such as Git LFS.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::Placeholder;
use crate::rule::{Check, ContentContext, Rule};

/// The rule. TOML files are looked at where they are parsed.
pub(super) const RULE: Rule = Rule { code: code::GIT_FILTER, check: Check::Content(check) };

fn check(ctx: &ContentContext<'_>, sink: &mut Sink) {
    let Some(kind) = Placeholder::of(&ctx.file.bytes) else { return };
    let message = format!("`{}` is {}", ctx.file.path.file_name(), kind.what());
    let first = ctx.text.and_then(|text| text.lines().next()).map_or(0, str::len);
    sink.push(Diagnostic::new(code::GIT_FILTER, ctx.span(0..first), message).help(kind.help()));
}

#[cfg(test)]
mod tests {
    use super::RULE;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check(&[RULE], input, expect);
    }

    #[test]
    fn placeholders_of_filters_are_found_in_every_folder() {
        let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        for path in ["base/skills/a/form.bin", "base/memory/10.md", "teams/ada/hooks/guard.sh"] {
            check(&format!("-- {path} --\n{lfs}"), &format!("{path}:1 CE009"));
        }
        check(
            "-- hex base/rules/a.md --\n00 47 49 54 43 52 59 50 54 00 12\n",
            "base/rules/a.md:1 CE009",
        );
        check("-- base/skills/a/x.png --\n/annex/objects/MD5-x\n", "base/skills/a/x.png:1 CE009");
        check(&format!("-- base/rules/a.md --\nA pointer starts with\n{lfs}"), "");
    }
}
