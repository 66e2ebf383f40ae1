//! All internet services, simulated on this machine: a TLS server that answers for any host name. The server under test finds
//! it only through its DNS resolver and its certificate, so the URLs that it requests are the real ones.

use std::{
    error::Error,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use leptos_auth::AuthBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
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

/// An answer that is none.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing comes, for ever.
    Silence,
    /// The connection ends.
    Cut,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

type Answer = Arc<dyn Fn(&Call) -> Response + Send + Sync>;

/// The services. They stop with the runtime of the test.
#[derive(Clone)]
pub struct Services {
    address: SocketAddr,
    certificate: reqwest::Certificate,
    shared: Arc<Shared>,
}

struct Shared {
    tls: TlsAcceptor,
    answer: Mutex<Answer>,
    calls: Mutex<Vec<Call>>,
    refusals: AtomicUsize,
}

impl Services {
    /// Services with these host names that answer as `answer` says.
    pub async fn start<A: IntoResponse>(
        hosts: impl IntoIterator<Item = String>,
        answer: impl Fn(&Call) -> A + Send + Sync + 'static,
    ) -> Self {
        let hosts: Vec<_> = hosts.into_iter().collect();
        let own = rcgen::generate_simple_self_signed(hosts).unwrap();
        let certificate = reqwest::Certificate::from_der(own.cert.der()).unwrap();
        let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
        leptos_auth_server::tls::install();
        let config = rustls::ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![own.cert.der().clone()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            tls: TlsAcceptor::from(Arc::new(config)),
            answer: Mutex::new(boxed(answer)),
            calls: Mutex::default(),
            refusals: AtomicUsize::new(0),
        });
        tokio::spawn(listen(listener, shared.clone()));
        Self { address, certificate, shared }
    }

    /// From now on they answer so.
    pub fn answer<A: IntoResponse>(&self, answer: impl Fn(&Call) -> A + Send + Sync + 'static) {
        *self.shared.answer.lock().unwrap() = boxed(answer);
    }

    /// The next connections end before anything is said.
    pub fn refuse_connections(&self, count: usize) {
        self.shared.refusals.store(count, Ordering::SeqCst);
    }

    /// They are not there any more.
    pub fn gone(self) -> Self {
        Self { address: ([127, 0, 0, 1], 9).into(), ..self }
    }

    /// Lets the server under test take these services for the real ones.
    pub fn attach(&self, builder: AuthBuilder) -> AuthBuilder {
        let (certificate, resolver) = (self.certificate.clone(), OneAddress(self.address));
        builder.http_client(move |client| {
            client.add_root_certificate(certificate).dns_resolver(Arc::new(resolver))
        })
    }

    /// Makes the server under test trust these services, without a route to them.
    pub fn attach_trusted(&self, builder: AuthBuilder) -> AuthBuilder {
        let certificate = self.certificate.clone();
        builder.http_client(move |client| client.add_root_certificate(certificate))
    }

    /// Returns the address that they listen on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads the server under test here, but gives it no reason to trust what it finds.
    pub fn attach_distrusted(&self, builder: AuthBuilder) -> AuthBuilder {
        let resolver = OneAddress(self.address);
        builder.http_client(move |client| client.dns_resolver(Arc::new(resolver)))
    }

    /// What was asked so far.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// What was asked since the last time.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.shared.calls.lock().unwrap())
    }
}

fn boxed<A: IntoResponse>(answer: impl Fn(&Call) -> A + Send + Sync + 'static) -> Answer {
    Arc::new(move |call| answer(call).into_response())
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let less = |left: usize| left.checked_sub(1);
        let is_refused = shared.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok();
        if !is_refused {
            tokio::spawn(talk(stream, shared.clone()));
        }
    }
}

async fn talk(stream: TcpStream, shared: Arc<Shared>) {
    let Ok(stream) = shared.tls.accept(stream).await else { return };
    let service = service_fn(|request| reply(request, shared.clone()));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// An error ends the connection without an answer.
async fn reply(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Body>, Box<dyn Error + Send + Sync>> {
    let call = read(request).await?;
    shared.calls.lock().unwrap().push(call.clone());
    let answer = shared.answer.lock().unwrap().clone();
    let response = answer(&call);
    match response.extensions().get() {
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Cut) => Err("cut".into()),
        None => Ok(response),
    }
}

async fn read(request: Request<Incoming>) -> Result<Call, Box<dyn Error + Send + Sync>> {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(header::HOST).unwrap().to_str()?;
    let url = Url::parse(&format!("https://{host}{}", parts.uri))?;
    let body = String::from_utf8(body.collect().await?.to_bytes().to_vec())?;
    Ok(Call { method: parts.method, url, headers: parts.headers, body })
}

struct OneAddress(SocketAddr);

impl Resolve for OneAddress {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(std::iter::once(self.0));
        Box::pin(std::future::ready(Ok(addresses)))
    }
}
