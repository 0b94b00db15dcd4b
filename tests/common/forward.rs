//! A forwarder, by which a client on this machine comes to a server from another address.

use std::net::{IpAddr, SocketAddr};
use std::thread;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;

/// It stops with this value.
pub struct Forwarder {
    pub port: u16,
    _running: oneshot::Sender<()>,
}

impl Forwarder {
    /// From a port on 127.0.0.1 to this server, which sees `source` come.
    pub fn new(source: IpAddr, server: SocketAddr) -> Self {
        let (running, end) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                tell.send(listener.local_addr().expect("an address").port()).expect("told");
                tokio::task::spawn(async move {
                    while let Ok((client, _)) = listener.accept().await {
                        tokio::task::spawn(forward(client, source, server));
                    }
                });
                let _ = end.await;
            });
        });
        Forwarder { port: told.recv().expect("a port"), _running: running }
    }
}

/// Makes a connection that comes from `source`.
pub async fn connect(source: IpAddr, server: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(source, 0))?;
    socket.connect(server).await
}

async fn forward(mut client: TcpStream, source: IpAddr, server: SocketAddr) {
    if let Ok(mut server) = connect(source, server).await {
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}
