//! The metadata of a file that another one replaces: owner, group, permissions, ACL and extended attributes.

use std::fs::File;
use std::io;

/// Gives a new file the metadata of the one that it replaces, and these permission bits, as far as the system permits.
///
/// Only the superuser can give a file to another owner. Where the group cannot be kept, it may do no more than everyone, so that
/// no other group gets the permissions. Fails when the permissions cannot be set.
#[cfg(unix)]
pub(super) fn copy(from: &File, to: &File, mode: u32) -> io::Result<()> {
    use rustix::fs::{Gid, Uid, fchown, fstat};
    let (old, new) = (fstat(from)?, fstat(to)?);
    let (owner, group) = (Uid::from_raw(old.st_uid), Gid::from_raw(old.st_gid));
    let mut mode = mode & 0o7777;
    let mut has_group = old.st_gid == new.st_gid;
    if old.st_uid != new.st_uid {
        let given = fchown(to, Some(owner), Some(group)).is_ok();
        has_group |= given;
        if !given {
            // They would run it as somebody else.
            mode &= !0o6000;
        }
    }
    if !has_group {
        has_group = fchown(to, None, Some(group)).is_ok();
    }
    let has_attributes = has_group && attributes::copy(from, to).unwrap_or(false);
    if !has_attributes {
        mode = without_group(mode, attributes::has_acl(from) || !has_group);
    }
    set_mode(to, mode)
}

/// Sets permission bits. Fails when the system refuses, unless it stores no executable bit and nothing else differs.
#[cfg(unix)]
pub(super) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    const EXECUTABLE: u32 = 0o111;
    let wanted = mode & 0o7777;
    file.set_permissions(PermissionsExt::from_mode(wanted)).or_else(|error| {
        let has = file.metadata()?.permissions().mode() & 0o7777;
        if has & !EXECUTABLE == wanted & !EXECUTABLE { Ok(()) } else { Err(error) }
    })
}

/// Returns permission bits that give the group no more than everyone, where it may be another group than before.
#[cfg(unix)]
fn without_group(mode: u32, is_other: bool) -> u32 {
    if is_other { (mode & !0o070) | (mode & ((mode & 0o007) << 3)) } else { mode }
}

/// Does nothing: this system has no such metadata.
#[cfg(not(unix))]
pub(super) fn copy(_from: &File, _to: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// Does nothing: this system has no such bits.
#[cfg(not(unix))]
pub(super) fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod attributes {
    //! Extended attributes, in which Linux also stores ACLs.

    use std::fs::File;
    use std::io;

    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
    use rustix::io::Errno;

    /// The POSIX ACL of a file.
    const ACL: &[u8] = b"system.posix_acl_access";

    /// Attributes about the content of one file, which a new content must not inherit.
    const OF_CONTENT: [&[u8]; 3] = [b"security.capability", b"security.ima", b"security.evm"];

    /// Copies the attributes of a file, and removes an ACL that the folder gave the new one. Returns whether it has the same ACL.
    ///
    /// Some attributes can only be set by the system: these are left out. Fails when the attributes cannot be listed.
    pub(super) fn copy(from: &File, to: &File) -> io::Result<bool> {
        let names = list(from)?;
        let mut is_same = true;
        for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            if OF_CONTENT.contains(&name) {
                continue;
            }
            let copied = value(from, name)
                .and_then(|value| Ok(fsetxattr(to, name, &value, XattrFlags::empty())?));
            is_same &= copied.is_ok() || name != ACL;
        }
        let has_acl = |names: &[u8]| names.split(|byte| *byte == 0).any(|name| name == ACL);
        if !has_acl(&names) && has_acl(&list(to)?) {
            fremovexattr(to, ACL)?;
        }
        Ok(is_same)
    }

    /// Returns true when a file has an ACL, or that is not known.
    pub(super) fn has_acl(file: &File) -> bool {
        !matches!(fgetxattr(file, ACL, &mut [0; 1]), Err(Errno::NODATA | Errno::NOTSUP))
    }

    /// Returns the names of the attributes, each with a NUL after it; nothing on file systems without attributes.
    fn list(file: &File) -> io::Result<Vec<u8>> {
        let mut names = vec![0; 1024];
        loop {
            match flistxattr(file, names.as_mut_slice()) {
                Ok(length) => {
                    names.truncate(length);
                    return Ok(names);
                }
                Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Vec::new()),
                Err(Errno::RANGE) if names.len() < MOST => names.resize(MOST, 0),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The most bytes of a list of names, and of a value, on Linux.
    const MOST: usize = 64 * 1024;

    /// Returns the value of an attribute.
    fn value(file: &File, name: &[u8]) -> io::Result<Vec<u8>> {
        let mut value = vec![0; MOST];
        let length = fgetxattr(file, name, value.as_mut_slice())?;
        value.truncate(length);
        Ok(value)
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "macos"))))]
mod attributes {
    //! Nothing: this system has no extended attributes that are read here.

    use std::fs::File;
    use std::io;

    /// Returns true.
    pub(super) fn copy(_from: &File, _to: &File) -> io::Result<bool> {
        Ok(true)
    }

    /// Returns false.
    pub(super) fn has_acl(_file: &File) -> bool {
        false
    }
}
