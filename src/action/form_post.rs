//! The way back from a provider whose page posts a form (OAuth 2.0 Form Post Response Mode): `POST
//! /api/auth/callback/:provider`.
//!
//! This is the one request that a page of another site may send us (OA-17), so it does nothing: browsers keep our
//! cookies (SameSite=Lax) back from it, and so would every check fail that needs them. It sends the browser on to the
//! same address by GET, where the cookies come along and everything is checked as for other providers. What the form
//! held goes along encrypted, so that no history and no log on the way has the code or the person's name.

use url::form_urlencoded;

use crate::{
    auth::Auth,
    error::AuthError,
    oauth::OAuthClient,
    request::{Parameters, Redirect},
};

/// The salt of its key.
pub(crate) const PURPOSE: &str = "authjs.form-post";
/// The parameter of the address that holds the form.
const NAME: &str = "form";
/// What the callback reads. The last one says nothing but a name.
const FIELDS: [&str; 5] = ["code", "state", "iss", "error", "user"];
/// As much as fits into an address that every proxy takes, in bytes.
const LONGEST: usize = 5000;

/// Sends the browser on.
pub(crate) fn form_post(auth: &Auth, client: &OAuthClient, form: &Parameters) -> Result<Redirect, AuthError> {
    let mut query = encode(form, &FIELDS);
    if query.len() > LONGEST {
        // A strange name cannot stop a sign-in.
        query = encode(form, &FIELDS[..FIELDS.len() - 1]);
    }
    if query.len() > LONGEST {
        return Err(AuthError::callback("the form is too long"));
    }
    let mut to = client.provider.callback_url(&auth.config.base_url);
    to.query_pairs_mut().append_pair(NAME, &auth.form_keys.encrypt(query.as_bytes()));
    Ok(Redirect { to, set_cookies: Vec::new() })
}

fn encode(form: &Parameters, names: &[&str]) -> String {
    let fields = names.iter().filter_map(|name| Some((*name, form.get(name)?)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The parameters of a callback: those of the form, where the browser was sent on.
pub(crate) fn form_or_query(
    auth: &Auth,
    client: &OAuthClient,
    query: Parameters,
) -> Result<Parameters, AuthError> {
    match query.get(NAME).filter(|_| client.provider.is_form_post()) {
        None => Ok(query),
        Some(sealed) => {
            let form = auth.form_keys.decrypt(sealed);
            Parameters::from_form(&form.ok_or_else(|| AuthError::callback("the form is not one of ours"))?)
        }
    }
}
