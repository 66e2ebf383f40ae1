//! `SSL_CERT_FILE` and `SSL_CERT_DIR`: certificates that are trusted instead of the system's, by providers, mail, directory
//! and databases alike. The names and the meaning are those of OpenSSL; the TLS libraries read them.

use std::path::Path;

use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{ConfigError, Environment, Mode, Reader};

const FILE: &str = "SSL_CERT_FILE";
const FOLDERS: &str = "SSL_CERT_DIR";

/// What makes every certificate untrusted.
pub(super) fn warnings(env: &Environment) -> Vec<ConfigError> {
    let reader = Reader { env, mode: Mode::Production, errors: Vec::new() };
    let has_certificate = |file: &str| {
        CertificateDer::pem_file_iter(file).is_ok_and(|certificates| certificates.flatten().next().is_some())
    };
    let is_folders = |folders: &str| {
        std::env::split_paths(folders)
            .all(|folder| folder.as_os_str().is_empty() || Path::new(&folder).is_dir())
    };
    let warning = |variable: &str, message: &str| ConfigError {
        variable: variable.to_owned(),
        message: message.to_owned(),
    };
    let file = reader.get(FILE).filter(|file| !has_certificate(file)).map(|_| {
        warning(
            FILE,
            "names no file with certificates in PEM: no certificate of a provider, a mail server or a database is \
             trusted. Example: SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
        )
    });
    let folders = reader
        .get(FOLDERS)
        .filter(|folders| !is_folders(folders))
        .map(|_| warning(FOLDERS, "names a folder that is not there. Example: SSL_CERT_DIR=/etc/ssl/certs"));
    file.into_iter().chain(folders).collect()
}
