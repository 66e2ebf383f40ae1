//! What the menus of header and footer do with scripts; without them they are `<details>`.

use leptos::prelude::*;

use crate::effect::effect;

/// Folds open menus when somebody presses Escape, wherever the focus is. One is enough for a page.
#[island]
pub fn FoldMenusOnEscape() -> impl IntoView {
    effect(|| {
        let listener = window_event_listener(leptos::ev::keydown, |event| {
            if event.key() == "Escape" {
                fold();
            }
        });
        on_cleanup(move || listener.remove());
    });
}

fn fold() {
    #[cfg(feature = "hydrate")]
    while let Ok(Some(menu)) = document().query_selector("details.menu[open]") {
        let _ = menu.remove_attribute("open");
    }
}
