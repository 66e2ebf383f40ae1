//! `/signin`: shows every enabled sign-in method. Works without scripts; errors are passed as `?error=`.

use leptos::prelude::*;
use leptos_auth::types::{Done, ErrorCode, ProviderType, SignInForm, SignInMethod};
use leptos_auth_locales::sign_in;
use leptos_meta::Title;

use super::{query, query_done, query_is_shared, query_problem, with_query};
#[cfg(feature = "passkey")]
use crate::{component::PasskeyForm, passkey::PasskeyAction};
use crate::{
    component::{
        AuthCard, AuthForm, AuthForms, DoneNotice, EmailField, Field, MoreProviders, PageHeader,
        PasswordField, ProviderButton, SubmitButton, display_name, search_text,
    },
    server_fn::load_sign_in_form,
    session::use_session,
    text::{APP_NAME, ErrorText, Problem, page_title, t, t_around, t_with},
};

/// So many provider buttons are shown; the others are in a fold with a search.
const SHOWN_PROVIDERS: usize = 4;

/// The method that shares its field for the address with the email link.
const PASSWORD: &str = "password";

/// The id of passkeys among the methods.
const PASSKEY: &str = "passkey";

/// Where there is no other form with a password it can only have been that one.
fn wrong_password() -> ErrorText {
    ErrorText::new(sign_in::WRONG_PASSWORD, sign_in::WRONG_PASSWORD_ADVICE)
}

/// What the page shows.
#[derive(Clone, Default)]
pub struct SignIn {
    /// The methods, the token, and where to go afterwards.
    pub form: Option<SignInForm>,
    /// Why the last try did not work.
    pub problem: Option<Problem>,
    /// What another form did before it led here.
    pub done: Option<Done>,
    /// Name of whoever is signed in already.
    pub signed_in_as: Option<String>,
    /// What stands in the email field at first.
    pub email: Option<String>,
    /// Whether this is a computer that others use as well.
    pub is_shared: bool,
    /// What was searched for among the providers.
    pub search: String,
    /// Starts with the email field marked as wrong.
    pub is_email_invalid: bool,
    /// Whether passkeys are offered in the fields.
    pub has_autofill: bool,
}

/// The page.
#[component]
pub fn SignInPage() -> impl IntoView {
    let form = load_sign_in_form(query("callbackUrl"));
    let (problem, done) = (query_problem(), query_done());
    let is_shared = query_is_shared();
    let search = search_text(query("q"));
    let user = use_session().data.get_untracked().map(|session| session.user);
    // Who has to confirm that it is them does not want to go on as before.
    let is_confirming = problem.is_some_and(|problem| problem.code == ErrorCode::ReauthenticationRequired);
    let signed_in_as = user.as_ref().filter(|_| !is_confirming).map(display_name);
    view! {
        <Title text=page_title(t(sign_in::PAGE))/>
        <SignInView state=SignIn {
            form,
            problem,
            done,
            signed_in_as,
            is_shared,
            search,
            has_autofill: true,
            ..SignIn::default()
        }/>
    }
}

/// The view.
#[component]
pub fn SignInView(state: SignIn) -> impl IntoView {
    let problem = state.problem;
    let Some(form) = state.form.clone() else {
        return view! { <p class="card" role="status">{t(sign_in::LOADING)}</p> }.into_any();
    };
    let is_signed_in = state.signed_in_as.is_some();
    let callback_url = form.callback_url.clone();
    let waits = form.waits_to_link.clone();
    let has_methods = !form.providers.is_empty();
    let (is_shared, target) = (state.is_shared, form.callback_url.clone());
    let has_password = form.providers.iter().any(|method| method.id == PASSWORD);
    let has_credentials = form.providers.iter().any(is_other_credentials);
    let own_text =
        (has_password && !has_credentials).then(|| (ErrorCode::CredentialsSignin, wrong_password()));
    let advice = if form.providers.is_empty() { t(sign_in::SOON) } else { t(sign_in::CHOOSE) };
    view! {
        <AuthCard>
            <PageHeader title=t_with(sign_in::TITLE, &[("app", APP_NAME)])>{advice}</PageHeader>
            <AuthForms problem own_text>
                <Waiting waits problem/>
                <DoneNotice done=state.done/>
                {state.signed_in_as.clone().map(|name| view! { <AlreadySignedIn name callback_url/> })}
                <Methods form state is_signed_in/>
            </AuthForms>
            {has_password.then(|| view! { <SignUpLink is_shared target=target.clone()/> })}
            {has_methods.then(|| view! { <SharedComputer is_shared target/> })}
        </AuthCard>
    }
    .into_any()
}

/// What follows for whoever came to the address of an account that they have. Which ways it has is not said: whoever
/// reads this has proven nothing.
#[component]
fn Waiting(waits: Option<String>, problem: Option<Problem>) -> impl IntoView {
    let is_asked = problem.is_some_and(|problem| problem.code == ErrorCode::OAuthAccountNotLinked);
    let name = waits.filter(|_| is_asked)?;
    Some(view! { <p>{t_with(sign_in::WAITS_TO_LINK, &[("provider", name.as_str())])}</p> })
}

/// Says so instead of going on by itself: whoever opens this page may want another account.
#[component]
fn AlreadySignedIn(name: String, callback_url: String) -> impl IntoView {
    let (before, after) = t_around(sign_in::SIGNED_IN_AS);
    let (continue_before, continue_after) = t_around(sign_in::CONTINUE_AS);
    view! {
        <section class="stack">
            <p>{before}<strong><bdi>{name.clone()}</bdi></strong>{after}</p>
            <a class="button button-primary button-wide" href=callback_url>
                <span class="truncate">{continue_before}<bdi>{name}</bdi>{continue_after}</span>
            </a>
        </section>
        <h2 class="divider">{t(sign_in::OTHER_ACCOUNT)}</h2>
    }
}

/// The way to a new account, which takes along what was chosen here.
#[component]
fn SignUpLink(is_shared: bool, target: String) -> impl IntoView {
    let remember = if is_shared { "false" } else { "true" };
    let href = with_query("/signup", &[("callbackUrl", &target), ("remember", remember)]);
    view! { <a class="quiet-link justify-center" href=href>{t(sign_in::SIGN_UP)}</a> }
}

/// Whether the browser remembers the session. A link and not a box to tick, because the page has several forms, and
/// what is chosen must hold for each of them, also without scripts.
#[component]
fn SharedComputer(is_shared: bool, target: String) -> impl IntoView {
    let href = |remember: &str| with_query("/signin", &[("callbackUrl", &target), ("remember", remember)]);
    if is_shared {
        view! {
            <p class="hint">
                {t(sign_in::SHARED)}" "
                <a class="link" href=href("true")>{t(sign_in::STAY)}</a>
            </p>
        }
        .into_any()
    } else {
        view! { <a class="quiet-link justify-center" href=href("false")>{t(sign_in::DO_NOT_STAY)}</a> }
            .into_any()
    }
}

/// The ways in, the one used last time first.
#[component]
fn Methods(form: SignInForm, state: SignIn, is_signed_in: bool) -> impl IntoView {
    if form.providers.is_empty() {
        return view! { <NoMethods/> }.into_any();
    }
    let last_used = form.last_used.clone().unwrap_or_default();
    let (is_shared, search) = (state.is_shared, state.search.clone());
    let of_type = |wanted: &[ProviderType]| {
        form.providers.iter().find(|provider| wanted.contains(&provider.r#type)).cloned()
    };
    let email = of_type(&[ProviderType::Email]);
    let credentials = form.providers.iter().find(|method| is_other_credentials(method)).cloned();
    let has_password = form.providers.iter().any(|method| method.id == PASSWORD);
    let has_providers = of_type(&[ProviderType::OAuth, ProviderType::Oidc]).is_some();
    // One button of the page is the main one: going on as who you are, else email, else the password.
    let is_email_main = !is_signed_in;
    let is_password_main = !is_signed_in && email.is_none() && !has_password;

    let passkey = passkey(&form, &state);
    let mut sections = Vec::new();
    if has_providers {
        let is_main = is_password_main && credentials.is_none();
        sections.push((false, view! { <Providers form=form.clone() is_main is_shared search/> }.into_any()));
    }
    if has_password {
        let (has_other_password, is_last) =
            (credentials.is_some(), [PASSWORD, "email"].contains(&last_used.as_str()));
        let section = view! {
            <AddressForm form=form.clone() state is_main=is_email_main last_used=last_used.clone() has_other_password/>
        };
        sections.push((is_last, section.into_any()));
    } else if let Some(provider) = email {
        let is_last = provider.id == last_used;
        let section = view! { <EmailForm provider form=form.clone() state is_main=is_email_main is_last/> };
        sections.push((is_last, section.into_any()));
    }
    if let Some(provider) = credentials {
        let is_last = provider.id == last_used;
        let section = view! { <PasswordForm provider form=form.clone() is_main=is_password_main is_named=has_password is_last is_shared/> };
        sections.push((is_last, section.into_any()));
    }
    sections.sort_by_key(|(is_last, _)| !is_last);
    let sections = sections.into_iter().map(|(_, section)| section).enumerate();
    let sections = sections.map(|(index, section)| {
        let divider = (index > 0).then(|| view! { <p class="divider">{t(sign_in::OR)}</p> });
        view! { {divider} {section} }
    });
    let (before, after) = if last_used == PASSKEY { (passkey, None) } else { (None, passkey) };
    view! { {before} {sections.collect_view()} {after} }.into_any()
}

/// The button for a passkey with its divider: they come with the scripts, so the other ways stand without them.
#[cfg(feature = "passkey")]
fn passkey(form: &SignInForm, state: &SignIn) -> Option<AnyView> {
    form.providers.iter().find(|provider| provider.id == PASSKEY)?;
    let is_alone = form.providers.len() == 1;
    let is_last_used = form.last_used.as_deref() == Some(PASSKEY);
    let (csrf_token, callback_url) = (form.csrf_token.clone(), form.callback_url.clone());
    let (is_shared, has_autofill) = (state.is_shared, state.has_autofill);
    let button = view! {
        <PasskeyForm
            action=PasskeyAction::Authenticate
            csrf_token
            callback_url
            is_shared
            is_primary=is_alone
            is_last_used
            has_autofill
            label=t(sign_in::PASSKEY)
        />
    };
    let divider = (!is_alone).then(|| view! { <p class="divider">{t(sign_in::OR)}</p> });
    let section = if is_last_used {
        view! { {button} {divider} }.into_any()
    } else {
        view! { {divider} {button} }.into_any()
    };
    let without = is_alone
        .then(|| view! { <p class="muted" data-without-passkeys="">{t(sign_in::NEEDS_PASSKEYS)}</p> });
    Some(view! { <div class="no-box" data-needs-passkeys="" hidden>{section}</div> {without} }.into_any())
}

#[cfg(not(feature = "passkey"))]
fn passkey(_: &SignInForm, state: &SignIn) -> Option<AnyView> {
    let _ = state.has_autofill;
    None
}

#[component]
fn NoMethods() -> impl IntoView {
    view! {
        <div class="stack">
            <p><strong>{t(sign_in::NO_METHODS)}</strong></p>
            <p class="muted">{t(sign_in::NO_METHODS_ADVICE)}</p>
        </div>
    }
}

/// Buttons of the providers: the one used last time first, the rest behind a fold.
#[component]
fn Providers(form: SignInForm, is_main: bool, is_shared: bool, search: String) -> impl IntoView {
    let SignInForm { providers, csrf_token, callback_url, last_used, .. } = form;
    let last_used = last_used.unwrap_or_default();
    let is_button = |method: &SignInMethod| matches!(method.r#type, ProviderType::OAuth | ProviderType::Oidc);
    let mut methods: Vec<_> = providers.into_iter().filter(is_button).collect();
    methods.sort_by_key(|method| method.id != last_used);
    // Of several none is the main one.
    let is_primary = is_main && methods.len() == 1;
    let more = methods.split_off(methods.len().min(SHOWN_PROVIDERS));
    let shown: Vec<_> = methods.iter().map(|method| method.name.clone()).collect();
    let buttons = methods.into_iter().map(|method| {
        let is_last_used = method.id == last_used;
        let (csrf_token, callback_url) = (csrf_token.clone(), callback_url.clone());
        view! { <ProviderButton method csrf_token callback_url is_shared is_last_used is_primary/> }
    });
    let buttons = buttons.collect_view();
    let more = (!more.is_empty()).then(|| {
        view! { <MoreProviders methods=more shown search csrf_token callback_url is_shared/> }
    });
    view! { <section class="stack" aria-label=t(sign_in::PROVIDERS)>{buttons} {more}</section> }
}

#[component]
fn EmailForm(
    provider: SignInMethod,
    form: SignInForm,
    state: SignIn,
    is_main: bool,
    is_last: bool,
) -> impl IntoView {
    view! {
        <AuthForm
            provider=provider.id.clone()
            action=format!("/api/auth/signin/{}", provider.id)
            csrf_token=form.csrf_token
            callback_url=form.callback_url
            is_shared=state.is_shared
        >
            <EmailField
                label=t(sign_in::EMAIL)
                autocomplete="username webauthn"
                help=t(sign_in::EMAIL_HELP)
                value=state.email
                is_invalid=state.is_email_invalid
                refused_by=[ErrorCode::EmailSignin]
            />
            <SubmitButton is_primary=is_main is_last_used=is_last>{t(sign_in::SEND_LINK)}</SubmitButton>
        </AuthForm>
    }
}

/// One address for two ways in: a password, or a link by email. Enter presses the first button.
#[component]
fn AddressForm(
    form: SignInForm,
    state: SignIn,
    is_main: bool,
    last_used: String,
    has_other_password: bool,
) -> impl IntoView {
    // Of two passwords on the page it may have been the other one.
    let password_refused_by = if has_other_password { vec![] } else { vec![ErrorCode::CredentialsSignin] };
    let email_refused_by = [&password_refused_by[..], &[ErrorCode::EmailSignin]].concat();
    // Two fields of one page need two names; a browser fills both by what they are for.
    let (id, label) = if has_other_password {
        ("account-password", t(sign_in::ACCOUNT_PASSWORD))
    } else {
        ("password", t(sign_in::PASSWORD))
    };
    let forgot = with_query("/forgot-password", &[("callbackUrl", &form.callback_url)]);
    view! {
        <AuthForm
            provider="email"
            action="/api/auth/callback/password"
            csrf_token=form.csrf_token
            callback_url=form.callback_url
            is_shared=state.is_shared
        >
            <EmailField
                label=t(sign_in::EMAIL)
                autocomplete="username webauthn"
                help=t(sign_in::EMAIL_HELP)
                value=state.email
                is_invalid=state.is_email_invalid
                refused_by=email_refused_by
            />
            <PasswordField id label is_optional=true refused_by=password_refused_by/>
            <SubmitButton
                action="/api/auth/callback/password"
                is_primary=is_main
                is_last_used=last_used == PASSWORD
            >
                {t(sign_in::SUBMIT)}
            </SubmitButton>
            <SubmitButton action="/api/auth/signin/email" is_last_used=last_used == "email">
                {t(sign_in::SEND_LINK)}
            </SubmitButton>
            <a class="quiet-link justify-center" href=forgot>{t(sign_in::FORGOT)}</a>
        </AuthForm>
    }
}

#[component]
fn PasswordForm(
    provider: SignInMethod,
    form: SignInForm,
    is_main: bool,
    is_named: bool,
    is_last: bool,
    is_shared: bool,
) -> impl IntoView {
    view! {
        <AuthForm
            provider=provider.id.clone()
            action=format!("/api/auth/callback/{}", provider.id)
            csrf_token=form.csrf_token
            callback_url=form.callback_url
            is_shared
        >
            {is_named.then(|| view! { <p class="muted">{provider.name.clone()}</p> })}
            <Field
                name="username"
                label=t(sign_in::USERNAME)
                autocomplete="username webauthn"
                help=t(sign_in::USERNAME_HELP)
                refused_by=[ErrorCode::CredentialsSignin]
            />
            <PasswordField refused_by=[ErrorCode::CredentialsSignin]/>
            <SubmitButton is_primary=is_main is_last_used=is_last>{t(sign_in::SUBMIT)}</SubmitButton>
        </AuthForm>
    }
}

/// Whether a method asks for a name and a password that somebody else checks.
fn is_other_credentials(method: &SignInMethod) -> bool {
    method.r#type == ProviderType::Credentials && method.id != PASSWORD
}
