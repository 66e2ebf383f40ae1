//! Labelled fields for text, email addresses and passwords, with their hints and error texts. Their behavior in the browser
//! is in `input.rs`.

use leptos::prelude::*;
use leptos_auth::types::ErrorCode;
#[cfg(feature = "password")]
use leptos_auth_locales::new_password;
use leptos_auth_locales::password_field;

use super::input::{Input, Question};
use crate::text::{language, t, t_with};

/// The pattern that the browser checks, allowing spaces around the address. The server decides.
const ADDRESS: &str = r" *[^@\s]+@[^@\s]+ *";

/// A field for an email address, named `email`.
///
/// It is not `type="email"`, because browsers reject letters of other alphabets before the `@` there, and the server
/// accepts them. The hints for phone keyboards and password managers are set separately.
#[component]
pub fn EmailField(
    /// The label.
    label: &'static str,
    /// The autocomplete token of the HTML standard.
    autocomplete: &'static str,
    /// The hint below the label.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// The error text if the field is empty or cannot be valid.
    help: &'static str,
    /// The initial value.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// Starts with the help shown (for the gallery).
    #[prop(optional)]
    is_invalid: bool,
    /// Error codes caused by this field's value; the notice on the form explains them.
    #[prop(into)]
    refused_by: Vec<ErrorCode>,
) -> impl IntoView {
    view! {
        <Input question=Question {
            id: "email".to_owned(),
            name: "email".to_owned(),
            label: label.to_owned(),
            kind: "text".to_owned(),
            autocomplete: autocomplete.to_owned(),
            inputmode: Some("email".to_owned()),
            pattern: Some(ADDRESS.to_owned()),
            hint: hint.map(str::to_owned),
            help: help.to_owned(),
            value,
            min_length: None,
            is_required: true,
            is_invalid,
            refused_by,
            show_label: None,
        }/>
    }
}

/// A text field.
#[component]
pub fn Field(
    /// Name and id.
    name: &'static str,
    /// What it is for.
    label: &'static str,
    /// The autocomplete token of the HTML standard.
    autocomplete: &'static str,
    /// What the keyboard of a phone should offer.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// How to fill it in, below the label.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What to say when it is empty or cannot be right.
    help: &'static str,
    /// What stands in it at first.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// Whether it may stay empty.
    #[prop(optional)]
    is_optional: bool,
    /// Starts with the help shown (for the gallery).
    #[prop(optional)]
    is_invalid: bool,
    /// What went wrong when it was what was typed here; the notice says why.
    #[prop(into)]
    refused_by: Vec<ErrorCode>,
) -> impl IntoView {
    view! {
        <Input question=Question {
            id: name.to_owned(),
            name: name.to_owned(),
            label: label.to_owned(),
            kind: "text".to_owned(),
            autocomplete: autocomplete.to_owned(),
            inputmode: inputmode.map(str::to_owned),
            pattern: None,
            hint: hint.map(str::to_owned),
            help: help.to_owned(),
            value,
            min_length: None,
            is_required: !is_optional,
            is_invalid,
            refused_by,
            show_label: None,
        }/>
    }
}

/// A field for a password, with a button that shows it: by default the one that somebody has.
#[component]
pub fn PasswordField(
    /// Name of the field.
    #[prop(default = "password")]
    name: &'static str,
    /// Its id, where that is not the name.
    #[prop(optional)]
    id: Option<&'static str>,
    /// What it is for.
    #[prop(default = t(password_field::LABEL))]
    label: &'static str,
    /// The autocomplete token of the HTML standard.
    #[prop(default = "current-password")]
    autocomplete: &'static str,
    /// How to fill it in, below the label.
    #[prop(optional)]
    hint: Option<String>,
    /// What to say when it is empty or too short.
    #[prop(default = t(password_field::HELP))]
    help: &'static str,
    /// Characters that it must have.
    #[prop(optional)]
    min_length: Option<usize>,
    /// Whether it may stay empty.
    #[prop(optional)]
    is_optional: bool,
    /// What went wrong when it was what was typed here; the notice says why.
    #[prop(into)]
    refused_by: Vec<ErrorCode>,
) -> impl IntoView {
    view! {
        <Input question=Question {
            id: id.unwrap_or(name).to_owned(),
            name: name.to_owned(),
            label: label.to_owned(),
            kind: "password".to_owned(),
            autocomplete: autocomplete.to_owned(),
            inputmode: None,
            pattern: None,
            hint,
            help: help.to_owned(),
            value: None,
            min_length,
            is_required: !is_optional,
            is_invalid: false,
            refused_by,
            show_label: Some(show_text(label)),
        }/>
    }
}

/// A field for a password that somebody chooses.
#[cfg(feature = "password")]
#[component]
pub fn NewPasswordField(
    /// What it is for.
    #[prop(default = t(password_field::LABEL))]
    label: &'static str,
    /// Characters that it must have.
    min_length: usize,
) -> impl IntoView {
    view! {
        <PasswordField
            label
            autocomplete="new-password"
            hint=t_with(new_password::HINT, &[("count", &min_length.to_string())])
            help=t(new_password::HELP)
            min_length
            refused_by=[ErrorCode::PasswordTooShort, ErrorCode::PasswordCommon, ErrorCode::PasswordGuessable]
        />
    }
}

/// Inside a sentence English writes the label small; other languages have it as it is, since German nouns stay big.
fn show_text(label: &str) -> String {
    let is_english = language().tag.starts_with("en");
    let label = if is_english { label.to_lowercase() } else { label.to_owned() };
    t_with(password_field::SHOW, &[("label", &label)])
}
