//! What an authenticator says and signs: authenticator data (W3C Web Authentication Level 3 section 6.1).

use super::{cbor::Reader, public_key::PublicKey};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// The longest credential id (section 4, "Credential ID").
const LONGEST_ID: usize = 1023;

/// Authenticator data, read to its last byte.
pub(super) struct AuthenticatorData<'b> {
    /// SHA-256 of the relying party's id.
    pub(super) rp_id_hash: &'b [u8],
    flags: u8,
    /// How often the passkey has signed; 0 for one that does not count.
    pub(super) counter: u32,
    /// The new passkey: in a registration only.
    pub(super) credential: Option<NewCredential<'b>>,
}

/// A passkey that was just made (section 6.5.1).
pub(super) struct NewCredential<'b> {
    /// Which product made it, if that tells.
    pub(super) aaguid: &'b [u8],
    pub(super) id: &'b [u8],
    /// The public key as it came.
    pub(super) cose_key: &'b [u8],
}

impl<'b> AuthenticatorData<'b> {
    /// `None` for anything that is not exactly that.
    pub(super) fn parse(bytes: &'b [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = bytes.split_at_checked(32)?;
        let ([flags], rest) = rest.split_first_chunk()?;
        let (counter, mut rest) = rest.split_first_chunk()?;
        let (flags, counter) = (*flags, u32::from_be_bytes(*counter));
        let mut credential = None;
        if flags & HAS_CREDENTIAL != 0 {
            let (new, after) = new_credential(rest)?;
            (credential, rest) = (Some(new), after);
        }
        let mut reader = Reader::new(rest);
        if flags & HAS_EXTENSIONS != 0 {
            reader.item()?;
        }
        reader.is_at_end().then_some(Self { rp_id_hash, flags, counter, credential })
    }

    /// Whether somebody was there.
    pub(super) fn is_user_present(&self) -> bool {
        self.flags & USER_PRESENT != 0
    }

    /// Whether the authenticator made sure who: by a fingerprint, a face or a PIN.
    pub(super) fn is_user_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }

    /// Whether the passkey may be on other devices of its owner too. Never changes.
    pub(super) fn is_backup_eligible(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0
    }

    /// Whether it is there now.
    pub(super) fn is_backed_up(&self) -> bool {
        self.flags & BACKED_UP != 0
    }
}

fn new_credential(bytes: &[u8]) -> Option<(NewCredential<'_>, &[u8])> {
    let (aaguid, rest) = bytes.split_at_checked(16)?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (id, rest) = rest.split_at_checked(length)?;
    let cose_key = Reader::new(rest).item()?;
    let is_good = (1..=LONGEST_ID).contains(&length) && PublicKey::parse(cose_key).is_some();
    is_good.then(|| (NewCredential { aaguid, id, cose_key }, &rest[cose_key.len()..]))
}
