//! Listens on both ports until it is told to stop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use crate::admin;
use crate::connection::Link;
use crate::settings::Options;

/// How long nobody is accepted after accepting has failed, as it does for lack of open files.
const OUT_OF_RESOURCES: Duration = Duration::from_millis(100);

/// Forwards connections until SIGTERM or SIGINT.
///
/// # Errors
///
/// An address cannot be listened on.
pub async fn run(options: Options) -> io::Result<()> {
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (listener, port) = listen(options.port).await?;
    let (admin_listener, admin_port) = listen(options.admin_port).await?;
    println!(
        "link: 127.0.0.1:{port} to {}, its counters and settings: http://127.0.0.1:{admin_port}",
        options.target
    );
    let link = Arc::new(Link::new(options.target, options.settings));
    let token = options.admin_token.map(|token| Arc::from(format!("Bearer {token}")));
    let forwarding = serve_all(listener, |client| {
        let link = link.clone();
        async move { link.forward(client).await }
    });
    let telling =
        serve_all(admin_listener, |client| admin::converse(client, link.clone(), token.clone()));
    tokio::select! {
        () = forwarding => {}
        () = telling => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

async fn listen(port: u16) -> io::Result<(TcpListener, u16)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listening = TcpListener::bind(address).await;
    let listener = listening
        .map_err(|error| io::Error::other(format!("cannot listen on {address}: {error}")))?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Serves each connection in a task of its own. How many there are, the target bounds.
async fn serve_all<S>(listener: TcpListener, serve: impl Fn(TcpStream) -> S)
where
    S: Future<Output = ()> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((socket, _)) => drop(tokio::spawn(serve(socket))),
            Err(error) => {
                eprintln!("link: clients must wait: {error}");
                sleep(OUT_OF_RESOURCES).await;
            }
        }
    }
}
