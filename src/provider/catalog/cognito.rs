//! Amazon Cognito: OpenID Connect.

use crate::provider::{ProfileMap, Service, Setting};

/// Amazon Cognito.
pub const COGNITO: Service = Service {
    name: "Amazon Cognito",
    color: "#dd344c",
    docs: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html",
    console: "https://console.aws.amazon.com/cognito",
    settings: &[Setting::issuer("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI")],
    profile: ProfileMap {
        name: "name | nickname | preferred_username | cognito:username",
        ..ProfileMap::CLAIMS
    },
    ..Service::oidc("cognito", "{issuer}")
};
