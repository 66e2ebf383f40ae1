//! What a form of the account pages has done, as a closed list of words (`?done=` on the page that says so). Anyone can
//! write such an address, so a word only ever selects one of our own texts.

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Name stored.
    ProfileSaved,
    /// A mail with a link has gone to the new address.
    EmailChangeSent,
    /// The new address counts.
    EmailChanged,
    /// The account will be deleted.
    DeletionAsked,
    /// The account will not be deleted.
    AccountKept,
    /// There is one more passkey.
    PasskeyAdded,
    /// A passkey has another name.
    PasskeyRenamed,
    /// There is one passkey less.
    PasskeyRemoved,
}

impl Done {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::ProfileSaved,
        Self::EmailChangeSent,
        Self::EmailChanged,
        Self::DeletionAsked,
        Self::AccountKept,
        Self::PasskeyAdded,
        Self::PasskeyRenamed,
        Self::PasskeyRemoved,
    ];

    /// The word as it stands in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProfileSaved => "profile-saved",
            Self::EmailChangeSent => "email-change-sent",
            Self::EmailChanged => "email-changed",
            Self::DeletionAsked => "deletion-asked",
            Self::AccountKept => "account-kept",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRenamed => "passkey-renamed",
            Self::PasskeyRemoved => "passkey-removed",
        }
    }

    /// The one with that exact word, or `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|done| done.as_str() == word)
    }
}
