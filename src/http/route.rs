//! The kinds of addresses, as labels of the metrics.

/// The kind of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// The page.
    Page,
    /// A file that the page loads.
    Asset,
    /// The CA in the named format.
    Ca(&'static str),
    /// The links by which one CA announces another.
    Links,
    /// The bundles that known clients have.
    Holders,
    /// The datastores and their documents.
    Datastores,
    /// Connection snippets.
    Snippet,
    /// The description of the API.
    Docs,
    /// `/healthz` and `/readyz`.
    Health,
    /// `/metrics`.
    Metrics,
    /// Any other address.
    Unknown,
}

impl Route {
    /// The label of the metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Route::Page => "page",
            Route::Asset => "asset",
            Route::Ca(_) => "ca",
            Route::Links => "links",
            Route::Holders => "holders",
            Route::Datastores => "datastores",
            Route::Snippet => "snippet",
            Route::Docs => "docs",
            Route::Health => "health",
            Route::Metrics => "metrics",
            Route::Unknown => "unknown",
        }
    }

    /// The format of a download of the CA.
    pub(super) fn format(self) -> Option<&'static str> {
        match self {
            Route::Ca(format) => Some(format),
            _ => None,
        }
    }
}
