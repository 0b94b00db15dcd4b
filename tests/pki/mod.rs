//! Certificates and chains, without a command or a store.

mod chain;
pub mod chain_matrix;
mod chain_openssl;
mod chain_random;
mod fixtures;
mod link;
mod properties;
mod x509_limbo;
