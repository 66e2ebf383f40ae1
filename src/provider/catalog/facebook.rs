//! Facebook: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Facebook.
pub const FACEBOOK: Service = Service {
    name: "Facebook",
    color: "#0866ff",
    docs: "https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow",
    console: "https://developers.facebook.com/apps/",
    has_mark: true,
    scopes: &["email"],
    profile: ProfileMap { name: "name", email: "email", image: "picture.data.url", ..ProfileMap::ID },
    note: "The address may be missing, and Facebook does not say whether it is checked. Until the application is live only people with a role in it can sign in.",
    ..Service::oauth2(
        "facebook",
        "https://www.facebook.com/v23.0/dialog/oauth",
        "https://graph.facebook.com/oauth/access_token",
        "https://graph.facebook.com/me?fields=id,name,email,picture",
    )
};
