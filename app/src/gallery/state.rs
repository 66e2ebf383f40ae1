//! The states that the gallery shows. Add one when a page gets a new state.

use leptos::prelude::*;
use leptos_auth::types::{
    AccountDevices, AccountMethods, AccountOverview, Activity, Done, ErrorCode, LinkOffer, SignInForm,
};

#[cfg(feature = "passkey")]
use leptos_auth::types::{PasskeyInfo, PasskeyList};

use super::{
    hook::{HookView, LongFormView},
    sample::{self, LONG_EMAIL, LONG_NAME},
};
#[cfg(feature = "passkey")]
use crate::page::PasskeysView;
use crate::{
    component::{OfflineNotice, PageHeader},
    page::{
        AccountForm, ActivityView, ConfirmEmailView, DataView, DevicesView, EmailLink, EmailLinkView,
        EmailView, ErrorHelpView, ErrorView, IncompleteLinkView, LinkView, MethodsView, NotFoundPage,
        Overview, Popup, PopupView, ProfileView, ServerErrorView, SignIn, SignInView, SignOut, SignOutView,
        UnavailableView, UndoView, VerifyRequestView, Waiting, WelcomeView,
    },
    text::Problem,
};

/// One state of one page.
pub struct State {
    /// Last part of its address.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Draws it.
    pub view: fn() -> AnyView,
}

pub(super) const fn state(name: &'static str, title: &'static str, view: fn() -> AnyView) -> State {
    State { name, title, view }
}

/// All states, in the order of a sign-in.
pub const STATES: &[State] = &[
    state("sign-in", "Sign in: empty", || sign_in(usual())),
    state("sign-in-filled", "Sign in: filled", || {
        sign_in(SignIn { email: text("ada@example.com"), ..usual() })
    }),
    state("sign-in-invalid", "Sign in: invalid address", || {
        sign_in(SignIn { email: text("ada@"), is_email_invalid: true, ..usual() })
    }),
    state("sign-in-one-provider", "Sign in: one provider, nothing else", || sign_in(with(1, false, false))),
    state("sign-in-three-providers", "Sign in: three providers", || sign_in(with(3, false, false))),
    state("sign-in-twelve-providers", "Sign in: twelve providers", || sign_in(with(12, true, true))),
    state("sign-in-many-providers", "Sign in: 107 providers", || sign_in(with(107, true, true))),
    state("sign-in-search", "Sign in: searched among 107 providers", || sign_in(searched("id"))),
    state("sign-in-search-one", "Sign in: searched for one that is above", || sign_in(searched("github"))),
    state("sign-in-search-none", "Sign in: nothing found", || sign_in(searched("example"))),
    state("sign-in-search-long", "Sign in: found a long name", || sign_in(searched("subsidiary"))),
    state("sign-in-last-of-many", "Sign in: one of 107 providers used last time", || {
        let mut state = with(107, false, false);
        if let Some(form) = &mut state.form {
            form.last_used = text("zoom");
        }
        sign_in(state)
    }),
    state("sign-in-email-only", "Sign in: email only", || sign_in(with(0, true, false))),
    state("sign-in-password-only", "Sign in: password only", || sign_in(with(0, false, true))),
    state("sign-in-shared-computer", "Sign in: shared computer", || {
        sign_in(SignIn { is_shared: true, ..usual() })
    }),
    state("sign-in-passkey", "Sign in: with a passkey", || sign_in(with_passkey(None))),
    state("sign-in-passkey-last-used", "Sign in: passkey used last time", || {
        sign_in(with_passkey(Some("passkey")))
    }),
    state("passkey-cancelled", "Sign in: no passkey chosen", || {
        sign_in(SignIn { problem: Some(ErrorCode::PasskeyCancelled.into()), ..with_passkey(None) })
    }),
    state("passkey-refused", "Sign in: passkey of another site, or removed", || {
        sign_in(SignIn { problem: Some(ErrorCode::WebAuthnVerificationError.into()), ..with_passkey(None) })
    }),
    state("sign-in-no-methods", "Sign in: no way in is switched on", || sign_in(with(0, false, false))),
    state("sign-in-last-used", "Sign in: provider used last time", || sign_in(last_used("google"))),
    state("sign-in-last-used-email", "Sign in: email used last time", || sign_in(last_used("email"))),
    state("sign-in-signed-in", "Sign in: already signed in", || sign_in(signed_in("Ada Lovelace"))),
    state("sign-in-long-name", "Sign in: already signed in, long name", || sign_in(signed_in(LONG_NAME))),
    state("wrong-credentials", "Sign in: wrong credentials", || problem(ErrorCode::CredentialsSignin)),
    state("throttled", "Sign in: too many attempts", || {
        sign_in(SignIn { problem: Some(throttled()), ..usual() })
    }),
    state("provider-cancelled", "Sign in: cancelled at the provider", || problem(ErrorCode::AccessDenied)),
    state("provider-down", "Sign in: provider down", || problem(ErrorCode::OAuthSignin)),
    state("provider-answer", "Sign in: odd answer of the provider", || {
        problem(ErrorCode::OAuthCallbackError)
    }),
    state("account-exists", "Sign in: account exists with another method", || {
        let mut state = SignIn { problem: Some(ErrorCode::OAuthAccountNotLinked.into()), ..usual() };
        if let Some(form) = &mut state.form {
            form.waits_to_link = text("GitHub");
        }
        sign_in(state)
    }),
    state("email-not-sent", "Sign in: email not sent", || problem(ErrorCode::EmailSignin)),
    state("form-too-old", "Sign in: form open for too long", || problem(ErrorCode::MissingCSRF)),
    state("signed-out-elsewhere", "Sign in: session ended elsewhere", || problem(ErrorCode::SessionRequired)),
    state("unavailable", "Sign in: database away", || problem(ErrorCode::Unavailable)),
    state("brand-bakery", "Brand: a bakery", || sign_in(with(3, true, false))),
    state("brand-bank", "Brand: a bank", || sign_in(with(3, true, false))),
    state("brand-arcade", "Brand: an arcade", || sign_in(with(3, true, false))),
    state("brand-garden", "Brand: a garden", || sign_in(with(3, true, false))),
    state("offline", "Offline", || view! { <OfflineNotice/> {sign_in(usual())} }.into_any()),
    state("popup-waiting", "Popup: on its way", || popup(Popup::Waiting)),
    state("popup-done", "Popup: signed in", || popup(Popup::Done)),
    state("popup-failed", "Popup: came back without a session", || popup(Popup::NotSignedIn)),
    state("link-sent", "Verify: link sent", || waiting(sample::request("ada@gmail.com", 0, 900), None)),
    state("resend-wait", "Verify: wait before sending again", || {
        waiting(sample::request("ada@example.com", 30, 900), None)
    }),
    state("code-wrong", "Verify: wrong code", || {
        waiting(sample::request("ada@example.com", 0, 700), Some(ErrorCode::Verification.into()))
    }),
    state("code-expired", "Verify: code expired", || waiting(sample::request("ada@example.com", 0, 0), None)),
    state("code-throttled", "Verify: too many codes", || {
        waiting(sample::request("ada@example.com", 0, 700), Some(throttled()))
    }),
    state("link-sent-long", "Verify: long address", || waiting(sample::request(LONG_EMAIL, 12, 900), None)),
    state("link-wrong-browser", "Verify: nothing asked in this browser", || {
        view! { <VerifyRequestView waiting=Waiting::default()/> }.into_any()
    }),
    state("verify-signed-in", "Verify: already signed in", || {
        let waiting = Waiting {
            request: Some(sample::request("ada@example.com", 0, 900)),
            problem: None,
            signed_in_as: text("Grace Hopper"),
        };
        view! { <VerifyRequestView waiting/> }.into_any()
    }),
    state("link", "Link: confirm", || link("ada@example.com", None)),
    state("link-other-user", "Link: somebody else is signed in", || {
        link("ada@example.com", Some("Grace Hopper"))
    }),
    state("link-long", "Link: long address", || link(LONG_EMAIL, None)),
    state("link-used", "Link: used or expired", || error(ErrorCode::Verification)),
    state("error-help", "Error: all messages", || view! { <ErrorHelpView/> }.into_any()),
    state("error-denied", "Error: access denied", || error(ErrorCode::AccessDenied)),
    state("error-configuration", "Error: our fault", || error(ErrorCode::Configuration)),
    state("error-unavailable", "Error: database away", || error(ErrorCode::Unavailable)),
    state("sign-out", "Sign out", || sign_out(Some("Ada Lovelace"))),
    state("signed-out", "Sign out: nobody signed in", || sign_out(None)),
    state("welcome", "Welcome", || welcome("Ada Lovelace")),
    state("welcome-long", "Welcome: long name", || welcome(LONG_NAME)),
    state("account", "Account", || account(text("Ada Lovelace"), text("ada@example.com"))),
    state("account-bare", "Account: nothing known", || account(None, None)),
    state("account-long", "Account: long name", || account(text(LONG_NAME), text(LONG_EMAIL))),
    state("account-saved", "Account: saved, to be deleted", || {
        let account = AccountOverview { deletion: text("2026-12-21T08:00:00.000Z"), ..sample::account() };
        view! { <ProfileView form=account_form(Some(Done::ProfileSaved)) account/> }.into_any()
    }),
    state("account-email", "Email address", || account_email(None, sample::account())),
    state("account-email-waiting", "Email address: waits for its confirmation", || {
        let account = AccountOverview { new_email: text("ada@example.org"), ..sample::account() };
        account_email(Some(Done::EmailChangeSent), account)
    }),
    state("account-email-not-fresh", "Email address: to be confirmed first", || {
        account_email(None, AccountOverview { is_fresh: false, is_email_proven: false, ..sample::account() })
    }),
    state("account-email-confirm", "Email address: the link of the mail", || {
        let account = AccountOverview { new_email: text(LONG_EMAIL), ..sample::account() };
        view! { <ConfirmEmailView form=account_form(None) account token=Some(String::new())/> }.into_any()
    }),
    state("account-methods", "Sign-in methods", || account_methods(None, None, sample::methods(2))),
    state("account-methods-linked", "Sign-in methods: linked", || {
        account_methods(Some(Done::Linked), None, sample::methods(1))
    }),
    state("account-methods-last", "Sign-in methods: the last one", || {
        account_methods(None, Some(ErrorCode::LastMethod), sample::last_method())
    }),
    state("account-methods-not-fresh", "Sign-in methods: to be confirmed first", || {
        account_methods(None, None, AccountMethods { is_fresh: false, ..sample::methods(1) })
    }),
    state("account-methods-other-user", "Sign-in methods: account of somebody else", || {
        account_methods(None, Some(ErrorCode::AccountOfAnotherUser), sample::methods(0))
    }),
    state("account-methods-empty", "Sign-in methods: nothing is kept", || {
        let none = AccountMethods { providers: Vec::new(), ..sample::last_method() };
        account_methods(None, None, none)
    }),
    state("account-devices", "Devices", || account_devices(None, sample::devices(4))),
    state("account-devices-one", "Devices: only this one", || {
        account_devices(Some(Done::OthersSignedOut), sample::devices(1))
    }),
    state("account-devices-not-fresh", "Devices: to be confirmed first", || {
        account_devices(None, AccountDevices { is_fresh: false, ..sample::devices(3) })
    }),
    state("account-devices-empty", "Devices: no list is kept", || account_devices(None, sample::devices(0))),
    state("account-link", "Link: asked", || account_link(ready(text("octocat")))),
    state("account-link-long", "Link: asked, long name", || account_link(ready(text(LONG_EMAIL)))),
    state("account-link-other-user", "Link: of another address", || {
        account_link(LinkOffer::OtherUser { method: sample::methods(0).providers.remove(0).method })
    }),
    state("account-link-nothing", "Link: nothing waits", || account_link(LinkOffer::Nothing)),
    #[cfg(feature = "passkey")]
    state("account-passkeys", "Passkeys", || passkeys(None, sample::passkeys())),
    #[cfg(feature = "passkey")]
    state("account-passkeys-none", "Passkeys: none yet", || passkeys(None, Vec::new())),
    #[cfg(feature = "passkey")]
    state("account-passkeys-taken", "Passkeys: there is one already", || {
        passkeys(Some(ErrorCode::PasskeyTaken), sample::passkeys())
    }),
    #[cfg(feature = "passkey")]
    state("account-passkeys-not-fresh", "Passkeys: to be confirmed first", || {
        let list = PasskeyList { passkeys: sample::passkeys(), is_fresh: false };
        view! { <PasskeysView form=account_form(None) list/> }.into_any()
    }),
    state("account-data", "Your data", || account_data(sample::account())),
    state("account-data-deletion", "Your data: waits for its deletion", || {
        account_data(AccountOverview { deletion: text("2026-12-21T08:00:00.000Z"), ..sample::account() })
    }),
    state("account-activity", "Activity", || account_activity(sample::activity())),
    state("account-activity-empty", "Activity: nothing yet", || account_activity(Activity::default())),
    state("account-undo", "This wasn't me: the link of the mail", || {
        undo(Some(("gallery".to_owned(), sample::form(0, true, false))), None)
    }),
    state("account-undo-used", "This wasn't me: used or expired", || {
        undo(None, Some(ErrorCode::Verification.into()))
    }),
    state("link-incomplete", "Link: incomplete, the code can be typed", || incomplete_link("/signin", true)),
    state("link-incomplete-elsewhere", "Link: incomplete, in another browser", || {
        incomplete_link("/forgot-password", false)
    }),
    state("maintenance", "Maintenance (503)", || view! { <UnavailableView/> }.into_any()),
    state("not-found", "Not found (404)", || view! { <NotFoundPage/> }.into_any()),
    state("overview", "In development: what is on, wrong and off", || overview("")),
    state("overview-search", "In development: searched among what is off", || overview("g")),
    state("hook", "The session hook", || view! { <HookView/> }.into_any()),
    state("long-form", "A form that outlives the session", || view! { <LongFormView/> }.into_any()),
    state("server-error", "Server error (500)", || view! { <ServerErrorView/> }.into_any()),
];

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn with(providers: usize, email: bool, password: bool) -> SignIn {
    SignIn { form: Some(sample::form(providers, email, password)), ..SignIn::default() }
}

fn searched(search: &str) -> SignIn {
    SignIn { search: search.to_owned(), ..with(107, true, false) }
}

fn usual() -> SignIn {
    with(2, true, true)
}

fn signed_in(name: &str) -> SignIn {
    SignIn { signed_in_as: text(name), ..usual() }
}

fn last_used(id: &str) -> SignIn {
    let mut state = usual();
    if let Some(form) = &mut state.form {
        form.last_used = text(id);
    }
    state
}

fn with_passkey(last_used: Option<&str>) -> SignIn {
    let mut state = with(2, true, false);
    if let Some(form) = &mut state.form {
        form.providers.push(sample::passkey());
        form.last_used = last_used.map(str::to_owned);
    }
    state
}

pub(super) fn throttled() -> Problem {
    Problem { code: ErrorCode::RateLimited, retry_after: Some(42) }
}

fn sign_in(state: SignIn) -> AnyView {
    view! { <SignInView state/> }.into_any()
}

fn popup(state: Popup) -> AnyView {
    view! { <PopupView state/> }.into_any()
}

fn problem(code: ErrorCode) -> AnyView {
    sign_in(SignIn { problem: Some(code.into()), email: text("ada@example.com"), ..usual() })
}

fn waiting(request: leptos_auth::types::VerifyRequest, problem: Option<Problem>) -> AnyView {
    view! { <VerifyRequestView waiting=Waiting { request: Some(request), problem, signed_in_as: None }/> }
        .into_any()
}

fn link(email: &str, signed_in_as: Option<&str>) -> AnyView {
    let link = EmailLink {
        token: "gallery".to_owned(),
        email: email.to_owned(),
        form: sample::form(0, true, false),
        is_shared: false,
        signed_in_as: signed_in_as.map(str::to_owned),
    };
    view! { <EmailLinkView link/> }.into_any()
}

fn incomplete_link(new_email: &str, is_waiting: bool) -> AnyView {
    let new_email = new_email.to_owned();
    view! { <IncompleteLinkView new_email is_waiting/> }.into_any()
}

fn error(code: ErrorCode) -> AnyView {
    view! { <ErrorView code/> }.into_any()
}

fn sign_out(name: Option<&str>) -> AnyView {
    let state = SignOut { form: Some(sample::form(0, false, false)), signed_in_as: name.map(str::to_owned) };
    view! { <SignOutView state/> }.into_any()
}

fn welcome(name: &str) -> AnyView {
    view! { <WelcomeView name=text(name) form=with_passkey(None).form/> }.into_any()
}

#[cfg(feature = "passkey")]
fn passkeys(problem: Option<ErrorCode>, passkeys: Vec<PasskeyInfo>) -> AnyView {
    let form = AccountForm { problem: problem.map(Into::into), ..account_form(None) };
    view! { <PasskeysView form list=PasskeyList { passkeys, is_fresh: true }/> }.into_any()
}

fn overview(search: &str) -> AnyView {
    view! {
        <section class="card page">
            <PageHeader title="In development">"As on the front page."</PageHeader>
            <Overview features=sample::features() search=search.to_owned()/>
        </section>
    }
    .into_any()
}

fn account(name: Option<String>, email: Option<String>) -> AnyView {
    let account = AccountOverview { name, email, ..sample::account() };
    view! { <ProfileView form=account_form(None) account/> }.into_any()
}

pub(super) fn account_form(done: Option<Done>) -> AccountForm {
    AccountForm { csrf_token: String::new(), problem: None, done, pages_off: Vec::new() }
}

fn account_email(done: Option<Done>, account: AccountOverview) -> AnyView {
    view! { <EmailView form=account_form(done) account/> }.into_any()
}

fn account_data(account: AccountOverview) -> AnyView {
    view! { <DataView form=account_form(None) account/> }.into_any()
}

fn account_activity(activity: Activity) -> AnyView {
    view! { <ActivityView form=account_form(None) activity/> }.into_any()
}

fn undo(link: Option<(String, SignInForm)>, problem: Option<Problem>) -> AnyView {
    view! { <UndoView link problem/> }.into_any()
}

fn account_methods(done: Option<Done>, problem: Option<ErrorCode>, methods: AccountMethods) -> AnyView {
    let form = AccountForm { problem: problem.map(Into::into), ..account_form(done) };
    view! { <MethodsView form methods/> }.into_any()
}

fn account_devices(done: Option<Done>, devices: AccountDevices) -> AnyView {
    view! { <DevicesView form=account_form(done) devices/> }.into_any()
}

fn ready(account_name: Option<String>) -> LinkOffer {
    let method = sample::methods(0).providers.remove(0).method;
    LinkOffer::Ready { method, account_name, callback_url: "/".to_owned() }
}

fn account_link(offer: LinkOffer) -> AnyView {
    view! { <LinkView form=account_form(None) offer/> }.into_any()
}
