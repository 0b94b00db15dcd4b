//! The macro that makes an enum of stable codes from a table: variant and code.

/// Makes an enum of stable codes: a line a code, with its variant and its text.
macro_rules! code_table {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($variant:ident $code:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $code] $variant,)+
        }

        impl $name {
            /// All codes.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The code as text: scripts may rely on it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $($name::$variant => $code,)+
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
