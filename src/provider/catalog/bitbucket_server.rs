//! Bitbucket Data Center, which was Bitbucket Server: OAuth 1.0a by an application link.

use crate::provider::{OAuth1Service, ProfileMap, Service, Setting, SignatureMethod};

/// Bitbucket Data Center.
pub const BITBUCKET_SERVER: Service = Service {
    name: "Bitbucket Data Center",
    color: "#0052cc",
    docs: "https://confluence.atlassian.com/bitbucketserver/configure-an-incoming-link-1108483657.html",
    console: "https://confluence.atlassian.com/bitbucketserver/link-to-other-applications-1018764620.html",
    has_mark: true,
    settings: &[Setting::issuer("https://bitbucket.example.com"), Setting::private_key()],
    // A name can be changed and then taken by somebody else.
    profile: ProfileMap { name: "displayName | name", email: "emailAddress", ..ProfileMap::ID },
    note: "In Bitbucket, create an incoming application link with a consumer key and the public key.",
    ..Service::oauth1(
        "bitbucket-server",
        OAuth1Service {
            signature: SignatureMethod::RsaSha1,
            // Nothing there tells all of the person who asks: a name first, and by it the person in the list of all.
            whoami: Some(("{base}/plugins/servlet/applinks/whoami", "values", "name")),
            ..OAuth1Service::new(
                "{base}/plugins/servlet/oauth/request-token",
                "{base}/plugins/servlet/oauth/authorize",
                "{base}/plugins/servlet/oauth/access-token",
                "{base}/rest/api/1.0/users?limit=100&filter={whoami}",
            )
        },
    )
};
