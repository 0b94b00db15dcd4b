//! Object identifiers of extensions (RFC 5280, section 4.2.1).

/// subjectKeyIdentifier.
pub(super) const SKI: &str = "2.5.29.14";
/// subjectAltName.
pub(super) const ALTERNATIVE_NAMES: &str = "2.5.29.17";
/// basicConstraints.
pub(super) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// nameConstraints.
pub(super) const NAME_CONSTRAINTS: &str = "2.5.29.30";
/// cRLDistributionPoints.
pub(super) const CRL_POINTS: &str = "2.5.29.31";
/// authorityKeyIdentifier.
pub(super) const AKI: &str = "2.5.29.35";
