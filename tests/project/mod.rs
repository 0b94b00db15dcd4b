//! The project itself: layers, names, generated files, README.

mod drift;
mod layering;
mod names;
pub mod readme;
mod tiers;
