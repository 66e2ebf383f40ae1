//! The rate limits: how often something may happen in a window, and for whom.
//!
//! Shared limits are counted in the database, so that all instances have one count. Local limits are counted by this
//! process: they protect only this process, and a database write for each request would cost more.

use std::time::Duration;

use crate::config::LimitSettings;

const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(3600);
#[cfg(feature = "totp")]
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How often something may happen in a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Its name in log lines and audit rows.
    pub(super) name: &'static str,
    pub(super) max: u32,
    pub(super) window: Duration,
    pub(super) is_local: bool,
}

impl Limit {
    pub(super) const fn shared(name: &'static str, max: u32, window: Duration) -> Self {
        Self { name, max, window, is_local: false }
    }

    pub(super) const fn local(name: &'static str, max: u32, window: Duration) -> Self {
        Self { name, max, window, is_local: true }
    }
}

/// The limits that `AUTH_LIMIT_…` configures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Configured {
    /// Failed sign-ins from one network, at all accounts and with all kinds of credentials (RL-03).
    pub(crate) network_sign_ins: Limit,
    /// Failed sign-ins at one account from one network (RL-01).
    pub(crate) account_sign_ins: Limit,
    /// Failed sign-ins at one account by a browser with its device cookie (RL-04).
    pub(crate) device_sign_ins: Limit,
    /// Consecutive failed sign-ins at one account: NIST SP 800-63B-4 section 3.2.2 allows 100 (RL-02). The window only decides
    /// when the row is deleted.
    pub(crate) account_failures: Limit,
    /// Like `account_failures`, for credentials that neither an email nor an operator of ours can renew: those of a directory or
    /// the `authorize` hook. They keep their own count in a row, and ours must not lock a user out for longer than an hour.
    pub(super) foreign_failures: Limit,
    /// Like `account_failures`, for a browser with its device cookie: beyond this it counts as a browser without one.
    pub(crate) device_failures: Limit,
    /// Emails requested from one network.
    pub(crate) network_emails: Limit,
    /// Emails of one purpose to one address (ML-12).
    pub(crate) address_emails: Limit,
    /// Provider sign-ins that one network begins.
    pub(crate) network_starts: Limit,
    /// Provider callbacks from one network.
    pub(crate) network_callbacks: Limit,
}

impl Configured {
    pub(super) fn new(settings: &LimitSettings) -> Self {
        const FAILURES_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
        let shared = |name, max| Limit::shared(name, max, QUARTER_HOUR);
        let local = |name, max| Limit::local(name, max, QUARTER_HOUR);
        Self {
            network_sign_ins: shared("network", settings.network_sign_ins),
            account_sign_ins: shared("account", settings.account_sign_ins),
            device_sign_ins: shared("device", settings.account_sign_ins),
            account_failures: Limit::shared("account-failures", settings.account_failures, FAILURES_KEPT),
            foreign_failures: Limit::shared("account-failures", settings.account_failures, HOUR),
            device_failures: Limit::shared("device-failures", settings.account_failures, FAILURES_KEPT),
            network_emails: shared("mail-network", settings.network_emails),
            address_emails: shared("mail", settings.address_emails),
            network_starts: local("start-network", settings.network_provider_sign_ins),
            network_callbacks: local("callback-network", settings.network_provider_sign_ins),
        }
    }

    /// Consecutive failures at one account, for a kind of credentials.
    pub(super) fn failures_of(&self, kind: &str) -> Limit {
        match kind {
            "password" | "password-owner" | "totp" => self.account_failures,
            _ => self.foreign_failures,
        }
    }
}

/// Codes entered for one email: 5 guesses of 100 million codes.
pub(crate) const CODES_FOR_MAIL: Limit = Limit::shared("code", 5, QUARTER_HOUR);
/// Codes entered for one pending two-factor sign-in: after that the first factor is required again.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_TRIES: Limit = Limit::shared("second-step", 5, QUARTER_HOUR);
/// Authenticator codes entered for one user. Three of a million codes are valid at any time.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_CODES: Limit = Limit::shared("totp", 10, QUARTER_HOUR);
/// Authenticator codes per day, so that an attacker who knows the first factor needs years to guess a code.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_CODES_A_DAY: Limit = Limit::shared("totp-day", 50, DAY);
/// Wrong links for one address: never blocks the right one (ML-06).
pub(crate) const WRONG_LINKS: Limit = Limit::shared("link", 20, QUARTER_HOUR);
/// Wrong current passwords of a signed-in user.
#[cfg(feature = "password")]
pub(crate) const PASSWORDS_OF_OWNER: Limit = Limit::shared("password-owner", 10, QUARTER_HOUR);
/// An OAuth callback is accepted once (OA-03, CC-10). The window is as long as its transaction is valid.
pub(crate) const TRANSACTION_USES: Limit = Limit::shared("transaction", 1, QUARTER_HOUR);
/// Passkeys rejected from one network. They cannot be guessed, but each attempt costs a signature check.
#[cfg(feature = "passkey")]
pub(crate) const PASSKEYS_BY_NETWORK: Limit = Limit::shared("passkey-client", 100, QUARTER_HOUR);
/// A challenge is answered once. The window is longer than a challenge is valid.
#[cfg(feature = "passkey")]
pub(crate) const CHALLENGE_USES: Limit = Limit::shared("challenge", 1, QUARTER_HOUR);
/// A pending link is used once. The window is as long as it is valid.
pub(crate) const LINK_USES: Limit = Limit::shared("link-offer", 1, QUARTER_HOUR);
/// A logout token is accepted once (ID-24). The window is longer than a token is accepted.
pub(crate) const LOGOUT_TOKEN_USES: Limit = Limit::shared("logout", 1, QUARTER_HOUR);

/// Emails to one user about sign-ins from new browsers.
pub(crate) const SIGN_IN_MAILS: Limit = Limit::shared("sign-in-mail", 10, HOUR);
/// Only one instance sends a row to the webhook. The window is longer than the row is retried.
pub(crate) const WEBHOOK_TRIES: Limit = Limit::shared("webhook", 1, Duration::from_secs(25 * 3600));
/// Only one instance removes expired rows. The window is shorter than the interval between two runs.
pub(crate) const PURGES: Limit = Limit::shared("purge", 1, Duration::from_secs(5 * 60));

/// Rejections of one network that become audit rows; the log has all of them.
pub(crate) const NOTED_REFUSALS: Limit = Limit::local("noted", 30, QUARTER_HOUR);
/// A limit that one network exceeds becomes one audit row.
pub(crate) const NOTED_LIMITS: Limit = Limit::local("noted-limit", 1, QUARTER_HOUR);
/// Rejections of all networks that become audit rows.
pub(crate) const NOTED_IN_ALL: Limit = Limit::local("noted-in-all", 1000, QUARTER_HOUR);
/// One audit row says that there were more.
pub(crate) const NOTED_OVERFLOW: Limit = Limit::local("noted-overflow", 1, QUARTER_HOUR);
