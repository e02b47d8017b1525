use std::collections::BTreeMap;

use proptest::prelude::*;

use super::testing::{
    NAMES, Values, Workspace, any_values, any_workspace, apply_plan, compare_files, foreign_in,
    model_class, model_sync, name_of, rendering, values_in,
};
use super::*;

fn sync_of(wanted: &Values, workspace: &Workspace) -> (Values, Values) {
    let mut actual = Values::new();
    let mut base = Values::new();
    for name in NAMES {
        let get = |values: &Values| values.get(name).copied();
        let (there, last) = model_sync(get(wanted), get(&workspace.base), get(&workspace.actual));
        actual.extend(there.map(|value| (name, value)));
        base.extend(last.map(|value| (name, value)));
    }
    (actual, base)
}

#[test]
fn the_nine_classes_are_those_of_the_model() {
    let values = [None, Some(1), Some(2), Some(3)];
    let digest = |value: Option<u8>| value.map(|value| Digest::of_bytes(&[value]));
    let mut seen = std::collections::BTreeSet::new();
    for wanted in values {
        for last in values {
            for there in values {
                let class = class::classify(digest(wanted), digest(last), None, digest(there));
                assert_eq!(
                    class,
                    model_class(wanted, last, there),
                    "{wanted:?} {last:?} {there:?}"
                );
                seen.extend(class);
            }
        }
    }
    assert_eq!(seen.len(), 9, "{seen:?}");
}

proptest! {
    // Eleven entries each: ten thousand states of an entry.
    #![proptest_config(ProptestConfig { cases: 910.max(ProptestConfig::default().cases), ..ProptestConfig::default() })]

    #[test]
    fn a_sync_does_what_the_model_says(workspace in any_workspace(), wanted in any_values()) {
        let mut files = workspace.files();
        prop_assert_eq!(values_in(&files), workspace.actual.clone());
        let lock = workspace.lock();
        let wanted_files = rendering(&wanted);
        let (comparison, plan) = compare_files(&wanted_files, lock.as_deref(), &files);
        prop_assert_eq!(&comparison.problems, &[]);

        let mut classes: BTreeMap<&str, Class> = BTreeMap::new();
        for state in &comparison.states {
            prop_assert_eq!(classes.insert(name_of(&state.path, &state.key), state.class), None);
        }
        for name in NAMES {
            let get = |values: &Values| values.get(name).copied();
            prop_assert_eq!(
                classes.get(name).copied(),
                model_class(get(&wanted), get(&workspace.base), get(&workspace.actual)),
                "{}", name
            );
        }

        let foreign = foreign_in(&files);
        apply_plan(&plan, &mut files);
        let (actual, base) = sync_of(&wanted, &workspace);
        prop_assert_eq!(values_in(&files), actual.clone());
        prop_assert_eq!(foreign_in(&files), foreign);
        let next = Workspace { actual, base, ..workspace };
        if !next.base.is_empty() {
            prop_assert_eq!(Some(plan.lock.next.clone()), next.lock());
        }

        // Again, with nothing new: nothing happens.
        let (_, again) = compare_files(&wanted_files, Some(&plan.lock.next), &files);
        prop_assert_eq!(again.changes, &[]);
        prop_assert_eq!(again.lock.next, plan.lock.next);
    }
}

proptest! {

    #[test]
    fn what_a_sync_wrote_into_an_empty_folder_is_clean(wanted in any_values()) {
        let wanted_files = rendering(&wanted);
        let none = BTreeMap::new();
        let (_, plan) = compare_files(&wanted_files, None, &none);
        let mut files = none;
        apply_plan(&plan, &mut files);
        let (comparison, again) = compare_files(&wanted_files, Some(&plan.lock.next), &files);
        prop_assert!(comparison.is_clean());
        prop_assert!(again.is_noop());
        prop_assert_eq!(comparison.count(Class::Clean), wanted.len());
    }

    #[test]
    fn everything_that_is_taken_back_leaves_what_was_there(workspace in any_workspace(), wanted in any_values()) {
        let workspace = Workspace { actual: Values::new(), base: Values::new(), ..workspace };
        let before = workspace.files();
        let mut files = before.clone();
        let wanted = rendering(&wanted);
        let (_, plan) = compare_files(&wanted, None, &files);
        apply_plan(&plan, &mut files);
        let (_, plan) = compare_files(&crate::render::Rendering::default(), Some(&plan.lock.next), &files);
        apply_plan(&plan, &mut files);
        prop_assert_eq!(files, before);
    }
}

#[test]
fn other_peoples_files_are_never_written() {
    let check = |text: &str, expect: bool| {
        assert_eq!(is_forbidden(&RepoPath::parse(text).expect("a path")), expect, "{text}");
    };
    check(".git/hooks/pre-commit", true);
    check("sub/.GIT/config", true);
    check(".claude-env.toml", true);
    check(".claude-env.lock", true);
    check(".claude/settings.json", false);
    check(".gitignore", false);
}
