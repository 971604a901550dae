//! TLS to the database: only a server that proves its name is used.

mod support;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use support::{assert_unavailable, database_address, database_url_at, get_recipe, service};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The name that the certificate is for.
const NAME: &str = "localhost";

#[tokio::test]
async fn a_server_that_proves_its_name_is_asked() {
    let (ca, file) = certificate_authority("right");
    let front = Front::start(&ca).await;
    // The service answers requests while its pool is still being filled.
    for (connections, expected) in [("pooled", 1..=2), ("per-request", 3..=3)] {
        let service = service_with_tls(&front.url(NAME), &file, connections);
        let before = front.handshakes();
        for _ in 0..3 {
            assert_eq!(get_recipe(&service).await.status(), 200);
        }
        let made = front.handshakes() - before;
        assert!(expected.contains(&made), "{connections}: {made}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_is_treated_as_unavailable() {
    let (ca, file) = certificate_authority("server's");
    let (_, other_file) = certificate_authority("other");
    let front = Front::start(&ca).await;
    for connections in ["pooled", "per-request"] {
        for (url, ca_file) in [(front.url(NAME), &other_file), (front.url("127.0.0.1"), &file)] {
            let service = service_with_tls(&url, ca_file, connections);
            assert_unavailable(&get_recipe(&service).await);
        }
    }
    assert_eq!(front.handshakes(), 0);
}

#[tokio::test]
async fn a_server_without_tls_is_not_asked_either() {
    let (_, file) = certificate_authority("unused");
    let url = database_url_at(database_address().await);
    assert_unavailable(&get_recipe(&service_with_tls(&url, &file, "pooled")).await);
}

fn service_with_tls(url: &str, ca_file: &Path, connections: &str) -> Router {
    let url = format!("{url}?sslmode=verify-full&sslrootcert={}", ca_file.display());
    service(&[("DATABASE_URL", &url), ("CONNECTIONS", connections), ("POOL_SIZE", "2")])
}

/// A proxy in front of the database, which adds TLS.
struct Front {
    address: SocketAddr,
    handshakes: Arc<AtomicUsize>,
}

impl Front {
    async fn start(ca: &Ca) -> Self {
        let acceptor = acceptor(ca);
        let target = database_address().await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let handshakes = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&handshakes);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(client, acceptor.clone(), target, Arc::clone(&count)));
            }
        });
        Self { address, handshakes }
    }

    fn url(&self, name: &str) -> String {
        database_url_at(format_args!("{name}:{}", self.address.port()))
    }

    /// How many clients have accepted the certificate.
    fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::SeqCst)
    }
}

async fn pass(
    mut client: TcpStream,
    acceptor: TlsAcceptor,
    target: SocketAddr,
    handshakes: Arc<AtomicUsize>,
) {
    // Postgres's SSLRequest, a length and a number, is answered by S for yes.
    let mut request = [0; 8];
    client.read_exact(&mut request).await.unwrap();
    assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47]);
    client.write_all(b"S").await.unwrap();
    let Ok(mut client) = acceptor.accept(client).await else { return };
    let mut server = TcpStream::connect(target).await.unwrap();
    handshakes.fetch_add(1, Ordering::SeqCst);
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

type Ca = CertifiedIssuer<'static, KeyPair>;

/// A CA, and the file of its certificate.
fn certificate_authority(name: &str) -> (Ca, PathBuf) {
    let mut parameters = CertificateParams::new([]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.crt"));
    fs::write(&file, ca.pem()).unwrap();
    (ca, file)
}

fn acceptor(ca: &Ca) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new([NAME.to_owned()]).unwrap();
    let certificate: CertificateDer = parameters.signed_by(&key, ca).unwrap().into();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
