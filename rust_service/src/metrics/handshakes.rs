//! Counts the connections that an HTTP client makes.

use std::pin::Pin;
use std::task::{Context, Poll};

use prometheus::IntCounter;
use tower_layer::Layer;
use tower_service::Service;

/// A layer around what makes a client's connections.
#[derive(Clone, Debug)]
pub struct CountHandshakes(pub IntCounter);

impl<S> Layer<S> for CountHandshakes {
    type Service = Counting<S>;

    fn layer(&self, connector: S) -> Counting<S> {
        Counting { connector, made: self.0.clone() }
    }
}

/// Makes connections and counts them.
#[derive(Clone, Debug)]
pub struct Counting<S> {
    connector: S,
    made: IntCounter,
}

impl<S, T> Service<T> for Counting<S>
where
    S: Service<T>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: T) -> Self::Future {
        let (connecting, made) = (self.connector.call(target), self.made.clone());
        Box::pin(async move {
            let connection = connecting.await?;
            made.inc();
            Ok(connection)
        })
    }
}
