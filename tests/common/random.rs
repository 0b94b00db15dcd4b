//! Random numbers that `CCX_TEST_SEED` repeats, and what tests tell of their runs.

/// Random numbers that a seed repeats (splitmix64).
pub struct Random(u64);

impl Random {
    /// `test` is who says the seed.
    pub fn new(test: &str) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Random::fixed(test, now.expect("a clock").as_micros() as u64)
    }

    /// With this seed, unless `CCX_TEST_SEED` says another.
    pub fn fixed(test: &str, seed: u64) -> Self {
        let seed = match std::env::var("CCX_TEST_SEED") {
            Ok(seed) => seed.parse().expect("a number in CCX_TEST_SEED"),
            Err(_) => seed,
        };
        say(test, &format!("CCX_TEST_SEED={seed}"));
        Random(seed)
    }

    /// From 0 up to, and without, 1.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From 0 up to, and without, `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() * bound as f64) as usize
    }
}

/// Shown when a test fails, or with `--nocapture`.
#[allow(clippy::print_stderr)]
pub fn say(test: &str, text: &str) {
    eprintln!("{test}: {text}");
}
