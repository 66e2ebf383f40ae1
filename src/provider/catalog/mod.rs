//! The services we know, one small file of data each. A service is on when its variables are set.
//!
//! To add one, copy the file of one like it, and name it twice below. Marks are in `public/marks`.

mod apple;
mod asgardeo;
mod atlassian;
mod auth0;
mod authentik;
mod azure_ad;
mod azure_ad_b2c;
mod bankid_no;
mod basecamp;
mod battlenet;
mod beyondidentity;
mod bitbucket;
mod bitbucket_server;
mod box_com;
mod boxyhq_saml;
mod bungie;
mod click_up;
mod cognito;
mod coinbase;
mod concept2;
mod descope;
mod discogs;
mod discord;
mod dribbble;
mod dropbox;
mod duende_identity_server6;
mod eventbrite;
mod eveonline;
mod facebook;
mod faceit;
mod figma;
mod flickr;
mod foursquare;
mod freshbooks;
mod frontegg;
mod fusionauth;
mod github;
mod gitlab;
mod google;
mod hubspot;
mod huggingface;
mod hydra;
mod identity_server4;
mod instagram;
mod kakao;
mod keycloak;
mod kinde;
mod line;
mod linkedin;
mod logto;
mod mailchimp;
mod mailru;
mod mastodon;
mod mattermost;
mod medium;
mod microsoft_entra_id;
mod naver;
mod netlify;
mod netsuite;
mod nextcloud;
mod notion;
mod okta;
mod onelogin;
mod osso;
mod osu;
mod patreon;
mod ping_id;
mod pinterest;
mod pipedrive;
mod reddit;
mod roblox;
mod salesforce;
mod school_42;
mod simplelogin;
mod slack;
mod spotify;
mod strava;
mod threads;
mod tiktok;
mod todoist;
mod trakt;
mod tumblr;
mod twitch;
mod twitter;
mod twitter_1_0a;
mod united_effects;
mod vipps;
mod vk;
mod webex;
mod wechat;
mod wikimedia;
mod wordpress;
mod workos;
mod yandex;
mod zitadel;
mod zoho;
mod zoom;

use super::Service;

macro_rules! services {
    ($($module:ident $service:ident,)+) => {
        $(pub use $module::$service;)+

        /// All of them, by id.
        pub const SERVICES: &[&Service] = &[$(&$service,)+];
    };
}

services! {
    apple APPLE,
    asgardeo ASGARDEO,
    atlassian ATLASSIAN,
    auth0 AUTH0,
    authentik AUTHENTIK,
    azure_ad AZURE_AD,
    azure_ad_b2c AZURE_AD_B2C,
    bankid_no BANKID_NO,
    basecamp BASECAMP,
    battlenet BATTLENET,
    beyondidentity BEYONDIDENTITY,
    bitbucket BITBUCKET,
    bitbucket_server BITBUCKET_SERVER,
    box_com BOX,
    boxyhq_saml BOXYHQ_SAML,
    bungie BUNGIE,
    click_up CLICK_UP,
    cognito COGNITO,
    coinbase COINBASE,
    concept2 CONCEPT2,
    descope DESCOPE,
    discogs DISCOGS,
    discord DISCORD,
    dribbble DRIBBBLE,
    dropbox DROPBOX,
    duende_identity_server6 DUENDE_IDENTITY_SERVER6,
    eventbrite EVENTBRITE,
    eveonline EVEONLINE,
    facebook FACEBOOK,
    faceit FACEIT,
    figma FIGMA,
    flickr FLICKR,
    foursquare FOURSQUARE,
    freshbooks FRESHBOOKS,
    frontegg FRONTEGG,
    fusionauth FUSIONAUTH,
    github GITHUB,
    gitlab GITLAB,
    google GOOGLE,
    hubspot HUBSPOT,
    huggingface HUGGINGFACE,
    hydra HYDRA,
    identity_server4 IDENTITY_SERVER4,
    instagram INSTAGRAM,
    kakao KAKAO,
    keycloak KEYCLOAK,
    kinde KINDE,
    line LINE,
    linkedin LINKEDIN,
    logto LOGTO,
    mailchimp MAILCHIMP,
    mailru MAILRU,
    mastodon MASTODON,
    mattermost MATTERMOST,
    medium MEDIUM,
    microsoft_entra_id MICROSOFT_ENTRA_ID,
    naver NAVER,
    netlify NETLIFY,
    netsuite NETSUITE,
    nextcloud NEXTCLOUD,
    notion NOTION,
    okta OKTA,
    onelogin ONELOGIN,
    osso OSSO,
    osu OSU,
    patreon PATREON,
    ping_id PING_ID,
    pinterest PINTEREST,
    pipedrive PIPEDRIVE,
    reddit REDDIT,
    roblox ROBLOX,
    salesforce SALESFORCE,
    school_42 SCHOOL_42,
    simplelogin SIMPLELOGIN,
    slack SLACK,
    spotify SPOTIFY,
    strava STRAVA,
    threads THREADS,
    tiktok TIKTOK,
    todoist TODOIST,
    trakt TRAKT,
    tumblr TUMBLR,
    twitch TWITCH,
    twitter TWITTER,
    united_effects UNITED_EFFECTS,
    vipps VIPPS,
    vk VK,
    webex WEBEX,
    wechat WECHAT,
    wikimedia WIKIMEDIA,
    wordpress WORDPRESS,
    workos WORKOS,
    yandex YANDEX,
    zitadel ZITADEL,
    zoho ZOHO,
    zoom ZOOM,
}

pub use twitter_1_0a::TWITTER_1_0A;

/// Services that Auth.js knows and that are no more, with what to say of each.
pub const ENDED: [(&str, &str); 3] = [
    (
        "azure-devops",
        "Microsoft takes no new applications since April 2025 and names Entra ID (AUTH_MICROSOFT_ENTRA_ID_ID) instead.",
    ),
    ("mixer", "Microsoft closed Mixer in July 2020."),
    ("passage", "1Password ended Passage in January 2026."),
];

/// The service of that id.
#[must_use]
pub fn service(id: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.id == id).copied()
}

/// Why there is no service of that id any more.
#[must_use]
pub fn ended(id: &str) -> Option<&'static str> {
    ENDED.iter().find(|(ended, _)| *ended == id).map(|(_, why)| *why)
}
