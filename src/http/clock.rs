//! The clock of the server: the only place in this room that reads the time.

use jiff::Timestamp;

/// The current time, cut to seconds, as in all documents.
pub(super) fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default()
}

/// The current time in milliseconds, to order the records of several servers.
pub(super) fn precise_now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap_or_default()
}
