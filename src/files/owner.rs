//! The user and group of a file.

use std::str::FromStr;

use nix::unistd::{Group, User};

use crate::error::{Code, Error, Result};

/// A user and a group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user id.
    pub uid: u32,
    /// The group id.
    pub gid: u32,
}

impl FromStr for Owner {
    type Err = Error;

    /// Parses `mysql:mysql`, `mysql` (with the user's own group), and numbers for either.
    fn from_str(text: &str) -> Result<Self> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        let unknown = |kind: &str, name: &str| {
            Error::usage(Code::OwnerUnknown, format!("there is no {kind} {name:?} on this machine"))
                .hint("give USER:GROUP as for chown, such as mysql:mysql; numbers always work")
        };
        let no_answer = |kind: &str, source: nix::Error| {
            Error::failed(Code::OwnerUnknown, format!("cannot look up the {kind}s of this machine"))
                .because(source)
                .hint("give numbers: UID:GID")
        };
        let known = User::from_name(user).map_err(|e| no_answer("user", e))?;
        let uid = match &known {
            Some(known) => known.uid.as_raw(),
            None => user.parse().map_err(|_| unknown("user", user))?,
        };
        let gid = match (group, &known) {
            (None, Some(known)) => known.gid.as_raw(),
            (None, None) => return Err(unknown("group of the user", user)),
            (Some(group), _) => match Group::from_name(group).map_err(|e| no_answer("group", e))? {
                Some(known) => known.gid.as_raw(),
                None => group.parse().map_err(|_| unknown("group", group))?,
            },
        };
        Ok(Owner { uid, gid })
    }
}

/// The names of this machine's own users, in the order of /etc/passwd; empty if that cannot be
/// read. Directory services are not asked.
#[must_use]
pub(crate) fn local_users() -> Vec<String> {
    let list = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = |line: &str| line.split_once(':').map(|(name, _)| name.to_owned());
    list.lines().filter_map(name).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        let parse = |text: &str| text.parse::<Owner>().map_err(|e| e.code().name());
        assert_eq!(parse("root:root"), Ok(Owner { uid: 0, gid: 0 }));
        assert_eq!(parse("root"), Ok(Owner { uid: 0, gid: 0 }));
        assert_eq!(parse("1234:5678"), Ok(Owner { uid: 1234, gid: 5678 }));
        for bad in ["", ":", "no-such-user-here:root", "root:no-such-group-here", "1234", "-1:0"] {
            assert_eq!(parse(bad), Err("owner-unknown"), "{bad:?}");
        }
    }
}
