//! What the server renders and answers around the session, without a server: the contexts of one request are put
//! up by hand.

use std::sync::Arc;

use http::{HeaderMap, StatusCode, Uri, header, request::Parts};
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{
    store::{Gate, SessionStore},
    *,
};
use crate::claims::{Claims, Role, Session, SessionUser};

fn session(id: &str) -> Session {
    let user = SessionUser { id: id.to_owned(), name: Some("Ada".to_owned()), ..SessionUser::default() };
    Session { user, expires: "2030-01-01T00:00:00.000Z".to_owned() }
}

fn ada() -> SessionSnapshot {
    SessionSnapshot::Known(Some(session("1")))
}

struct Page {
    status: Option<StatusCode>,
    headers: HeaderMap,
    html: String,
}

impl Page {
    fn location(&self) -> Option<&str> {
        self.headers.get(header::LOCATION)?.to_str().ok()
    }
}

/// What the islands of a page are drawn in.
fn page() -> Owner {
    Owner::new_root(Some(Arc::new(SsrSharedContext::new())))
}

/// Renders `view` for a request of `uri` with that snapshot in its extensions.
fn render<V: RenderHtml>(
    snapshot: Option<SessionSnapshot>,
    uri: &'static str,
    view: impl FnOnce() -> V,
) -> Page {
    page().with(|| {
        let mut request = http::Request::new(());
        *request.uri_mut() = Uri::from_static(uri);
        request.extensions_mut().extend(
            snapshot
                .map(|snapshot| {
                    let mut extensions = http::Extensions::new();
                    extensions.insert(snapshot);
                    extensions
                })
                .unwrap_or_default(),
        );
        let parts: Parts = request.into_parts().0;
        let response = ResponseOptions::default();
        provide_context(parts);
        provide_context(response.clone());
        let html = view().to_html();
        let answer = response.0.read().map(|parts| (parts.status, parts.headers.clone())).unwrap_or_default();
        Page { status: answer.0, headers: answer.1, html }
    })
}

fn protected() -> impl RenderHtml {
    view! {
        <SessionProvider>
            <RequireSession>
                <p>"private"</p>
            </RequireSession>
        </SessionProvider>
    }
}

#[component]
fn Status() -> impl IntoView {
    let session = use_session();
    let name = move || {
        session.data.get().and_then(|session| session.user.name).unwrap_or_else(|| "nobody".to_owned())
    };
    view! { <p>{move || session.status.get().as_str()} "/" {name} "/" {move || session.unconfirmed.get()}</p> }
}

fn status() -> impl RenderHtml {
    view! { <SessionProvider><Status/></SessionProvider> }
}

/// U-31
#[test]
fn the_first_html_knows_who_is_signed_in() {
    let text = |page: Page| page.html.replace("<!>", "").replace("<!---->", "");
    assert!(text(render(Some(ada()), "/", status)).contains("authenticated/Ada/false"));
    let nobody = text(render(Some(SessionSnapshot::Known(None)), "/", status));
    assert!(nobody.contains("unauthenticated/nobody/false"), "{nobody}");
    assert!(text(render(Some(SessionSnapshot::Unavailable), "/", status)).contains("loading/nobody/true"));
}

/// The run that lists the routes has no request.
#[test]
fn without_a_request_nothing_panics_and_nothing_is_shown() {
    page().with(|| {
        assert!(!protected().to_html().contains("private"));
        assert!(view! { <Status/> }.to_html().contains("loading"));
    });
}

#[test]
fn a_signed_in_user_sees_the_page() {
    let page = render(Some(ada()), "/account", protected);
    assert!(page.html.contains("private"));
    assert_eq!((page.status, page.location()), (None, None));
}

#[test]
fn nobody_else_does() {
    let page = render(Some(SessionSnapshot::Known(None)), "/account?tab=1", protected);
    assert!(!page.html.contains("private"));
    assert_eq!(page.status, Some(StatusCode::FOUND));
    assert_eq!(page.location(), Some("/signin?error=SessionRequired&callbackUrl=%2Faccount%3Ftab%3D1"));
}

/// A server that forgot the middleware must not show everything to everybody.
#[test]
fn what_is_not_known_is_closed() {
    for snapshot in [Some(SessionSnapshot::Unavailable), None] {
        let page = render(snapshot, "/account", protected);
        assert!(!page.html.contains("private"));
        assert!(page.html.contains("role=\"status\""));
        assert_eq!(page.status, Some(StatusCode::SERVICE_UNAVAILABLE));
        assert!(page.headers.contains_key(header::RETRY_AFTER));
        assert_eq!(page.location(), None);
    }
}

#[test]
fn the_required_hook_redirects_as_well() {
    #[component]
    fn Inbox() -> impl IntoView {
        let session = use_session_required();
        move || session.status.get().as_str()
    }
    let inbox = || view! { <SessionProvider><Inbox/></SessionProvider> };
    let page = render(Some(SessionSnapshot::Known(None)), "/inbox", inbox);
    assert!(page.html.contains("loading") && page.status == Some(StatusCode::FOUND));
    let page = render(Some(ada()), "/inbox", inbox);
    assert!(page.html.contains("authenticated") && page.status.is_none());
}

/// U-32
#[test]
fn doubt_changes_nothing_but_the_flag() {
    Owner::new().with(|| {
        let store = SessionStore::new(ada());
        store.doubt();
        assert_eq!(store.hook.status.get(), SessionStatus::Authenticated);
        assert_eq!(store.hook.data.get(), Some(session("1")));
        assert!(store.hook.unconfirmed.get() && store.is_unconfirmed());
        store.adopt(Some(session("1")));
        assert!(!store.hook.unconfirmed.get());
    });
}

#[test]
fn the_gate_follows_the_answers() {
    let open = |id: &str| Gate::Open(id.to_owned());
    Owner::new().with(|| {
        let store = SessionStore::new(ada());
        assert_eq!(store.gate(), open("1"));
        store.adopt(Some(session("2")));
        assert_eq!((store.gate(), store.hook.data.get()), (open("2"), Some(session("2"))));
        store.adopt(None);
        assert_eq!((store.gate(), store.hook.data.get()), (Gate::Closed, None));
        assert_eq!(store.hook.status.get(), SessionStatus::Unauthenticated);
        store.doubt();
        assert_eq!(store.gate(), Gate::Closed);
    });
}

#[test]
fn an_update_keeps_the_data() {
    Owner::new().with(|| {
        let store = SessionStore::new(ada());
        store.set_updating(true);
        store.set_updating(true);
        store.set_updating(false);
        assert_eq!(store.hook.status.get(), SessionStatus::Loading);
        assert_eq!(store.hook.data.get(), Some(session("1")));
        store.set_updating(false);
        assert_eq!(store.hook.status.get(), SessionStatus::Authenticated);
    });
}

fn admin() -> SessionSnapshot {
    let mut session = session("1");
    session.user.claims.role = Some(Role::Admin);
    SessionSnapshot::Known(Some(session))
}

#[test]
fn claims_need_no_type_and_may_have_one() {
    Owner::new().with(|| {
        provide_context(SessionStore::new(admin()));
        let role = use_session().data.get().map(|session| session.user.claims.role);
        assert_eq!(role, Some(Some(Role::Admin)));
        assert_eq!(use_session::<Claims>().data.get(), use_session().data.get());
    });
}

#[test]
fn another_claims_type_sees_the_same_session() {
    #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
    struct Words {
        role: String,
    }
    #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
    struct Numbers {
        role: u32,
    }
    Owner::new().with(|| {
        let store = SessionStore::new(admin());
        provide_context(store);
        let (words, numbers) = (use_session_as::<Words>(), use_session_as::<Numbers>());
        assert_eq!(words.data.get().unwrap().user.claims.role, "admin");
        assert_eq!(numbers.data.get().unwrap().user.claims, Numbers::default());
        assert_eq!(numbers.data.get().unwrap().user.name.as_deref(), Some("Ada"));
        store.adopt(None);
        assert_eq!(words.data.get(), None);
        assert_eq!(words.status.get(), SessionStatus::Unauthenticated);
    });
}
