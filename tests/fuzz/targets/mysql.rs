//! What a MySQL or MariaDB server says. The first byte chooses who greets: the input itself,
//! or a server with all that a greeting can offer, so that the input is what comes after it.

#![no_main]

mod talk;

use ccx_sec::connection::wire::mysql;
use libfuzzer_sys::fuzz_target;
use talk::{shown, talk};

const MYSQL: &[u8] = b"\x49\0\0\0\x0a8.4.0\0\x01\0\0\0ABCDEFGH\0\xff\xff\xff\x02\0\xff\xdf\x15\
    \0\0\0\0\0\0\0\0\0\0abcdefghijkl\0caching_sha2_password\0";
const MARIADB: &[u8] = b"\x58\0\0\0\x0a5.5.5-11.8.9-MariaDB\0\x01\0\0\0ABCDEFGH\0\xff\xff\xff\x02\
    \0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0abcdefghijkl\0mysql_native_password\0";

fuzz_target!(|input: &[u8]| {
    let (words, greets) = match input.split_first() {
        Some((0, rest)) => ([MYSQL, rest].concat(), true),
        Some((1, rest)) => ([MARIADB, rest].concat(), true),
        _ => (input.to_vec(), false),
    };
    for tls in [false, true] {
        shown(talk(&words, async |server| {
            let greeting = mysql::greeting(server).await?;
            assert!(!greeting.version.contains(char::is_control));
            mysql::request_tls(server, &greeting).await?;
            mysql::log_in(server, &greeting, "nobody", tls).await
        }));
    }
    if greets {
        let greeting = talk(&words, async |server| mysql::greeting(server).await);
        assert!(greeting.is_some(), "the greeting is a good one");
    }
});
