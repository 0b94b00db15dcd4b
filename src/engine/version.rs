//! The version of an engine, to the precision on which settings depend.

use std::fmt;
use std::str::FromStr;

use crate::error::{Code, Error, Result};
use crate::text::clip;

/// Major and minor version; no setting depends on the patch level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second, or 0.
    pub minor: u16,
}

impl Version {
    /// A version.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Version { major, minor }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            0 => write!(f, "{}", self.major),
            minor => write!(f, "{}.{minor}", self.major),
        }
    }
}

/// Parses a version as an engine reports it, with any suffix: `8.4`, `10.11.19-MariaDB`, `17`.
impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split(['-', '+', '~', ' ']).next().unwrap_or_default();
        let numbers: Option<Vec<u16>> = numbers.split('.').map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some([major]) => Ok(Version::new(*major, 0)),
            Some([major, minor, ..]) => Ok(Version::new(*major, *minor)),
            _ => {
                let shown = clip(text, 64);
                Err(Error::usage(Code::EngineVersion, format!("{shown:?} is not a version"))
                    .hint("give it as the server says it: 8.4, 10.11.19, 17"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_servers_say_them() {
        for (text, major, minor) in [
            ("8.4", 8, 4),
            ("10.11.19-MariaDB-0+deb12u1", 10, 11),
            ("17", 17, 0),
            ("18beta1", 0, 0),
            ("15.18 (Debian 15.18-1)", 15, 18),
            ("2022", 2022, 0),
            ("", 0, 0),
            ("8.", 0, 0),
            ("-8", 0, 0),
            ("99999", 0, 0),
        ] {
            let read = text.parse::<Version>().map_err(|error| error.code().name());
            let expected = Some(Version::new(major, minor)).filter(|_| major > 0);
            assert_eq!(read, expected.ok_or("engine-version"), "{text}");
        }
        assert!(Version::new(10, 11) > Version::new(10, 6));
        assert_eq!(Version::new(10, 11).to_string(), "10.11");
        assert_eq!(Version::new(17, 0).to_string(), "17");
    }
}
