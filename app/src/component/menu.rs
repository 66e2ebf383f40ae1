//! What the menus of header and footer do with scripts; without them they are `<details>`.

use leptos::{html, prelude::*};

/// Folds the menu.
pub(super) fn close(menu: NodeRef<html::Details>) {
    if let Some(menu) = menu.get_untracked() {
        menu.set_open(false);
    }
}

/// Folds it when somebody presses Escape, wherever the focus is.
pub(super) fn close_on_escape(menu: NodeRef<html::Details>) {
    Effect::new(move |_| {
        let listener = window_event_listener(leptos::ev::keydown, move |event| {
            if event.key() == "Escape" {
                close(menu);
            }
        });
        on_cleanup(move || listener.remove());
    });
}
