//! The bound on the work that one chain may cost.
//!
//! A hostile chain can be built to be expensive (CVE-2018-16875 and similar). A search therefore
//! verifies at most 100 signatures, tries 10,000 candidates and compares names with constraints
//! 250,000 times, the limits of Go and rustls-webpki, and then stops with `too_complex`.

/// The work that a search may still do.
pub(super) struct Budget {
    signatures: usize,
    candidates: usize,
    comparisons: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Budget { signatures: 100, candidates: 10_000, comparisons: 250_000 }
    }

    /// Counts the verification of one signature.
    pub(super) fn pay_for_signature(&mut self) -> Result<(), BudgetExhaustion> {
        spend(&mut self.signatures)
    }

    /// Counts one certificate that may be the issuer of another.
    pub(super) fn pay_for_candidate(&mut self) -> Result<(), BudgetExhaustion> {
        spend(&mut self.candidates)
    }

    /// Counts one comparison of a name with a constraint.
    pub(super) fn pay_for_comparison(&mut self) -> Result<(), BudgetExhaustion> {
        spend(&mut self.comparisons)
    }
}

/// The error of a search whose budget is spent.
pub(super) struct BudgetExhaustion;

fn spend(budget: &mut usize) -> Result<(), BudgetExhaustion> {
    *budget = budget.checked_sub(1).ok_or(BudgetExhaustion)?;
    Ok(())
}
