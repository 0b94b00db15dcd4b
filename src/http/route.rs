//! What an address is about, as metrics call it.

/// The kinds of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// The page.
    Page,
    /// What belongs to it.
    Asset,
    /// The CA, in the format that is named.
    Ca(&'static str),
    /// The datastores.
    Datastores,
    /// Connection snippets.
    Snippet,
    /// The description of all this.
    Docs,
    /// `/healthz` and `/readyz`.
    Health,
    /// `/metrics`.
    Metrics,
    /// Anything else.
    Unknown,
}

impl Route {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Route::Page => "page",
            Route::Asset => "asset",
            Route::Ca(_) => "ca",
            Route::Datastores => "datastores",
            Route::Snippet => "snippet",
            Route::Docs => "docs",
            Route::Health => "health",
            Route::Metrics => "metrics",
            Route::Unknown => "unknown",
        }
    }

    /// What is downloaded there, if anything is.
    pub(super) fn format(self) -> Option<&'static str> {
        match self {
            Route::Ca(format) => Some(format),
            _ => None,
        }
    }
}
