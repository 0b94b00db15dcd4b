//! What the API server said of tokens, kept for a while: so many requests are one question.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::pki::sha256_hex;
use crate::store::TokenAccess;

/// How long a yes holds: who is no longer let in is out within that.
const YES: Duration = Duration::from_secs(60);
/// How long a no holds: who is let in is in within that.
const NO: Duration = Duration::from_secs(5);
/// So many are kept at the most.
const KEPT: usize = 10_000;

/// The answers, by the hash of token and object.
#[derive(Default)]
pub(super) struct TokenReviewCache(Mutex<HashMap<String, (Instant, TokenAccess)>>);

impl TokenReviewCache {
    /// What is known of a token and an object.
    pub(super) fn known(&self, token: &str, object: &str) -> Option<TokenAccess> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, review) = answers.get(&key(token, object))?;
        holds(since, *review).then_some(*review)
    }

    /// Whether that token was let in before, however long ago that was.
    pub(super) fn was_allowed(&self, token: &str, object: &str) -> bool {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(&key(token, object)).is_some_and(|(_, review)| *review == TokenAccess::Allowed)
    }

    /// As if all of it had been said long ago.
    #[cfg(test)]
    pub(super) fn evict(&self) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (since, _) in answers.values_mut() {
            *since -= YES;
        }
    }

    /// Keeps what was said.
    pub(super) fn keep(&self, token: &str, object: &str, review: TokenAccess) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= KEPT {
            answers.retain(|_, (since, review)| holds(since, *review));
        }
        if answers.len() >= KEPT {
            answers.clear();
        }
        answers.insert(key(token, object), (Instant::now(), review));
    }
}

fn holds(since: &Instant, review: TokenAccess) -> bool {
    since.elapsed() < if review == TokenAccess::Allowed { YES } else { NO }
}

/// No token is kept.
fn key(token: &str, object: &str) -> String {
    sha256_hex(format!("{}:{token}{object}", token.len()).as_bytes())
}
