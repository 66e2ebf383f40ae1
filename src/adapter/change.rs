//! Changes to what is stored of one user, applied together or not at all: see [`Adapter::change_user`].
//!
//! Rule: a change writes only the columns that it names, so that two requests that change different data of one user
//! never overwrite each other.
//!
//! [`Adapter::change_user`]: super::Adapter::change_user

use super::{Account, Authenticator, UserRecord};
use crate::clock::Timestamp;

/// One change of a user. No two changes in one call may concern the same row.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Sets the display name.
    Name(Option<&'a str>),
    /// Sets the URL of the picture.
    Image(Option<&'a str>),
    /// Sets the email address.
    Email {
        /// The address to show and to write to.
        email: Option<&'a str>,
        /// The canonical form of a verified address, which is unique; `None` for an address that is only claimed.
        key: Option<&'a str>,
        /// When the address was verified.
        verified: Option<Timestamp>,
    },
    /// Adds an account of a provider.
    LinkAccount {
        /// The account.
        account: &'a Account,
        /// When it was linked.
        now: Timestamp,
    },
    /// Removes an account of a provider, which must be this user's.
    UnlinkAccount {
        /// Provider id.
        provider: &'a str,
        /// The provider's id of the user.
        provider_account_id: &'a str,
    },
    /// Adds a passkey of this user.
    AddAuthenticator(&'a Authenticator),
    /// Renames a passkey, which must be this user's.
    RenameAuthenticator {
        /// The credential's id.
        credential_id: &'a str,
        /// The new name.
        name: Option<&'a str>,
    },
    /// Removes a passkey, which must be this user's.
    RemoveAuthenticator {
        /// The credential's id.
        credential_id: &'a str,
    },
    /// Stores a record of this user.
    PutRecord {
        /// The record.
        record: &'a UserRecord,
        /// The value that it replaces; `None` if the record must not exist yet.
        from: Option<&'a str>,
    },
    /// Removes a record, which must exist.
    RemoveRecord {
        /// The kind of record.
        kind: &'a str,
        /// Which of its kind.
        id: &'a str,
        /// The value that it must have; `None` for any.
        value: Option<&'a str>,
    },
}
