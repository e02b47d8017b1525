//! The one integration test binary: a single link, shared support.
//!
//! A test needs nothing but the binary and git, unless its file says otherwise; what it needs beyond that comes from
//! `ci/install-test-tools` through `CLAUDE_ENV_TEST_…` variables, and a missing one fails the test.

#![expect(clippy::disallowed_methods, reason = "tests set the stage for the program under test")]
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on has failed, with a place and a message"
)]

mod adopt;
mod agent_strings;
mod answers;
mod architecture;
mod broken_repositories;
mod claude_code;
mod cli;
mod doctor;
mod documentation;
mod drift;
mod git_programs;
mod golden;
mod growth;
mod hook;
mod hooks;
mod hostile_input;
mod modes;
mod paths;
mod remote;
mod rollback;
mod structure;
mod support;
mod sync;
