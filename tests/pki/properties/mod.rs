//! What holds for every input of the parsers: none panics, each says no with a code, and
//! what we write reads back the same. `tests/fuzz/run` asks the same of many more inputs.

mod options;
mod pki;
mod secrets;

use ccx_sec::error::{Error, Result};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A failing input is printed; there is no file of old ones to keep.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// What comes out of a no: its code, after a look at the rest of it.
fn code<T>(result: Result<T>) -> std::result::Result<T, &'static str> {
    result.map_err(|error: Error| {
        assert!(!error.code().name().is_empty() && !error.to_string().is_empty(), "{error:?}");
        assert!((1..=4).contains(&error.exit().code()), "{error:?}");
        error.code().name()
    })
}

/// Some of `good`, with a few bytes set, taken out or put in, and perhaps its end cut off.
fn damaged(good: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edits = vec((any::<Index>(), 0..3u8, any::<u8>()), 1..6);
    (select(good), edits, any::<Option<Index>>()).prop_map(|(mut bytes, edits, cut)| {
        for (at, what, byte) in edits {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        if let Some(cut) = cut.filter(|cut| cut.index(4) == 0) {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    })
}

/// Text made of words that mean something to a parser, and of others.
fn of_words(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let word = prop_oneof![4 => select(words).prop_map(str::to_owned), 1 => any::<String>()];
    vec(word, 0..24).prop_map(|words| words.concat())
}
