//! Why nobody signs in, read from what a directory says. Rule: only an answer about the person is a refusal; whatever
//! else a directory says is its own trouble, or ours.

use ldap3::{
    LdapResult,
    asn1::{TagClass, parse_tag},
};

/// Object identifier of the control of draft-behera-ldap-password-policy.
pub(super) const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// Why nobody signs in. The texts are for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Not the name and the password of somebody who may come in.
    #[error("{0}")]
    Refused(String),
    /// The directory does not answer, or nothing that can be understood.
    #[error("the directory is away: {0}")]
    Away(String),
    /// It answers, and has to be asked in another way.
    #[error("the directory cannot be used: {0}")]
    Misconfigured(String),
}

impl Failure {
    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }

    pub(super) fn away(reason: impl ToString) -> Self {
        Self::Away(reason.to_string())
    }

    pub(super) fn misconfigured(reason: impl Into<String>) -> Self {
        Self::Misconfigured(reason.into())
    }

    /// What a result means that says nothing about a person (RFC 4511 section 4.1.9).
    pub(super) fn of_operation(what: &str, result: &LdapResult) -> Self {
        let reason = format!("{what}: {result}");
        match result.rc {
            // Over a limit, busy, unavailable, other, and what Active Directory says while it starts.
            1 | 3 | 11 | 51 | 52 | 80 => Self::Away(reason),
            _ => Self::Misconfigured(reason),
        }
    }
}

/// What the directory says to the bind of a person.
pub(super) fn of_person(result: &LdapResult) -> Result<(), Failure> {
    // Also with success: a password that has to be changed first lets nobody in.
    if let Some(reason) = policy_reason(result) {
        return Err(Failure::refused(reason));
    }
    match result.rc {
        0 => Ok(()),
        // Wrong; no password there; a name that is none; may not bind. 389 Directory Server and eDirectory say 19 and 53
        // to accounts that are locked.
        19 | 32 | 34 | 48 | 49 | 50 | 53 => {
            let reason =
                active_directory_reason(&result.text).map_or_else(|| result.to_string(), str::to_owned);
            Err(Failure::refused(reason))
        }
        _ => Err(Failure::of_operation("the bind of a person", result)),
    }
}

/// The code in `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 533, v3839`.
fn active_directory_reason(text: &str) -> Option<&'static str> {
    let (_, code) = text.split_once(", data ")?;
    Some(match code.split(',').next()?.trim() {
        "525" => "there is no such person",
        "52e" => "wrong password",
        "530" => "the account may not sign in at this time",
        "531" => "the account may not sign in from here",
        "532" => "the password has expired",
        "533" => "the account is disabled",
        "701" => "the account has expired",
        "773" => "the password must be changed first",
        "775" => "the account is locked",
        _ => return None,
    })
}

/// The error in the response control of the password policy.
fn policy_reason(result: &LdapResult) -> Option<&'static str> {
    let controls = result.ctrls.iter().map(|control| &control.1);
    let control = controls.into_iter().find(|control| control.ctype == PASSWORD_POLICY)?;
    Some(match policy_error(control.val.as_deref()?)? {
        0 => "the password has expired",
        1 => "the account is locked",
        2 => "the password must be changed first",
        _ => "the password policy refuses",
    })
}

/// `SEQUENCE { warning [0] CHOICE {…} OPTIONAL, error [1] ENUMERATED OPTIONAL }`.
fn policy_error(value: &[u8]) -> Option<u8> {
    let (_, response) = parse_tag(value).ok()?;
    let parts = response.expect_constructed()?.into_iter();
    let error = parts.into_iter().find(|part| part.class == TagClass::Context && part.id == 1)?;
    error.expect_primitive()?.first().copied()
}

#[cfg(test)]
mod tests {
    use ldap3::controls::{Control, RawControl};

    use super::*;

    fn result(rc: u32, text: &str, policy: Option<&[u8]>) -> LdapResult {
        let control = |value: &[u8]| {
            let ctype = PASSWORD_POLICY.to_owned();
            Control(None, RawControl { ctype, crit: false, val: Some(value.to_vec()) })
        };
        let ctrls = policy.map(control).into_iter().collect();
        LdapResult { rc, matched: String::new(), text: text.to_owned(), refs: Vec::new(), ctrls }
    }

    #[test]
    fn active_directory_says_why() {
        let text = |code: &str| {
            format!(
                "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {code}, v3839"
            )
        };
        for (code, reason) in [
            ("532", "the password has expired"),
            ("533", "the account is disabled"),
            ("701", "the account has expired"),
            ("773", "the password must be changed first"),
            ("775", "the account is locked"),
        ] {
            let failure = of_person(&result(49, &text(code), None)).unwrap_err();
            assert!(matches!(&failure, Failure::Refused(why) if why == reason), "{code}: {failure}");
        }
        assert!(matches!(of_person(&result(49, &text("fff"), None)), Err(Failure::Refused(_))));
        assert!(matches!(of_person(&result(49, "", None)), Err(Failure::Refused(_))));
    }

    #[test]
    fn a_password_policy_refuses_also_with_success() {
        assert!(of_person(&result(0, "", None)).is_ok(), "control");
        assert!(of_person(&result(0, "", Some(&[0x30, 0]))).is_ok(), "nothing to say");
        // A warning alone: 3 grace logins are left.
        assert!(of_person(&result(0, "", Some(&[0x30, 5, 0xa0, 3, 0x81, 1, 3]))).is_ok());
        for (code, reason) in [(0, "expired"), (1, "locked"), (2, "changed"), (7, "policy")] {
            let failure = of_person(&result(0, "", Some(&[0x30, 3, 0x81, 1, code]))).unwrap_err();
            assert!(matches!(&failure, Failure::Refused(why) if why.contains(reason)), "{failure}");
        }
        assert!(of_person(&result(0, "", Some(&[0x30, 200, 1]))).is_ok(), "nonsense is no policy");
    }

    #[test]
    fn az_05_trouble_is_no_refusal_and_no_success() {
        for rc in [1, 3, 11, 51, 52, 80] {
            assert!(matches!(of_person(&result(rc, "", None)), Err(Failure::Away(_))), "{rc}");
        }
        // Wants TLS, refers to another server, does not know the method.
        for rc in [2, 7, 8, 10, 13, 14, 12345] {
            assert!(matches!(of_person(&result(rc, "", None)), Err(Failure::Misconfigured(_))), "{rc}");
        }
    }
}
