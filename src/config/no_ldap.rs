//! In place of `ldap.rs` in a build without the feature `ldap`: there are no settings, and whoever sets them is told.

use super::Reader;

/// There are none in this build.
#[derive(Clone, Debug)]
pub enum LdapSettings {}

impl Reader<'_> {
    pub(super) fn ldap(&mut self) -> Option<LdapSettings> {
        if self.get("AUTH_LDAP_URL").is_some() {
            self.wrong(
                "AUTH_LDAP_URL",
                "names a directory, which this build cannot ask: build it with --features ldap. \
                 Example: cargo build --release --features ldap",
            );
        }
        None
    }
}
