//! The limits: how often something may happen in a window, and for whom.
//!
//! Shared limits are counted in the database, so that all instances have one count. Local ones are counted by this
//! process: what they protect is this process, and a database write for each request would be the greater cost.

use std::time::Duration;

use crate::config::LimitSettings;

const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);
#[cfg(feature = "totp")]
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How often something may happen in a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// In log lines and audit rows.
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

/// The limits that `AUTH_LIMIT_…` sets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Configured {
    /// Failed sign-ins of one network, at all accounts and by all kinds of credentials (RL-03).
    pub(crate) network_sign_ins: Limit,
    /// Failed sign-ins at one account from one network (RL-01).
    pub(crate) account_sign_ins: Limit,
    /// Failed sign-ins at one account by a browser with its device cookie (RL-04).
    pub(crate) device_sign_ins: Limit,
    /// Failed sign-ins in a row at one account: NIST SP 800-63B-4 section 3.2.2 allows 100 (RL-02). The window only
    /// decides when the row is thrown away.
    pub(crate) account_failures: Limit,
    /// The same by a browser with its device cookie: after so many it counts as one without.
    pub(crate) device_failures: Limit,
    /// Emails that one network asks for.
    pub(crate) network_emails: Limit,
    /// Emails of one purpose to one address (ML-12).
    pub(crate) address_emails: Limit,
    /// Sign-ins at a provider that one network begins.
    pub(crate) network_starts: Limit,
    /// Sign-ins that one network brings back from a provider.
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
            device_failures: Limit::shared("device-failures", settings.account_failures, FAILURES_KEPT),
            network_emails: shared("mail-network", settings.network_emails),
            address_emails: shared("mail", settings.address_emails),
            network_starts: local("start-network", settings.network_provider_sign_ins),
            network_callbacks: local("callback-network", settings.network_provider_sign_ins),
        }
    }
}

/// Codes typed for one email: 5 of 100 million.
pub(crate) const CODES_FOR_MAIL: Limit = Limit::shared("code", 5, QUARTER_HOUR);
/// Codes typed for one pending two-factor sign-in: after that its first factor is asked for again.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_TRIES: Limit = Limit::shared("second-step", 5, QUARTER_HOUR);
/// Codes of an app typed for one user. Three of a million are right at any time.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_CODES: Limit = Limit::shared("totp", 10, QUARTER_HOUR);
/// The same in a day, so that an attacker who knows the first factor needs years to guess the second.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_CODES_A_DAY: Limit = Limit::shared("totp-day", 50, DAY);
/// Wrong links for one address: never stops the right one (ML-06).
pub(crate) const WRONG_LINKS: Limit = Limit::shared("link", 20, QUARTER_HOUR);
/// Wrong current passwords of a user who is signed in.
#[cfg(feature = "password")]
pub(crate) const PASSWORDS_OF_OWNER: Limit = Limit::shared("password-owner", 10, QUARTER_HOUR);
/// An OAuth callback is taken once (OA-03, CC-10). As long as its transaction can live.
pub(crate) const TRANSACTION_USES: Limit = Limit::shared("transaction", 1, QUARTER_HOUR);
/// Passkeys refused of one network. They cannot be guessed; a try costs us a signature to check.
#[cfg(feature = "passkey")]
pub(crate) const PASSKEYS_BY_NETWORK: Limit = Limit::shared("passkey-client", 100, QUARTER_HOUR);
/// A challenge is answered once. Longer than it is good.
#[cfg(feature = "passkey")]
pub(crate) const CHALLENGE_USES: Limit = Limit::shared("challenge", 1, QUARTER_HOUR);
/// A pending link is used once. As long as it waits.
pub(crate) const LINK_USES: Limit = Limit::shared("link-offer", 1, QUARTER_HOUR);
/// A logout token is taken once (ID-24). Longer than it is accepted.
pub(crate) const LOGOUT_TOKEN_USES: Limit = Limit::shared("logout", 1, QUARTER_HOUR);

/// Emails to one user about sign-ins by new browsers.
pub(crate) const SIGN_IN_MAILS: Limit = Limit::shared("sign-in-mail", 10, Duration::from_secs(3600));
/// A row is sent to the webhook by one of all instances. Longer than it is tried.
pub(crate) const WEBHOOK_TRIES: Limit = Limit::shared("webhook", 1, Duration::from_secs(25 * 3600));
/// Expired rows are removed by one of all instances. Shorter than the time between two turns.
pub(crate) const PURGES: Limit = Limit::shared("purge", 1, Duration::from_secs(5 * 60));

/// Refusals of one network that become audit rows; the log has all of them.
pub(crate) const NOTED_REFUSALS: Limit = Limit::local("noted", 30, QUARTER_HOUR);
/// One limit that a network runs into becomes one audit row.
pub(crate) const NOTED_LIMITS: Limit = Limit::local("noted-limit", 1, QUARTER_HOUR);
/// Refusals of all networks that become audit rows.
pub(crate) const NOTED_IN_ALL: Limit = Limit::local("noted-in-all", 1000, QUARTER_HOUR);
/// That there were more becomes one row.
pub(crate) const NOTED_OVERFLOW: Limit = Limit::local("noted-overflow", 1, QUARTER_HOUR);
