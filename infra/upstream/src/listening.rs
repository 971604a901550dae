//! Accepts connections, as many as there is room for.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// How long nobody is accepted after accepting has failed for lack of resources.
const OUT_OF_RESOURCES: Duration = Duration::from_millis(100);

/// Serves each connection in a task of its own. Where there is no room for another one, it waits.
pub async fn serve_all<S>(listener: TcpListener, room: usize, serve: impl Fn(TcpStream) -> S)
where
    S: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(room));
    // It is never closed, so there always is a place in the end.
    while let Ok(place) = places.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((socket, _)) => {
                let served = serve(socket);
                tokio::spawn(async move {
                    served.await;
                    drop(place);
                });
            }
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                eprintln!("clients must wait: {error}");
                sleep(OUT_OF_RESOURCES).await;
            }
        }
    }
}

/// Whether the error only means that a client left before it was accepted.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
