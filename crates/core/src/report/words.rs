//! Enums of other modules as words: in JSON by their `word()`, in schemas as the list of all words.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::diagnostic::Severity as FindingSeverity;
use crate::doctor::{Area, State};
use crate::drift::{Action, DriftClass, Severity};
use crate::layer::Mode;
use crate::workspace::Class;

macro_rules! words {
    ($($type:ident: $($variant:ident),+;)+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // So that a variant cannot be missing in the schema.
                match self { $($type::$variant)|+ => serializer.serialize_str(self.word()) }
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": [$($type::$variant.word()),+] })
            }
        }
    )+};
}

words! {
    FindingSeverity: Note, Warning, Error;
    Class: Clean, Pending, Drift, Converged, Conflict, New, ForeignCollision, Orphan, OrphanDrifted, Merged, Foreign;
    DriftClass: Drift, Conflict, ForeignCollision, OrphanDrifted, Foreign;
    Severity: Low, Medium, High, Critical;
    Action: Nothing, NotifyLeads, Remediate, Review;
    Area: Installed, Workspace, Configuration, Hooks, ClaudeCode;
    State: Good, Note, Fail;
    Mode: Committed, Local;
}
