//! The command line as people and scripts use it, one file a verb.
