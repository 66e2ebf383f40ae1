//! Every service of the internet, on this machine: a TLS server that answers for any host name. The server under test is
//! told of it by its name server and its certificate, and by nothing else, so the URLs that it asks are the real ones.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    response::{IntoResponse, Response},
    serve::Listener,
};
use http::{HeaderMap, Method, header};
use leptos_auth::AuthBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use url::Url;

/// A request that reached a service.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: String,
}

impl Call {
    /// A header's value, or the empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A field of the form that was posted.
    pub fn field(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
    }

    /// The URL without its query.
    pub fn place(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.into()
    }
}

/// The services. They stop with the runtime of the test.
#[derive(Clone)]
pub struct Services {
    address: SocketAddr,
    certificate: reqwest::Certificate,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Services {
    /// Services with these host names that answer as `answer` says.
    pub async fn start<A: IntoResponse>(
        hosts: impl IntoIterator<Item = String>,
        answer: impl Fn(&Call) -> A + Clone + Send + Sync + 'static,
    ) -> Self {
        let hosts: Vec<_> = hosts.into_iter().collect();
        let own = rcgen::generate_simple_self_signed(hosts).unwrap();
        let certificate = reqwest::Certificate::from_der(own.cert.der()).unwrap();
        let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
        leptos_auth_server::tls::install();
        let config = rustls::ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![own.cert.der().clone()], key).unwrap();
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let log = calls.clone();
        let router = Router::new().fallback(move |request: Request| {
            let (answer, log) = (answer.clone(), log.clone());
            async move {
                let call = read(request).await;
                log.lock().unwrap().push(call.clone());
                answer(&call).into_response()
            }
        });
        let listener = TlsListener { tcp, tls: TlsAcceptor::from(Arc::new(config)) };
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, certificate, calls }
    }

    /// Lets the server under test take these services for the real ones.
    pub fn attach(&self, builder: AuthBuilder) -> AuthBuilder {
        let (certificate, resolver) = (self.certificate.clone(), OneAddress(self.address));
        builder.http_client(move |client| {
            client.add_root_certificate(certificate).dns_resolver(Arc::new(resolver))
        })
    }

    /// What was asked since the last time.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

async fn read(request: Request) -> Call {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(header::HOST).unwrap().to_str().unwrap();
    let url = Url::parse(&format!("https://{host}{}", parts.uri)).unwrap();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    Call {
        method: parts.method,
        url,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

struct OneAddress(SocketAddr);

impl Resolve for OneAddress {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(std::iter::once(self.0));
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

struct TlsListener {
    tcp: TcpListener,
    tls: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let Ok((stream, address)) = self.tcp.accept().await else { continue };
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
