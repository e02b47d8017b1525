//! The advice for an entry that a plan keeps, in terms of the command line.

use crate::workspace::Remedy;

impl Remedy {
    /// Returns the advice for a workspace; empty for [`Remedy::None`].
    pub fn help(self) -> &'static str {
        match self {
            Self::None => "",
            Self::RestoreRemoved => {
                "`sync --force` restores it; `adopt` removes it from the configuration"
            }
            Self::RestoreChanged => {
                "`sync --force` restores the configured value; `adopt` saves your value to the configuration"
            }
            Self::ResolveRemoved => {
                "`sync --force` writes the configured value; `adopt` removes it from the configuration"
            }
            Self::ResolveChanged => {
                "`sync --force` writes the configured value; `adopt` saves your value to the configuration"
            }
            Self::ClearThePath => {
                "remove or rename it, then run `claude-env sync`; or overwrite it with `sync --force`"
            }
            Self::RemoveOrphan => {
                "remove it, here or with `sync --force`; `adopt` adds it back to the configuration"
            }
            Self::RestoreFile => {
                "`rollback --force` restores the whole file, and saves the current one in a generation"
            }
        }
    }

    /// Returns the advice for a folder that `render` writes to, where `sync` cannot run; empty for [`Remedy::None`].
    pub fn help_in_folder(self) -> &'static str {
        match self {
            Self::None => "",
            _ => "write the configured value there yourself, or render into another folder",
        }
    }
}
