//! Caches the API server's verdicts on tokens, so that many requests need one review.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::pki::sha256_hex;
use crate::store::TokenAccess;

/// How long an approval is cached, and so the time until a withdrawn right takes effect.
const ALLOWED_TTL: Duration = Duration::from_secs(60);
/// How long a denial is cached, and so the time until a new right takes effect.
const DENIED_TTL: Duration = Duration::from_secs(5);
/// The maximum number of cached verdicts.
const CAPACITY: usize = 10_000;

/// The verdicts by the hash of token and object, each with its time.
#[derive(Default)]
pub(super) struct TokenReviewCache(Mutex<HashMap<String, (Instant, TokenAccess)>>);

impl TokenReviewCache {
    /// The cached verdict on a token and an object, if it is still fresh.
    pub(super) fn get(&self, token: &str, object: &str) -> Option<TokenAccess> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, review) = answers.get(&key(token, object))?;
        is_fresh(since, *review).then_some(*review)
    }

    /// Whether the token was ever allowed, also if that verdict is stale.
    pub(super) fn was_allowed(&self, token: &str, object: &str) -> bool {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(&key(token, object)).is_some_and(|(_, review)| *review == TokenAccess::Allowed)
    }

    /// Makes all verdicts stale.
    #[cfg(test)]
    pub(super) fn expire_all(&self) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (since, _) in answers.values_mut() {
            *since -= ALLOWED_TTL;
        }
    }

    /// Caches a verdict.
    pub(super) fn insert(&self, token: &str, object: &str, review: TokenAccess) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= CAPACITY {
            answers.retain(|_, (since, review)| is_fresh(since, *review));
        }
        if answers.len() >= CAPACITY {
            answers.clear();
        }
        answers.insert(key(token, object), (Instant::now(), review));
    }
}

fn is_fresh(since: &Instant, review: TokenAccess) -> bool {
    since.elapsed() < if review == TokenAccess::Allowed { ALLOWED_TTL } else { DENIED_TTL }
}

/// The hash under which a verdict is cached; the token itself is not kept.
fn key(token: &str, object: &str) -> String {
    sha256_hex(format!("{}:{token}{object}", token.len()).as_bytes())
}
