//! PostgreSQL: a plain connection turns into TLS with `SSLRequest` (PostgreSQL's manual,
//! section "Message Flow", "SSL Session Encryption").

use std::io::{Read, Write};

use crate::error::{Error, Result};
use crate::probe::{lost, not_what_it_should_be, read_exactly, without_tls};

/// Length 8, then the code 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Asks for TLS. Exactly one byte is read: what comes behind it must be TLS already.
///
/// # Errors
/// Exit 3 when the server has no TLS, or is no PostgreSQL server.
pub(super) fn start_tls(stream: &mut (impl Read + Write)) -> Result<()> {
    const STEP: &str = "PostgreSQL's SSLRequest";
    stream.write_all(&SSL_REQUEST).and_then(|()| stream.flush()).map_err(|e| lost(STEP, e))?;
    let mut answer = [0];
    read_exactly(stream, &mut answer, STEP)?;
    match answer {
        [b'S'] => Ok(()),
        [b'N'] => Err(without_tls("PostgreSQL", "ssl = on in postgresql.conf")),
        // Untrusted until TLS: its text is not shown.
        [b'E'] => Err(Error::failed(
            "server-says-error",
            "the PostgreSQL server answered with an error before TLS",
        )
        .hint("look into its log: too many connections, or starting up")),
        [other] => {
            Err(not_what_it_should_be("PostgreSQL", &format!("it answered with byte {other:02x}")))
        }
    }
}
