//! The test bed itself: database servers and the guest.

mod guest;
mod servers;
