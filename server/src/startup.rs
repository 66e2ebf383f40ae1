//! Assembles the server, apart from `main`, so that tests can start the real server on a free port.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::Router;
use leptos::config::{Env, LeptosOptions};
use leptos_auth::{
    Auth, AuthBuilder,
    adapter::MemoryAdapter,
    config::{Config, ConfigError, Environment, Mode},
};
use tokio::net::TcpListener;
use url::Url;

use crate::{
    assets::Assets,
    auth,
    config::{Problems, ServerConfig, notices},
    purge, router, serve,
    state::AppState,
};

/// How long actions may run after the last connection has ended, which [`serve::serve`] waits for. An email takes ten seconds
/// at most. docs/deployment.md names the sum.
const FINISH_DEADLINE: Duration = Duration::from_secs(15);

/// A server that has its port and its database, and is about to serve.
pub struct Application {
    config: ServerConfig,
    listener: TcpListener,
    address: SocketAddr,
    auth: Auth,
    router: Router,
    warnings: Vec<String>,
}

impl Application {
    /// Reads the settings, opens the port and the database.
    ///
    /// # Errors
    /// Everything that stops the start, at once.
    pub async fn build(env: &Environment) -> Result<Self, Problems> {
        Self::build_with(env, |builder| auth::configure(builder, env)).await
    }

    /// The same with another [`configure`](auth::configure): how tests bring their own clock.
    ///
    /// # Errors
    /// Everything that stops the start, at once.
    pub async fn build_with(
        env: &Environment,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Result<Self, Problems> {
        Self::read(env, configure).await.map_err(|problems| problems.explained(env))
    }

    async fn read(
        env: &Environment,
        configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let config = ServerConfig::from_environment(env, &mut problems);
        let env = &with_defaults(env, config.mode);
        let listener = problems.collect(listen(config.host, config.port).await);
        let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
        let address = address.unwrap_or(SocketAddr::new(config.host, config.port));
        let auth_config =
            problems.collect(Config::from_environment(env, config.mode, &local_url(address.port())));
        let (Some(listener), Some(auth_config), true) = (listener, auth_config, problems.is_empty()) else {
            return Err(problems);
        };
        let (auth, router) = assemble(&config, auth_config, address, configure).await?;
        let warnings = warnings(&config, env, &auth);
        Ok(Self { config, listener, address, auth, router, warnings })
    }

    /// Where the server listens: with `PORT=0` this tells the port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The auth core.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Says in the log, and in development on the screen, what is running.
    pub fn announce(&self) {
        for warning in &self.warnings {
            tracing::warn!("{warning}");
        }
        tracing::info!(address = %self.address, url = %self.auth.base_url(), "listening");
        #[cfg(feature = "dev")]
        if self.config.mode == Mode::Development {
            print!("{}", crate::banner::text(&self.auth, self.config.host));
        }
    }

    /// Serves until `stop` is ready, then finishes what is running.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let auth = self.auth.clone();
        // The first person to sign in should not wait for a discovery document.
        let warm_up = tokio::spawn(async move { auth.warm_up().await });
        let purge = tokio::spawn(purge::run(self.auth.clone()));
        let revocations = self.auth.clone();
        let revocations = tokio::spawn(async move { revocations.follow_revocations().await });
        let audit = self.auth.clone();
        let audit = tokio::spawn(async move { audit.deliver_audit().await });
        let serve = serve::Serve {
            router: self.router,
            proxies: self.config.trusted_proxies,
            limits: self.config.connections,
        };
        serve::serve(self.listener, serve, stop).await;
        // They end first, because they begin deliveries, which `finish` would wait for. What they leave is in the database.
        for task in [warm_up, purge, audit] {
            task.abort();
            let _ = task.await;
        }
        // A client may have disconnected while its action still runs.
        if tokio::time::timeout(FINISH_DEADLINE, self.auth.finish()).await.is_err() {
            tracing::warn!("stopped before all actions had finished");
        }
        revocations.abort();
    }
}

/// Assembles everything as at startup, without opening the database or the port: for `doctor`.
///
/// # Errors
/// Returns what would prevent the start.
pub(crate) async fn rehearse(
    config: &ServerConfig,
    auth_config: Config,
    env: &Environment,
) -> Result<(), Problems> {
    let has_database = auth_config.database_url.is_some();
    let builder = Auth::builder(auth_config);
    #[cfg(feature = "dev")]
    let (builder, _) = crate::dev::add(builder, config.host, config.port);
    #[cfg(not(feature = "dev"))]
    let _ = config;
    let builder = if has_database { builder.adapter(MemoryAdapter::default()) } else { builder };
    auth::configure(builder, env).build().await?;
    Ok(())
}

/// What is allowed, but seldom meant.
fn warnings(config: &ServerConfig, env: &Environment, auth: &Auth) -> Vec<String> {
    let mut warnings: Vec<_> = notices(env).iter().map(ToString::to_string).collect();
    let mut warn_if = |condition: bool, warning: &str| warnings.extend(condition.then(|| warning.to_owned()));
    match config.mode {
        Mode::Production => {
            warn_if(
                !auth.is_secure(),
                "AUTH_URL is not https, so cookies are not secure: fine on this machine only",
            );
            warn_if(
                config.host.is_loopback() && config.trusted_proxies.is_empty(),
                "only a proxy on this machine can reach HOST, but TRUSTED_PROXIES is not set: limits count all visitors \
                 as one. Example: TRUSTED_PROXIES=127.0.0.1",
            );
        }
        Mode::Development => warn_if(
            !env.keys().any(|name| name.starts_with("AUTH_SECRET")),
            "AUTH_SECRET is not set: cookies are good until the next start only. `cargo xtask dev` writes one to .env",
        ),
    }
    warnings
}

/// A clone of the starter has a database without setting anything. `DATABASE_URL=` (empty) runs without one.
pub(crate) fn with_defaults(env: &Environment, mode: Mode) -> Environment {
    let mut env = env.clone();
    if mode == Mode::Development {
        env.entry("DATABASE_URL".to_owned()).or_insert_with(|| "sqlite://data/app.db".to_owned());
    }
    env
}

async fn listen(host: IpAddr, port: u16) -> Result<TcpListener, Vec<ConfigError>> {
    TcpListener::bind((host, port)).await.map_err(|error| {
        let (variable, message) = match error.kind() {
            io::ErrorKind::AddrInUse => ("PORT", "is in use by another program. Example: PORT=3001"),
            io::ErrorKind::PermissionDenied => {
                ("PORT", "needs more rights than this program has. Example: PORT=3000")
            }
            _ => ("HOST", "is no address of this machine. Example: HOST=127.0.0.1"),
        };
        vec![ConfigError { variable: variable.to_owned(), message: message.to_owned() }]
    })
}

/// What stands in for `AUTH_URL` in development.
pub(crate) fn local_url(port: u16) -> Url {
    #[expect(clippy::expect_used, reason = "the text is a URL with any port")]
    Url::parse(&format!("http://localhost:{port}")).expect("a URL")
}

async fn assemble(
    config: &ServerConfig,
    auth_config: Config,
    address: SocketAddr,
    configure: impl FnOnce(AuthBuilder) -> AuthBuilder,
) -> Result<(Auth, Router), Problems> {
    let builder = Auth::builder(auth_config);
    #[cfg(feature = "dev")]
    let (builder, dev) = crate::dev::add(builder, config.host, address.port());
    let auth = configure(builder).build().await?;
    let assets = Assets::of(&config.site_root);
    let state = AppState::new(auth.clone(), leptos_options(config, address), assets, &config.site_root);
    let router = router::router(&state);
    #[cfg(feature = "dev")]
    let router = dev.add_routes(router, &state);
    Ok((auth, router::finish(router, state)))
}

fn leptos_options(config: &ServerConfig, address: SocketAddr) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("leptos-auth")
        .site_root(config.site_root.to_string_lossy())
        .site_addr(address)
        .reload_port(config.reload_port)
        .env(if config.mode == Mode::Production { Env::PROD } else { Env::DEV })
        .build()
}
