//! `SSL_CERT_FILE` and `SSL_CERT_DIR`: certificates to trust instead of the system's, for connections to providers, mail
//! servers, directories and databases. They mean the same as in OpenSSL; the TLS libraries read them.

use std::path::Path;

use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::Reader;

const FILE: &str = "SSL_CERT_FILE";
const FOLDERS: &str = "SSL_CERT_DIR";

impl Reader<'_> {
    /// Rejects settings that would leave no certificate trusted.
    pub(super) fn trust(&mut self) {
        let has_certificate = |file: &str| {
            CertificateDer::pem_file_iter(file)
                .is_ok_and(|mut certificates| certificates.any(|it| it.is_ok()))
        };
        let is_folder =
            |folders: &str| std::env::split_paths(folders).any(|folder| Path::new(&folder).is_dir());
        match (self.get(FILE), self.get(FOLDERS)) {
            (Some(file), None) if !has_certificate(file) => self.wrong(
                FILE,
                "does not name a file with PEM certificates, so no certificate would be trusted. \
                 Example: SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
            ),
            (None, Some(folders)) if !is_folder(folders) => self.wrong(
                FOLDERS,
                "does not name a folder, so no certificate would be trusted. Example: SSL_CERT_DIR=/etc/ssl/certs",
            ),
            _ => {}
        }
    }
}
