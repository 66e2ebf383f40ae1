//! The building blocks of pages. They are meant to be edited.

mod auth_card;
#[cfg(any(feature = "dev", feature = "totp"))]
mod copy_button;
mod done_notice;
mod form;
mod icon;
mod language_menu;
mod layout;
mod list_search;
mod menu;
mod more_providers;
mod notice;
mod offline;
mod page_header;
mod provider_button;
mod reauthentication;
mod session_panel;
mod theme_switch;
mod user_menu;

pub use auth_card::AuthCard;
#[cfg(feature = "totp")]
pub use copy_button::CopyButton;
#[cfg(feature = "dev")]
pub use copy_button::Copyable;
pub use done_notice::DoneNotice;
#[cfg(feature = "password")]
pub use form::NewPasswordField;
#[cfg(feature = "passkey")]
pub use form::PasskeyForm;
#[cfg(all(feature = "hydrate", feature = "passkey"))]
pub use form::fetch;
pub use form::{
    AuthForm, AuthForms, ChoiceButton, EmailField, EndOthersBox, Field, PasswordField, ResendButton,
    SubmitButton,
};
pub use icon::{Icon, Logo, Mark, ProviderMark};
pub use layout::Layout;
pub use list_search::{ListSearch, SearchedItem, search_text};
pub use more_providers::MoreProviders;
#[cfg(feature = "dev")]
pub use offline::OfflineNotice;
pub use page_header::PageHeader;
pub use provider_button::ProviderButton;
pub use reauthentication::ReauthenticationNotice;
pub use session_panel::SessionPanel;
pub use user_menu::display_name;

use language_menu::LanguageMenu;
use menu::FoldMenusOnEscape;
use notice::Notice;
use offline::OfflineRegion;
use theme_switch::ThemeSwitch;
use user_menu::UserMenu;
