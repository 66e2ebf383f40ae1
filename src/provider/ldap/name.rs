//! What somebody typed as their name. Rule: it is escaped wherever it goes; here is only refused what no directory has.

/// The name without spaces around it, as directories compare names; `None` when it cannot be one.
pub(super) fn typed(name: &str) -> Option<&str> {
    const LONGEST: usize = 256;
    let name = name.trim();
    let is_odd = name.is_empty() || name.len() > LONGEST || name.chars().any(char::is_control);
    (!is_odd).then_some(name)
}

/// Whether a name can be the first half of a principal. That is no DN and there is no way to escape anything in it, so
/// what would make another kind of name of it is refused: Active Directory allows none of these in a short name.
pub(super) fn is_principal(name: &str) -> bool {
    !name.contains(|c: char| c.is_whitespace() || r#""/\[]:;|=,+*?<>@"#.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_04_in_08_names() {
        assert_eq!(typed(" ada.lovelace "), Some("ada.lovelace"));
        assert_eq!(typed("Ada Lovelace-Ö"), Some("Ada Lovelace-Ö"));
        for name in ["", "  ", "a\0", "a\nb", "a\u{85}b", "a".repeat(257).as_str()] {
            assert_eq!(typed(name), None, "{name:?}");
        }
    }

    #[test]
    fn in_08_a_principal_cannot_become_a_dn_or_another_domain() {
        assert!(is_principal("ada.lovelace") && is_principal("ädä-1"));
        for name in ["ada@other.test", "CORP\\ada", "cn=ada,dc=test", "ada lovelace", "corp.test/ada", "*"] {
            assert!(!is_principal(name), "{name}");
        }
    }
}
