//! A proxy on this machine, of HTTP (`CONNECT`) and of SOCKS 5, for every name that a client asks
//! for, and always to one server. It counts whom it served.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

pub struct Relay {
    pub port: u16,
    served: Arc<AtomicUsize>,
}

impl Relay {
    /// One to this server.
    pub fn new(server: SocketAddr) -> Self {
        let served = Arc::new(AtomicUsize::new(0));
        let (tell, told) = std::sync::mpsc::channel();
        let counter = served.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                tell.send(listener.local_addr().expect("an address").port()).expect("told");
                while let Ok((client, _)) = listener.accept().await {
                    let counter = counter.clone();
                    tokio::task::spawn(async move {
                        let _ = serve(client, server, &counter).await;
                    });
                }
            });
        });
        Relay { port: told.recv().expect("a port"), served }
    }

    /// How many connections it made since it was asked last.
    pub fn served(&self) -> usize {
        self.served.swap(0, Ordering::SeqCst)
    }
}

async fn serve(
    mut client: TcpStream,
    server: SocketAddr,
    served: &AtomicUsize,
) -> std::io::Result<()> {
    match client.read_u8().await? {
        5 => {
            // RFC 1928: no authentication; one request, with any kind of address.
            let methods = client.read_u8().await?;
            client.read_exact(&mut vec![0; methods.into()]).await?;
            client.write_all(&[5, 0]).await?;
            let mut head = [0; 4];
            client.read_exact(&mut head).await?;
            let length = match head[3] {
                1 => 4,
                3 => client.read_u8().await?.into(),
                _ => 16,
            };
            client.read_exact(&mut vec![0; length + 2]).await?;
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
        }
        _ => {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await?);
            }
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        }
    }
    served.fetch_add(1, Ordering::SeqCst);
    let mut server = TcpStream::connect(server).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
