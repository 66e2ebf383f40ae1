//! The services of the internet, played by one server on loopback: whatever name the application asks for over HTTPS
//! ends here, with a certificate for that name.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::{
    ClientBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
};
use rustls::{
    ServerConfig,
    crypto::ring::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the application asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    /// The whole of it, `https://api.example.com/path?query`.
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What it gets.
pub enum Reply {
    Answer(Response<Bytes>),
    /// Nothing, for ever.
    Silence,
    /// The end of the connection.
    Cut,
}

type Answer = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// The server.
pub struct Services {
    address: SocketAddr,
    authority: CertificateDer<'static>,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Mutex<Arc<Answer>>,
    asked: Mutex<Vec<Asked>>,
    refusals: AtomicUsize,
}

impl Services {
    /// Listens on a free port.
    pub async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        leptos_auth_server::tls::install();
        let (authority, certificates) = Certificates::new();
        let config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(Arc::new(certificates));
        let shared = Arc::new(Shared {
            answer: Mutex::new(Arc::new(Box::new(answer))),
            asked: Mutex::default(),
            refusals: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(listen(listener, TlsAcceptor::from(Arc::new(config)), shared.clone()));
        Self { address, authority, shared }
    }

    /// From now on this is answered.
    pub fn answer(&self, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        *self.shared.answer.lock().unwrap() = Arc::new(Box::new(answer));
    }

    /// The next connections end before anything is said.
    pub fn refuse_connections(&self, count: usize) {
        self.shared.refusals.store(count, Ordering::SeqCst);
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// A change of the application's client: every name leads here, and our authority is the only one.
    pub fn reach(&self) -> impl FnOnce(ClientBuilder) -> ClientBuilder + Send + use<> {
        self.reach_trusting(self)
    }

    /// The same with the authority of another.
    pub fn reach_trusting(&self, other: &Self) -> impl FnOnce(ClientBuilder) -> ClientBuilder + Send + use<> {
        lead(self.address, &other.authority)
    }
}

/// A change of the application's client: every name leads to a port where nobody listens.
pub fn nowhere() -> impl FnOnce(ClientBuilder) -> ClientBuilder + Send {
    lead(([127, 0, 0, 1], 9).into(), &Certificates::new().0)
}

fn lead(
    address: SocketAddr,
    authority: &CertificateDer<'_>,
) -> impl FnOnce(ClientBuilder) -> ClientBuilder + Send + use<> {
    let authority = reqwest::Certificate::from_der(authority).unwrap();
    move |client| client.tls_certs_only([authority]).dns_resolver(Everywhere(address))
}

/// Every name is here.
struct Everywhere(SocketAddr);

impl Resolve for Everywhere {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(std::iter::once(self.0));
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

async fn listen(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let is_refused = shared
            .refusals
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok();
        if !is_refused {
            tokio::spawn(talk(stream, tls.clone(), shared.clone()));
        }
    }
}

async fn talk(stream: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) {
    let Ok(stream) = tls.accept(stream).await else { return };
    let service = service_fn(|request| reply(request, shared.clone()));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// An error ends the connection without an answer.
async fn reply(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let (parts, body) = request.into_parts();
    let host = parts.headers["host"].to_str().unwrap();
    let asked = Asked {
        url: format!("https://{host}{}", parts.uri),
        method: parts.method,
        headers: parts.headers.clone(),
        body: body.collect().await?.to_bytes(),
    };
    shared.asked.lock().unwrap().push(asked.clone());
    let answer = shared.answer.lock().unwrap().clone();
    match answer(&asked) {
        Reply::Answer(response) => Ok(response.map(Full::new)),
        Reply::Silence => std::future::pending().await,
        Reply::Cut => Err("cut".into()),
    }
}

/// Certificates for whatever name is asked for, made on the spot.
#[derive(Debug)]
struct Certificates {
    issuer: Issuer<'static, KeyPair>,
}

impl Certificates {
    fn new() -> (CertificateDer<'static>, Self) {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap().der().clone();
        (authority, Self { issuer: Issuer::new(params, key) })
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let key = KeyPair::generate().ok()?;
        let params = CertificateParams::new([hello.server_name()?.to_owned()]).ok()?;
        let certificate = params.signed_by(&key, &self.issuer).ok()?;
        let key = any_supported_type(&PrivateKeyDer::Pkcs8(key.serialize_der().into())).ok()?;
        Some(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key)))
    }
}
