//! What a SQL Server says: its PRELOGIN, and the packets around a TLS handshake.

#![no_main]

mod talk;

use ccx_sec::connection::failure::Failure;
use ccx_sec::connection::wire::mssql;
use libfuzzer_sys::fuzz_target;
use talk::{shown, talk};
use tokio::io::AsyncReadExt;

fuzz_target!(|input: &[u8]| {
    for tls in [false, true] {
        let told = talk(input, async |server| mssql::prelogin(server, tls).await);
        if let Some(told) = told {
            assert!(!told.version.contains(char::is_control));
            shown(Some(told.without_tls()));
        }
    }
    // What is inside packets, as far as they are some.
    let inside = talk(input, async |server| {
        let mut inside = Vec::new();
        let read = mssql::PreloginStream::new(server).read_to_end(&mut inside).await;
        Ok::<_, Failure>((inside, read.is_ok()))
    });
    assert!(inside.is_some_and(|(inside, _)| inside.len() <= input.len()));
});
