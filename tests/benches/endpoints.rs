//! Endpoints by the thousand, for `tests/benches/verify`: a PostgreSQL server as far as a probe
//! sees it (SSLRequest, TLS of rustls, a request for a password), at every address of loopback.
//!
//! `cargo bench --bench endpoints -- CERTIFICATE KEY` prints three ports, and serves until the
//! end of its input:
//! - all answer as they should;
//! - the same, but one address in a hundred drips: a byte now and then, and no end;
//! - nobody answers there: a connection is never made.

#![allow(missing_docs)]

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;

/// As many as are served; more wait.
const BACKLOG: u32 = 4096;
const ASKS_FOR_SCRAM: &[u8] = b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0";

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    // `cargo bench` runs all of them: this one is of use with files alone.
    let [certificate, key] = files.as_slice() else { return };
    let acceptor = TlsAcceptor::from(config(certificate, key));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(serve(acceptor));
}

fn config(certificate: &str, key: &str) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificate).expect("a certificate");
    let chain = chain.collect::<Result<_, _>>().expect("PEM");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a pair");
    config.send_tls13_tickets = 0; // as PostgreSQL does
    Arc::new(config)
}

async fn serve(acceptor: TlsAcceptor) {
    let (good, mixed, hole) = (listen(BACKLOG), listen(BACKLOG), listen(1));
    let ports = [&good, &mixed, &hole].map(|one| one.local_addr().expect("an address").port());
    // Nobody takes these out of the queue, and once it is full, no more come in.
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let connecting = TcpStream::connect(("127.0.0.1", ports[2]));
        let connected = tokio::time::timeout(Duration::from_millis(300), connecting).await;
        waiting.push(connected.ok());
    }
    writeln!(std::io::stdout(), "{} {} {}", ports[0], ports[1], ports[2]).expect("said");
    tokio::spawn(answer(good, acceptor.clone(), false));
    tokio::spawn(answer(mixed, acceptor, true));
    let input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = input.await;
    drop((hole, waiting));
}

fn listen(backlog: u32) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from(([0, 0, 0, 0], 0))).expect("a port");
    socket.listen(backlog).expect("listens")
}

async fn answer(listener: TcpListener, acceptor: TlsAcceptor, some_drip: bool) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let drips = some_drip && drips(&stream);
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let _ = if drips { drip(stream).await } else { talk(stream, &acceptor).await };
        });
    }
}

/// The fiftieth of each hundred addresses from 127.1.0.0 on.
fn drips(stream: &TcpStream) -> bool {
    let Ok(SocketAddr::V4(address)) = stream.local_addr() else { return false };
    let [_, _, high, low] = address.ip().octets();
    debug_assert!(IpAddr::from(*address.ip()).is_loopback());
    (usize::from(high) * 256 + usize::from(low)) % 100 == 50
}

async fn drip(mut stream: TcpStream) -> std::io::Result<()> {
    stream.read_exact(&mut [0; 8]).await?;
    stream.write_all(b"S\x16\x03\x03\x40\0\x02").await?;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stream.write_all(b"\0").await?;
    }
}

async fn talk(mut stream: TcpStream, acceptor: &TlsAcceptor) -> std::io::Result<()> {
    stream.read_exact(&mut [0; 8]).await?;
    stream.write_all(b"S").await?;
    let mut tls = acceptor.accept(stream).await?;
    let mut startup = [0; 1024];
    if tls.read(&mut startup).await? > 0 {
        tls.write_all(ASKS_FOR_SCRAM).await?;
        tls.flush().await?;
    }
    while tls.read(&mut startup).await? > 0 {}
    tls.shutdown().await
}
