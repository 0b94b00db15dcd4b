//! Lifetimes of certificates: lengths of time such as `10y`, and the two dates.

use std::str::FromStr;

use jiff::{SignedDuration, Span, Timestamp, ToSpan, tz::TimeZone};

use crate::error::{Code, Error, Result};

/// The time by which `notBefore` lies before the time of issue, for peers whose clocks are slow.
pub const BACKDATED: SignedDuration = SignedDuration::from_mins(5);

/// More seconds than lie between any two dates of X.509.
const MAX_SECONDS: i64 = 10_000 * 366 * 24 * 60 * 60;

/// A length of time in calendar units: `10y`, `90d`, `12h`, `1y 6mo`; a bare number means days.
#[derive(Debug, Clone)]
pub struct Length(Span);

impl FromStr for Length {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad = || {
            Error::usage(Code::Duration, format!("{text:?} is not a length of time"))
                .hint("give a number and a unit: 10y, 6mo, 90d, 12h; without a unit, days")
        };
        let days = text.parse::<u32>().ok().and_then(|days| Span::new().try_days(days).ok());
        let span = days.map_or_else(|| text.parse::<Span>().map_err(|_| bad()), Ok)?;
        if !span.is_positive() {
            return Err(bad());
        }
        Ok(Length(span))
    }
}

impl From<SignedDuration> for Length {
    fn from(duration: SignedDuration) -> Self {
        Length(Span::new().seconds(duration.as_secs().clamp(1, MAX_SECONDS)))
    }
}

impl Length {
    /// Adds the length to `from`, by the UTC calendar.
    ///
    /// # Errors
    /// Exit 2 when the result is past the year 9999, where X.509's dates end (RFC 5280, section
    /// 4.1.2.5.2).
    pub fn after(&self, from: Timestamp) -> Result<Timestamp> {
        from.to_zoned(TimeZone::UTC).checked_add(self.0).map(|at| at.timestamp()).map_err(|_| {
            Error::usage(Code::DatePast9999, format!("{:#} from now is past the year 9999", self.0))
                .hint("X.509 has no later dates (RFC 5280, section 4.1.2.5.2); give a shorter time")
        })
    }
}

/// The dates of a certificate, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first moment of validity.
    pub not_before: Timestamp,
    /// The last moment of validity.
    pub not_after: Timestamp,
}

impl Validity {
    /// The validity from five minutes before `now` to `length` after it.
    ///
    /// # Errors
    /// Exit 2 when it would end past the year 9999.
    pub fn starting(now: Timestamp, length: &Length) -> Result<Self> {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Ok(Validity { not_before: now - BACKDATED, not_after: length.after(now)? })
    }
}

/// Whole days from `now` to `not_after`; negative when `not_after` is past.
#[must_use]
pub fn days_left(not_after: Timestamp, now: Timestamp) -> i64 {
    (not_after.as_second() - now.as_second()).div_euclid(86_400)
}

/// The default lifetime of a CA: 10 years.
#[must_use]
pub fn ca_default() -> Length {
    Length(10.years())
}

/// The default lifetime of a leaf: 1 year.
#[must_use]
pub fn leaf_default() -> Length {
    Length(1.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn ten_years_are_ten_calendar_years() {
        let now = at("2024-02-29T12:00:00.9Z");
        let validity = Validity::starting(now, &ca_default()).expect("in range");
        assert_eq!(validity.not_before, at("2024-02-29T11:55:00Z"));
        assert_eq!(validity.not_after, at("2034-02-28T12:00:00Z"));
    }

    #[test]
    fn lengths() {
        let end = |text: &str| -> std::result::Result<Timestamp, &'static str> {
            let length = text.parse::<Length>().map_err(|e| e.code().name())?;
            length.after(at("2026-01-01T00:00:00Z")).map_err(|e| e.code().name())
        };
        assert_eq!(end("30d"), Ok(at("2026-01-31T00:00:00Z")));
        assert_eq!(end("12h"), Ok(at("2026-01-01T12:00:00Z")));
        assert_eq!(end("1y6mo"), Ok(at("2027-07-01T00:00:00Z")));
        assert_eq!(end("7974y"), Err("date-past-9999"));
        assert_eq!(end("30"), end("30d"));
        for bad in
            ["", "0", "10x", "y", "-1y", "0d", "1y ago", "10 parsecs", "99999999999999999999y"]
        {
            assert_eq!(end(bad), Err("duration"), "{bad:?}");
        }
    }

    #[test]
    fn days_left_counts_whole_days() {
        let end = at("2026-01-02T00:00:00Z");
        assert_eq!(days_left(end, at("2026-01-01T00:00:00Z")), 1);
        assert_eq!(days_left(end, at("2026-01-01T00:00:01Z")), 0);
        assert_eq!(days_left(end, at("2026-01-02T00:00:01Z")), -1);
    }
}
