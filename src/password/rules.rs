//! What a new password must be (NIST SP 800-63B-4 section 3.1.1.2): long enough, not known to everybody, not what
//! anybody would guess of this person on this site. No rule says what characters it is made of.

use url::{Host, Url};

use super::{Password, breached::is_breached};
use crate::{
    email::EmailAddress,
    error::{AuthError, PasswordProblem},
};

/// Longer passwords are refused before anything is done with them: hashing is for people, and nobody types this.
pub(super) const MAX_BYTES: usize = 1024;

/// What is left of a password without the words that an attacker begins with must have so many letters and digits.
const LEAST_OWN: usize = 5;

/// Shorter words are in too many good passwords by chance.
const SHORTEST_WORD: usize = 4;

/// The rules of one site.
pub(crate) struct Rules {
    /// Characters.
    pub(crate) min_length: usize,
    /// Its host and what it calls itself in mails.
    site: Vec<String>,
}

impl Rules {
    /// `sender` is the `EMAIL_FROM` of its mails.
    pub(crate) fn new(min_length: usize, base_url: &Url, sender: &str) -> Self {
        let mut site = match base_url.host() {
            Some(Host::Domain(host)) => words(host.rsplit_once('.').map_or(host, |(name, _)| name)),
            _ => Vec::new(),
        };
        site.extend(words(sender.split_once('<').map_or("", |(name, _)| name)));
        Self { min_length, site }
    }

    /// Refuses what is easily guessed, with the reason that its owner has to know (CR-05, CR-07).
    pub(crate) fn check(
        &self,
        password: &Password,
        email: &EmailAddress,
        name: Option<&str>,
    ) -> Result<(), AuthError> {
        let text = password.normalised();
        let refuse = |problem| Err(AuthError::Password(problem));
        if text.chars().count() < self.min_length {
            return refuse(PasswordProblem::TooShort);
        }
        let folded = text.to_lowercase();
        if is_breached(&folded) {
            return refuse(PasswordProblem::Common);
        }
        let (local, domain) = email.key().split_once('@').unwrap_or_default();
        let own = words(local).into_iter().chain(words(domain)).chain(words(name.unwrap_or_default()));
        if is_guessable(&folded, own.chain(self.site.iter().cloned())) {
            return refuse(PasswordProblem::Guessable);
        }
        Ok(())
    }
}

/// The words of a name, and all of them as one: `Ada Lovelace` is `adalovelace`, `lovelace`.
fn words(text: &str) -> Vec<String> {
    let folded = text.to_lowercase();
    let parts: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let joined = (parts.len() > 1).then(|| parts.concat());
    let all = joined.into_iter().chain(parts.into_iter().map(str::to_owned));
    all.filter(|word| word.chars().count() >= SHORTEST_WORD).collect()
}

/// Whether too little of a password is its owner's own idea.
fn is_guessable(folded: &str, words: impl Iterator<Item = String>) -> bool {
    let mut rest: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let length = rest.chars().count();
    let mut words: Vec<_> = words.collect();
    // The longest first: it may consist of others.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        // A mark in its place, so that no new word comes together around the gap.
        rest = rest.replace(&word, " ");
    }
    let own = rest.chars().filter(|c| *c != ' ').count();
    own < length && own < LEAST_OWN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(password: &str) -> Option<PasswordProblem> {
        let base_url = Url::parse("https://login.acme-tools.example").unwrap();
        let rules = Rules::new(8, &base_url, "Wonder Works <no-reply@mail.example>");
        let email = EmailAddress::parse("Ada.Byron@lovelace.example").unwrap();
        match rules.check(&Password::parse(password).unwrap(), &email, Some("Augusta King")) {
            Ok(()) => None,
            Err(AuthError::Password(problem)) => Some(problem),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn cr_05_length_is_counted_in_characters_and_nothing_else_is_asked() {
        use PasswordProblem::TooShort;
        for (password, problem) in [
            ("qx7Kw2z", Some(TooShort)),
            ("qx7Kw2zv", None),
            ("        x", None),
            (" qx7Kw2 ", None),
            ("🦀🦀🦀🦀🦀🦀🦀", Some(TooShort)),
            ("🦀🦀🦀🦀🦀🦀🦀🦀", None),
            ("no capital and no digit", None),
            (&"x".repeat(64), None),
            (&"x".repeat(MAX_BYTES), None),
        ] {
            assert_eq!(checked(password), problem, "{password}");
        }
        assert!(Password::parse(&"x".repeat(MAX_BYTES + 1)).is_err());
    }

    #[test]
    fn cr_07_what_everybody_tries_is_refused() {
        use PasswordProblem::{Common, Guessable};
        for (password, problem) in [
            ("password1", Common),
            ("PassWord1", Common),
            ("ｐａｓｓｗｏｒｄ１", Common),
            ("ada.byron@lovelace.example", Guessable),
            ("Ada.Byron@Lovelace", Guessable),
            ("adabyron1815", Guessable),
            ("AugustaKing!", Guessable),
            ("acme-tools2026", Guessable),
            ("AcmeTools", Guessable),
            ("Wonder Works 1", Guessable),
        ] {
            assert_eq!(checked(password), Some(problem), "{password}");
        }
        for good in ["augusta rides a bicycle", "acme-tools-9kq2x", "correct horse battery staple"] {
            assert_eq!(checked(good), None, "{good}");
        }
    }
}
