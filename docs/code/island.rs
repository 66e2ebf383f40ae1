//! What an island does when it is drawn.

use leptos::prelude::*;
use leptos_auth_app::{
    claims::Role,
    session::{SignInOptions, sign_in, use_session},
};

#[island]
fn Island() -> impl IntoView {
    /* the block */
}
