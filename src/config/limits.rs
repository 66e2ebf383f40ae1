//! Reads `AUTH_LIMIT_…`: rate limits on failed attempts and on emails. Windows are 15 minutes unless the limit
//! says otherwise.

use super::Reader;

/// Settings of the rate limits. A network is one IPv4 address, or the /64 of an IPv6 address.
#[derive(Clone, Copy, Debug)]
pub struct LimitSettings {
    /// Failed sign-ins from one network, at all accounts together. `AUTH_LIMIT_NETWORK_SIGN_INS`, 50.
    pub network_sign_ins: u32,
    /// Failed sign-ins at one account from one network, or from one browser that has signed in to the account before.
    /// `AUTH_LIMIT_ACCOUNT_SIGN_INS`, 10.
    pub account_sign_ins: u32,
    /// Consecutive failed sign-ins at one account by other browsers, from all networks and without a time window,
    /// except one hour at directories and `authorize` hooks, whose passwords cannot be reset here.
    /// `AUTH_LIMIT_ACCOUNT_FAILURES`, 100, which is the most that NIST SP 800-63B-4 section 3.2.2 allows.
    pub account_failures: u32,
    /// Emails requested from one network. `AUTH_LIMIT_NETWORK_EMAILS`, 200.
    pub network_emails: u32,
    /// Emails of one purpose to one address. `AUTH_LIMIT_ADDRESS_EMAILS`, 5.
    pub address_emails: u32,
    /// Provider sign-ins that one network begins and does not finish. `AUTH_LIMIT_NETWORK_PROVIDER_SIGN_INS`, 1000.
    pub network_provider_sign_ins: u32,
}

impl Reader<'_> {
    pub(super) fn limits(&mut self) -> LimitSettings {
        const MOST: u32 = 1_000_000;
        LimitSettings {
            network_sign_ins: self.number("AUTH_LIMIT_NETWORK_SIGN_INS", 50, 1, MOST),
            account_sign_ins: self.number("AUTH_LIMIT_ACCOUNT_SIGN_INS", 10, 1, 100),
            account_failures: self.number("AUTH_LIMIT_ACCOUNT_FAILURES", 100, 1, 100),
            network_emails: self.number("AUTH_LIMIT_NETWORK_EMAILS", 200, 1, MOST),
            address_emails: self.number("AUTH_LIMIT_ADDRESS_EMAILS", 5, 1, 100),
            network_provider_sign_ins: self.number("AUTH_LIMIT_NETWORK_PROVIDER_SIGN_INS", 1000, 1, MOST),
        }
    }
}
