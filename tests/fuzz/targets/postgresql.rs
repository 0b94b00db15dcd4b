//! What a PostgreSQL server says, to a request for TLS and to a startup packet.

#![no_main]

mod talk;

use ccx_sec::connection::wire::postgresql::{self, StartupPurpose};
use libfuzzer_sys::fuzz_target;
use talk::{shown, talk};

fuzz_target!(|input: &[u8]| {
    for tls in [false, true] {
        let start = talk(input, async |server| {
            let purpose = StartupPurpose::Database("db");
            postgresql::start_up(server, "nobody", purpose, tls).await
        });
        shown(start.map(|start| start.reception));
    }
    // Behind the byte of the answer, any more before TLS is a fault; so is the end.
    let agreed = talk(input, async |server| postgresql::request_tls(server).await);
    assert!(agreed.is_none());
});
