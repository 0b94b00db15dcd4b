//! The project itself: layers, names, generated files, README.

mod drift;
mod imports;
mod layering;
mod names;
pub mod readme;
mod tiers;
