//! MySQL and MariaDB: a plain connection turns into TLS with the SSL request packet, which
//! follows the server's handshake packet (MySQL's "Client/Server Protocol", "Connection
//! Phase").

use std::io::{Read, Write};

use crate::error::{Error, Result};
use crate::probe::{lost, not_what_it_should_be, read_exactly, without_tls};

const CLIENT_SSL: u32 = 0x0800;
/// `CLIENT_PROTOCOL_41`, `CLIENT_SECURE_CONNECTION` and `CLIENT_PLUGIN_AUTH`, which every
/// server of today demands.
const CAPABILITIES: u32 = 0x0200 | 0x8000 | 0x0008_0000 | CLIENT_SSL;
const UTF8MB4: u8 = 45;
const MAX_PACKET: u32 = 1 << 24;
/// More than any handshake packet is long.
const MAX_HANDSHAKE: usize = 4096;

/// Asks for TLS.
///
/// # Errors
/// Exit 3 when the server has no TLS, says an error, or is no MySQL server.
pub(super) fn start_tls(stream: &mut (impl Read + Write)) -> Result<()> {
    const STEP: &str = "MySQL's handshake";
    let mut header = [0; 4];
    read_exactly(stream, &mut header, STEP)?;
    let length =
        usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
    if !(1..=MAX_HANDSHAKE).contains(&length) || header[3] != 0 {
        return Err(not_what_it_should_be("MySQL", "its first packet has no sensible header"));
    }
    let mut packet = vec![0; length];
    read_exactly(stream, &mut packet, STEP)?;
    match packet[0] {
        10 => {}
        // Untrusted until TLS: its text is not shown, its number is.
        0xff => {
            let number = packet.get(1..3).map(|two| u16::from_le_bytes([two[0], two[1]]));
            return Err(Error::failed(
                "server-says-error",
                format!("the server answered with MySQL error {}", number.unwrap_or_default()),
            )
            .hint("1040: too many connections; 1129, 1130: this host may not connect"));
        }
        other => {
            let what = format!("its first packet begins with byte {other:02x}");
            return Err(not_what_it_should_be("MySQL", &what));
        }
    }
    let capabilities = capabilities(&packet)
        .ok_or_else(|| not_what_it_should_be("MySQL", "its handshake packet is cut short"))?;
    if capabilities & CLIENT_SSL == 0 {
        return Err(without_tls("MySQL", "ssl-cert and ssl-key in its configuration"));
    }
    stream.write_all(&ssl_request()).and_then(|()| stream.flush()).map_err(|e| lost(STEP, e))
}

/// The lower half of them, which holds all that concerns us: behind the protocol version,
/// the server's version (ended by a zero), thread id, 8 octets of data and a filler.
fn capabilities(packet: &[u8]) -> Option<u32> {
    let version = packet.get(1..)?;
    let end = version.iter().position(|byte| *byte == 0)?;
    let two = version.get(end + 1 + 4 + 8 + 1..)?.get(..2)?;
    Some(u16::from_le_bytes([two[0], two[1]]).into())
}

fn ssl_request() -> Vec<u8> {
    let mut packet = vec![32, 0, 0, 1]; // length, then the number after the server's
    packet.extend(CAPABILITIES.to_le_bytes());
    packet.extend(MAX_PACKET.to_le_bytes());
    packet.push(UTF8MB4);
    packet.extend([0; 23]);
    packet
}
