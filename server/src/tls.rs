//! One implementation of TLS for everything that connects to the outside: providers, mail, databases.

/// Makes `ring` the one that rustls uses. Needed once, before the first connection; a second call changes nothing.
pub fn install() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
