//! Why a server function refused: a code of the closed list.

use leptos::{
    prelude::FromServerFnError,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use leptos_auth::types::ErrorCode;
use serde::{Deserialize, Serialize};

/// A server function's error. It carries a code only, so nothing internal and nothing forged can be displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FnError(pub ErrorCode);

impl FromServerFnError for FnError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // The server was not reached, or something between us and it answered.
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self(ErrorCode::Unavailable),
            _ => Self(ErrorCode::Configuration),
        }
    }
}
