//! The table of an agent on a machine: its program, and the files that it reads outside of workspaces.

/// An agent as it is installed on a machine.
#[derive(Debug)]
pub struct Installation {
    /// The name of the program.
    pub program: &'static str,
    /// Variables that keep the program from looking for updates while it prints its version.
    pub quiet: &'static [(&'static str, &'static str)],
    /// The folder of the person in the home directory.
    pub folder: &'static str,
    /// The settings of the person, in [`Installation::folder`].
    pub settings: &'static str,
    /// The state of the agent, in the home directory.
    pub state: &'static str,
    /// The folder of managed settings.
    pub managed: ManagedFolder,
    /// The managed settings, in [`Installation::managed`].
    pub managed_settings: &'static str,
    /// The folder with more managed settings, in [`Installation::managed`].
    pub managed_settings_folder: &'static str,
    /// The managed servers, in [`Installation::managed`].
    pub managed_servers: &'static str,
}

/// The folder of the files with which an administrator manages an agent, for each system.
#[derive(Debug)]
pub struct ManagedFolder {
    /// On macOS.
    pub macos: &'static str,
    /// On Windows.
    pub windows: &'static str,
    /// On Linux and all other systems.
    pub other: &'static str,
}

impl ManagedFolder {
    /// Returns the folder on a system, named as in `std::env::consts::OS`.
    pub fn on(&self, system: &str) -> &'static str {
        match system {
            "macos" => self.macos,
            "windows" => self.windows,
            _ => self.other,
        }
    }
}
