//! The macro that makes an enum of stable codes from a table.

/// Declares an enum of stable codes: a line for each code, with its variant, its text and its
/// meaning in Markdown, in groups with a heading. The manual's tables are generated from it.
macro_rules! code_table {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($group:literal: $($variant:ident $code:literal $meaning:literal;)+)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[doc = $meaning] $variant,)+)+
        }

        impl $name {
            /// All of them, in the order of the table.
            pub const ALL: &'static [$name] = &[$($($name::$variant),+),+];

            /// All of them, in groups with a heading.
            pub const GROUPS: &'static [(&'static str, &'static [$name])] =
                &[$(($group, &[$($name::$variant),+])),+];

            /// The text of the code, on which scripts may rely.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $($($name::$variant => $code,)+)+
                }
            }

            /// The general meaning: a sentence or two, in Markdown.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $($($name::$variant => $meaning,)+)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

pub(crate) use code_table;

/// Checks that the sorted `names` are exactly the lines of `promised`: no code may be renamed or
/// removed, or be in the table twice. A new code is a new line there.
#[cfg(test)]
pub(crate) fn assert_promised<'a>(names: impl Iterator<Item = &'a str>, promised: &str) {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let promised: Vec<&str> = promised.lines().collect();
    assert_eq!(names, promised, "scripts may rely on these");
}
