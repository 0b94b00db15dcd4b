//! What a Redis or Valkey server says to a PING.

#![no_main]

mod talk;

use ccx_sec::connection::wire::redis;
use libfuzzer_sys::fuzz_target;
use talk::{shown, talk};

fuzz_target!(|input: &[u8]| {
    shown(talk(input, async |server| redis::ping(server).await));
});
