//! The project itself: layers, names, words, generated files, README.

mod drift;
mod imports;
mod layering;
mod names;
pub mod readme;
mod tiers;
mod words;
