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
    /// What a mail told of was undone, and nobody comes in until the address is proven.
    AccountLocked,
    /// There is a password now.
    PasswordSet,
    /// There is another password now.
    PasswordChanged,
    /// There is no password any more.
    PasswordRemoved,
    /// A mail with a link to a new password has gone to the address, if it has an account.
    PasswordResetSent,
    /// The new password counts, and nobody is signed in.
    PasswordReset,
    /// Every sign-in asks for a code.
    SecondStepOn,
    /// No sign-in asks for a code.
    SecondStepOff,
    /// New recovery codes are there.
    RecoveryCodesMade,
    /// Recovery codes are not shown any more.
    RecoveryCodesKept,
    /// No device is remembered any more.
    DevicesForgotten,
    /// There is one more way to sign in.
    Linked,
    /// That way to sign in was there already.
    LinkedBefore,
    /// There is one way to sign in less.
    Unlinked,
    /// A device is signed out.
    DeviceSignedOut,
    /// All other devices are signed out.
    OthersSignedOut,
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
        Self::AccountLocked,
        Self::PasswordSet,
        Self::PasswordChanged,
        Self::PasswordRemoved,
        Self::PasswordResetSent,
        Self::PasswordReset,
        Self::SecondStepOn,
        Self::SecondStepOff,
        Self::RecoveryCodesMade,
        Self::RecoveryCodesKept,
        Self::DevicesForgotten,
        Self::Linked,
        Self::LinkedBefore,
        Self::Unlinked,
        Self::DeviceSignedOut,
        Self::OthersSignedOut,
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
            Self::AccountLocked => "account-locked",
            Self::PasswordSet => "password-set",
            Self::PasswordChanged => "password-changed",
            Self::PasswordRemoved => "password-removed",
            Self::PasswordResetSent => "password-reset-sent",
            Self::PasswordReset => "password-reset",
            Self::SecondStepOn => "second-step-on",
            Self::SecondStepOff => "second-step-off",
            Self::RecoveryCodesMade => "recovery-codes-made",
            Self::RecoveryCodesKept => "recovery-codes-kept",
            Self::DevicesForgotten => "devices-forgotten",
            Self::Linked => "linked",
            Self::LinkedBefore => "linked-before",
            Self::Unlinked => "unlinked",
            Self::DeviceSignedOut => "device-signed-out",
            Self::OthersSignedOut => "others-signed-out",
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
