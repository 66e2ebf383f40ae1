//! What an island does when somebody clicks; `name` and `word` are what they have written.

use leptos::task::spawn_local;
use leptos_auth_app::session::{SignInOptions, SignOutOptions, sign_in, sign_out};

fn click(name: String, word: String) {
    spawn_local(async move {
        /* the block */
    });
}
