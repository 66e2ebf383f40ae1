//! The REST API under `/api/auth`, compatible with Auth.js. This is the one place that turns requests into actions and
//! their results into responses, for three kinds of caller: a browser's form (302), the v5 client
//! (`X-Auth-Return-Redirect`: 200 with `{"url"}`) and the v4 client (`json=true`: the same, or 401 or 403 if rejected).
//! If a browser sent a form that redirects to another origin, the response is an intermediate page: see [`leave`].
//!
//! Programs without a cookie jar (native apps, scripts) send `X-Auth-Return-Token: 1` and get the session token in the
//! response header `X-Auth-Session-Token`; from then on they send it as `Authorization: Bearer`. If two-factor
//! authentication requires a code, the header is `X-Auth-Second-Step`, and its value is sent in the field `secondStep`
//! together with the code. A page of another site cannot add either header to a request, so no CSRF token is needed.
//!
//! Tokens are returned only to requests from outside a browser: without a session cookie, `Origin` and `Sec-Fetch-Site`. A
//! script that an attacker injected into one of our pages must not get the content of HttpOnly cookies. A bearer token
//! that does not belong to an active session is ignored, because a proxy may have added it.
//!
//! No response is ever cached, and every rejection is logged here, once.

mod leave;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use crate::{
    action, audit,
    auth::Auth,
    cookie::{self, Cookies},
    csrf,
    error::{self, AuthError},
    language,
    oauth::OAuthClient,
    request::{ActionRequest, ClientAddress, Parameters, Redirect, Refused, RequestId},
    session::{Reading, SessionRead},
    types::ErrorCode,
};

const RETURN_TOKEN: &str = "x-auth-return-token";
const SESSION_TOKEN: HeaderName = HeaderName::from_static("x-auth-session-token");
const SECOND_STEP: HeaderName = HeaderName::from_static("x-auth-second-step");

/// How the caller wants to hear of a redirect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Form,
    ClientV5,
    ClientV4,
    /// A JSON body without either mark: some other program.
    Program,
}

/// Returns whether a request may change something: everything but reads, and a provider's callback, which is a GET.
pub(crate) fn may_change(request: &Request<Bytes>) -> bool {
    let is_callback = request.uri().path().starts_with("/api/auth/callback/");
    !matches!(*request.method(), Method::GET | Method::HEAD) || is_callback
}

/// Returns the response if the process ends while an action runs.
pub(crate) fn unavailable() -> Response<Bytes> {
    never_cached(json_answer(StatusCode::SERVICE_UNAVAILABLE, &json!({ "message": "unavailable" })))
}

/// Answers a request.
pub(crate) async fn respond(auth: &Auth, request: Request<Bytes>) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix("/api/auth/").unwrap_or_default();
    let (action, provider) = match path.split_once('/') {
        Some((action, provider)) => (action, Some(provider)),
        None => (path, None),
    };
    let client = parts.extensions.get::<ClientAddress>().map(|address| address.0);
    let mut call = Call {
        auth,
        method: &parts.method,
        headers: &parts.headers,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        body: &body,
        client,
        id: parts.extensions.get::<RequestId>().map(|id| id.0.as_str()),
        is_program: false,
    };
    let mut answer = match call.recognize_program().await {
        Err(error) => call.refuse(error.into(), Caller::Program),
        Ok(()) => match parts.method {
            Method::GET => call.get(action, provider).await,
            Method::POST => call.post(action, provider).await,
            _ => call.refuse(AuthError::MethodNotAllowed.into(), Caller::Program),
        },
    };
    if call.is_program {
        let headers = answer.headers_mut();
        let tokens = [
            (SESSION_TOKEN, auth.cookies.take_session(headers)),
            (SECOND_STEP, auth.cookies.take_second_step(headers)),
        ];
        // A page that sends its own bearer token gets neither cookies nor tokens.
        if call.is_outside_browser() {
            headers.extend(tokens.into_iter().filter_map(|(name, token)| Some((name, token?))));
        }
    }
    never_cached(answer)
}

/// One call of the API.
struct Call<'c> {
    auth: &'c Auth,
    method: &'c Method,
    headers: &'c HeaderMap,
    path: &'c str,
    query: &'c str,
    body: &'c [u8],
    client: Option<std::net::IpAddr>,
    id: Option<&'c str>,
    /// Whether the caller stores the session token itself.
    is_program: bool,
}

impl<'c> Call<'c> {
    /// Detects whether the caller stores the session token itself: it sent a valid one, or asks for one.
    async fn recognize_program(&mut self) -> Result<(), AuthError> {
        let asks = self.headers.contains_key(RETURN_TOKEN) && self.is_outside_browser();
        self.is_program = asks || self.auth.has_bearer_session(self.headers).await?;
        Ok(())
    }

    /// Returns whether the request comes from outside a browser, judging by its headers.
    fn is_outside_browser(&self) -> bool {
        let has_cookie = self.auth.cookies.has_session_cookie(&Cookies::of(self.headers));
        !has_cookie
            && !self.headers.contains_key(header::ORIGIN)
            && !self.headers.contains_key("sec-fetch-site")
    }

    /// Nothing here changes state, but for the callback that a provider's redirect brings.
    async fn get(&self, action: &str, provider: Option<&str>) -> Response<Bytes> {
        match (action, provider) {
            ("csrf", None) => self.csrf().await,
            ("providers", None) => self.providers(),
            ("session", None) => self.session().await,
            ("signin", _) => self.show("/signin"),
            ("signout", None) => self.show("/signout"),
            ("signout", Some(provider)) if self.auth.oauth_client(provider).is_some() => {
                self.signed_out().await
            }
            #[cfg(feature = "password")]
            (page @ ("signup" | "forgot-password" | "reset-password"), None)
                if self.auth.passwords.is_some() =>
            {
                self.show(&format!("/{page}"))
            }
            ("verify-request", None) => self.show("/verify-request"),
            #[cfg(feature = "passkey")]
            ("webauthn-options", Some(provider)) => self.webauthn_options(provider).await,
            ("error", None) => self.show("/error"),
            ("callback", Some("email")) if self.auth.email.is_some() => self.show("/signin/email-link"),
            ("callback", Some("totp")) if self.auth.has_second_steps() => self.show("/second-step"),
            ("callback", Some(provider)) => self.oauth_callback(provider).await,
            _ => self.refuse(AuthError::NotFound.into(), Caller::Program),
        }
    }

    async fn post(&self, action: &str, provider: Option<&str>) -> Response<Bytes> {
        // From a server, not from a browser: see the action.
        if let ("backchannel-logout", Some(client)) =
            (action, provider.and_then(|provider| self.auth.oauth_client(provider)))
        {
            return self.backchannel_logout(client).await;
        }
        if let ("callback", Some(client)) =
            (action, provider.and_then(|provider| self.auth.oauth_client(provider)))
            && client.provider.is_form_post()
        {
            return self.form_post(client);
        }
        let (request, caller) = match self.checked_request().await {
            Ok(checked) => checked,
            Err((refused, caller)) => {
                let is_update = action == "session" && matches!(refused.error, AuthError::MissingCsrf);
                if is_update {
                    return json_answer(StatusCode::BAD_REQUEST, &Value::Null);
                }
                // The form of an account page is shown again there, with a valid token.
                let page = provider.filter(|_| action == "account").and_then(action::account_page);
                return self.refuse(Refused { page: page.or(refused.page), ..*refused }, caller);
            }
        };
        let is_shared = !action::is_remembered(&request);
        let callback_url = request.parameters.get("callbackUrl").map(str::to_owned);
        let named = audit::named(&request.parameters);
        let result: Result<Redirect, Refused> = match (action, provider) {
            ("session", None) => return self.update(&request).await,
            ("account", Some("export")) => return self.export(&request, caller).await,
            ("signout", None) => action::sign_out(self.auth, &request).await.map_err(Into::into),
            ("account", Some(wish)) => action::account(self.auth, wish, &request).await,
            ("signin", Some(provider)) => action::sign_in(self.auth, provider, &request).await,
            ("callback", Some("email")) => action::callback_email(self.auth, &request).await,
            #[cfg(feature = "password")]
            ("signup" | "forgot-password" | "reset-password", None) | ("callback", Some("password"))
                if self.auth.passwords.is_some() =>
            {
                action::password(self.auth, action, &request).await
            }
            ("callback", Some("totp")) if self.auth.has_second_steps() => {
                action::callback_totp(self.auth, &request).await
            }
            #[cfg(feature = "passkey")]
            ("callback", Some("passkey")) => action::callback_webauthn(self.auth, &request).await,
            ("callback", Some(provider)) if self.auth.oauth_client(provider).is_some() => {
                Err(AuthError::MethodNotAllowed.into())
            }
            ("callback", Some(provider)) => match self.auth.credentials(provider) {
                Some(credentials) => {
                    action::callback_credentials(self.auth, credentials, request).await.map_err(Into::into)
                }
                None => Err(AuthError::NotFound.into()),
            },
            ("csrf" | "providers" | "verify-request" | "error", None) => {
                Err(AuthError::MethodNotAllowed.into())
            }
            _ => Err(AuthError::NotFound.into()),
        };
        if let Err(refused) = &result {
            let method = provider.filter(|_| matches!(action, "signin" | "callback"));
            self.note_refusal(method, named, &refused.error).await;
        }
        self.result(result.map_err(|refused| Refused { is_shared, callback_url, ..refused }), caller)
    }

    /// Somebody did not come in.
    async fn note_refusal(&self, method: Option<&str>, named: Option<String>, error: &AuthError) {
        // On the pages of an account everything but a limit is a mistake of its owner.
        if method.is_some() || matches!(error, AuthError::RateLimited(..)) {
            self.auth.note_refusal(&self.request(Parameters::default()), method, named, error).await;
        }
    }

    fn result(&self, result: Result<Redirect, Refused>, caller: Caller) -> Response<Bytes> {
        match result {
            Ok(Redirect { to, set_cookies }) => self.redirect(&to, set_cookies, caller, StatusCode::OK),
            Err(refused) => self.refuse(refused, caller),
        }
    }

    fn redirect(
        &self,
        to: &Url,
        set_cookies: Vec<HeaderValue>,
        caller: Caller,
        status: StatusCode,
    ) -> Response<Bytes> {
        if caller == Caller::Form && leave::needs_page(self.method, self.headers, self.auth.base_url(), to) {
            return with_cookies(leave::page(to, language::of_request(self.headers)), set_cookies);
        }
        redirect_answer(to.as_str(), set_cookies, caller, status)
    }

    /// Reads the body and applies both CSRF rules: see [`crate::csrf`].
    async fn checked_request(&self) -> Result<(ActionRequest<'c>, Caller), (Box<Refused>, Caller)> {
        let is_v5 = self.headers.contains_key("x-auth-return-redirect");
        let known = if is_v5 { Caller::ClientV5 } else { Caller::Form };
        let is_program = self.is_program;
        if !is_program && !csrf::is_same_origin(self.headers, self.auth.base_url()) {
            return Err((Box::new(AuthError::CrossSite.into()), known));
        }
        let (parameters, is_json) =
            self.body_parameters().map_err(|error| (Box::new(error.into()), known))?;
        // A program whose token has expired gets a JSON error.
        let has_bearer = cookie::bearer(self.headers).is_some() && self.is_outside_browser();
        let is_json = is_json || is_program || has_bearer;
        let caller = match (is_v5, parameters.get("json"), is_json) {
            (true, ..) => Caller::ClientV5,
            (false, Some("true"), _) => Caller::ClientV4,
            (false, _, true) => Caller::Program,
            (false, _, false) => Caller::Form,
        };
        let request = self.request(parameters);
        let cookies = request.cookies.values(&self.auth.cookies.csrf);
        let session = self.auth.sessions.csrf_binding(&request.cookies, request.now).await;
        let session = session.map_err(|error| (Box::new(error.into()), known))?;
        let (session, form_token) = (session.as_deref(), request.parameters.get("csrfToken"));
        if is_program || self.auth.csrf.verify(&cookies, session, form_token) {
            Ok((request, caller))
        } else {
            // The form was open too long, or its cookie is missing. The next attempt keeps the target of this one.
            let callback_url = request.parameters.get("callbackUrl").map(str::to_owned);
            let is_shared = !action::is_remembered(&request);
            let refused = Refused { callback_url, is_shared, ..AuthError::MissingCsrf.into() };
            Err((Box::new(refused), caller))
        }
    }

    fn body_parameters(&self) -> Result<(Parameters, bool), AuthError> {
        let content_type =
            self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match content_type.split(';').next().unwrap_or_default().trim() {
            "application/json" => Ok((Parameters::from_json(self.body)?, true)),
            "application/x-www-form-urlencoded" => Ok((Parameters::from_form(self.body)?, false)),
            _ if self.body.is_empty() => Ok((Parameters::default(), false)),
            _ => Err(AuthError::BadRequest("the body is neither a form nor JSON")),
        }
    }

    fn request(&self, parameters: Parameters) -> ActionRequest<'c> {
        ActionRequest {
            cookies: Cookies::at(self.headers, self.path),
            parameters,
            client: self.client,
            user_agent: self.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()),
            language: language::of_request(self.headers),
            id: self.id,
            now: self.auth.clock.now(),
        }
    }

    async fn csrf(&self) -> Response<Bytes> {
        let cookies = Cookies::at(self.headers, self.path);
        let session = match self.auth.sessions.csrf_binding(&cookies, self.auth.clock.now()).await {
            Ok(session) => session,
            Err(error) => return self.refuse(error.into(), Caller::Program),
        };
        let csrf = self.auth.csrf_token(&cookies, session.as_deref());
        with_cookies(json_answer(StatusCode::OK, &json!({ "csrfToken": csrf.data })), csrf.set_cookies)
    }

    fn providers(&self) -> Response<Bytes> {
        let providers = self.auth.providers().iter().map(|provider| (provider.id.clone(), json!(provider)));
        json_answer(StatusCode::OK, &Value::Object(providers.collect()))
    }

    async fn session(&self) -> Response<Bytes> {
        let cookies = Cookies::at(self.headers, self.path);
        // The hook says when it only looks; nobody gains anything by saying so.
        let is_look = self.headers.contains_key("x-auth-poll");
        let reading = if is_look { Reading::Look } else { Reading::Use };
        self.session_answer(self.auth.sessions.read(&cookies, self.auth.clock.now(), reading).await)
    }

    async fn update(&self, request: &ActionRequest<'_>) -> Response<Bytes> {
        let reading = Reading::Update(request.parameters.data());
        self.session_answer(self.auth.sessions.read(&request.cookies, request.now, reading).await)
    }

    fn session_answer(&self, read: Result<SessionRead, AuthError>) -> Response<Bytes> {
        match read {
            // The client of v4 expects an empty object where that of v5 expects null, and asks in the same words.
            Ok(SessionRead { session: None, set_cookies, .. })
                if self.auth.config.session_cookie.is_of_v4() =>
            {
                with_cookies(json_answer(StatusCode::OK, &json!({})), set_cookies)
            }
            Ok(read) => with_cookies(json_answer(StatusCode::OK, &read.session), read.set_cookies),
            Err(error) => self.refuse(error.into(), Caller::Program),
        }
    }

    /// The client of Auth.js takes anything but 200 for a failure.
    #[cfg(feature = "passkey")]
    async fn webauthn_options(&self, provider: &str) -> Response<Bytes> {
        let options = match Parameters::from_form(self.query.as_bytes()) {
            Ok(query) => action::webauthn_options(self.auth, provider, &self.request(query)).await,
            Err(error) => Err(error),
        };
        match options {
            Ok(crate::auth::Page { data, set_cookies }) => {
                with_cookies(json_answer(StatusCode::OK, &data), set_cookies)
            }
            Err(error) => self.refuse(Refused::on_page(error, action::PASSKEYS_PAGE), Caller::Program),
        }
    }

    async fn export(&self, request: &ActionRequest<'_>, caller: Caller) -> Response<Bytes> {
        match action::export(self.auth, request).await {
            Ok(document) => {
                let mut answer = json_answer(StatusCode::OK, &document);
                let disposition = HeaderValue::from_static("attachment; filename=\"account.json\"");
                answer.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
                answer
            }
            Err(error) => {
                action::record_refusal(self.auth, request, "export", &error).await;
                self.refuse(Refused::on_page(error, "/account/data"), caller)
            }
        }
    }

    /// 200 or 400, and nothing about the reason (OpenID Connect Back-Channel Logout 1.0 section 2.8).
    async fn backchannel_logout(&self, client: &OAuthClient) -> Response<Bytes> {
        let result = match self.body_parameters() {
            Ok((parameters, _)) => {
                action::backchannel_logout(self.auth, client, &self.request(parameters)).await
            }
            Err(error) => Err(error),
        };
        match result {
            Ok(()) => Response::new(Bytes::new()),
            Err(error) if error.is_unavailable() => self.refuse(error.into(), Caller::Program),
            Err(error) => {
                log(&error);
                json_answer(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_request" }))
            }
        }
    }

    async fn signed_out(&self) -> Response<Bytes> {
        // A query that cannot be read leads to the front page.
        let parameters = Parameters::from_form(self.query.as_bytes()).unwrap_or_default();
        let result = action::signed_out(self.auth, &self.request(parameters)).await;
        self.result(result.map_err(Into::into), Caller::Form)
    }

    async fn oauth_callback(&self, provider: &str) -> Response<Bytes> {
        let Some(client) = self.auth.oauth_client(provider) else {
            return self.refuse(AuthError::NotFound.into(), Caller::Form);
        };
        let parameters = Parameters::from_form(self.query.as_bytes())
            .map_err(|_| AuthError::callback("a parameter comes twice or is not text"))
            .and_then(|query| action::form_or_query(self.auth, client, query));
        let result = match parameters {
            Ok(parameters) => action::callback_oauth(self.auth, client, &self.request(parameters)).await,
            Err(error) => Err(error.into()),
        };
        if let Err(Refused { error, .. }) = &result {
            self.note_refusal(Some(provider), None, error).await;
        }
        self.result(result, Caller::Form)
    }

    /// A page of the provider posts the way back. Nothing is done, so it needs no CSRF token: see the action.
    fn form_post(&self, client: &OAuthClient) -> Response<Bytes> {
        let result = match self.body_parameters() {
            Ok((form, false)) => action::form_post(self.auth, client, &form),
            Ok(_) => Err(AuthError::BadRequest("the callback is no form")),
            Err(error) => Err(error),
        };
        let is_form = result.is_ok();
        let mut answer = self.result(result.map_err(Into::into), Caller::Form);
        if is_form {
            // The next request is a GET, whatever this one was (RFC 9110 section 15.4.4).
            *answer.status_mut() = StatusCode::SEE_OTHER;
        }
        answer
    }

    /// Our own page, with the query that the API was called with.
    fn show(&self, page: &str) -> Response<Bytes> {
        let mut url = self.auth.page(page, &[]);
        url.set_query(Some(self.query).filter(|query| !query.is_empty()));
        redirect_answer(url.as_str(), Vec::new(), Caller::Form, StatusCode::OK)
    }

    /// The answer to a refusal, and its one line in the log.
    fn refuse(&self, refused: Refused, caller: Caller) -> Response<Bytes> {
        log(&refused.error);
        let answer = match &refused.error {
            AuthError::CrossSite => plain(StatusCode::FORBIDDEN, "This request came from another site."),
            AuthError::BadRequest(_) => plain(StatusCode::BAD_REQUEST, "The request cannot be understood."),
            AuthError::NotFound => plain(StatusCode::NOT_FOUND, "There is no such action or provider."),
            AuthError::MethodNotAllowed => plain(StatusCode::METHOD_NOT_ALLOWED, "Not with this method."),
            _ => self.refusal_page(&refused, caller),
        };
        with_cookies(answer, refused.set_cookies)
    }

    fn refusal_page(&self, refused: &Refused, caller: Caller) -> Response<Bytes> {
        let Refused { error, page, query, is_shared, callback_url, .. } = refused;
        let mut url = self.refusal_url(error, *page);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        if *is_shared && url.path() == self.auth.config.pages.path("/signin") {
            url.query_pairs_mut().append_pair("remember", "false");
        }
        if let Some(wanted) = callback_url {
            self.keep_target(&mut url, error, wanted);
        }
        let status = match error {
            _ if error.is_unavailable() => StatusCode::SERVICE_UNAVAILABLE,
            AuthError::RateLimited(..) => StatusCode::TOO_MANY_REQUESTS,
            AuthError::Redirected(_) => StatusCode::OK,
            AuthError::Hook { .. } if matches!(caller, Caller::ClientV4 | Caller::Program) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            AuthError::AccessDenied(_) if caller == Caller::ClientV4 => StatusCode::FORBIDDEN,
            AuthError::MissingCsrf if caller == Caller::Program => StatusCode::FORBIDDEN,
            _ if matches!(caller, Caller::ClientV4 | Caller::Program) => StatusCode::UNAUTHORIZED,
            _ => StatusCode::OK,
        };
        let mut answer = match (error, caller) {
            // A redirect could not carry the status, and the page behind it needs the store as well.
            (_, Caller::Form) if error.is_unavailable() => {
                plain(status, "The service is away for a moment. Nothing was changed. Go back and try again.")
            }
            _ => self.redirect(&url, Vec::new(), caller, status),
        };
        let retry_after = match error {
            _ if error.is_unavailable() => Some(5),
            AuthError::RateLimited(_, wait) => Some(wait.as_secs().max(1)),
            _ => None,
        };
        if let Some(seconds) = retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }

    /// Adds the target of the sign-in to the page that a failed attempt leads to, if that has a form or a link to one. The
    /// target is checked like every target. A user who must sign in first returns to the page of the form instead.
    fn keep_target(&self, url: &mut Url, error: &AuthError, wanted: &str) {
        const PAGES: [&str; 4] = ["/signin", "/signup", "/forgot-password", "/error"];
        let has_form = PAGES.iter().any(|page| url.path() == self.auth.config.pages.path(page));
        let has_target =
            matches!(error, AuthError::NotFresh | AuthError::SignedOut | AuthError::Redirected(_));
        if !has_form || has_target {
            return;
        }
        let target = self.auth.form_target(Some(wanted));
        if target != *self.auth.base_url() {
            url.query_pairs_mut().append_pair("callbackUrl", target.as_str());
        }
    }

    /// As Auth.js: what the person can mend leads to the sign-in page, the rest to the error page.
    fn refusal_url(&self, error: &AuthError, page: Option<&str>) -> Url {
        if let AuthError::Redirected(to) = error
            && let Ok(url) = self.auth.base_url().join(to)
        {
            return url;
        }
        let code = error.code();
        let page = page.unwrap_or(match code {
            ErrorCode::AccessDenied
            | ErrorCode::Configuration
            | ErrorCode::Verification
            | ErrorCode::Unavailable => "/error",
            _ => "/signin",
        });
        // Who has to sign in first comes back.
        let (page, back) = match error {
            AuthError::NotFresh | AuthError::SignedOut => ("/signin", Some(page)),
            _ => (page, None),
        };
        let mut url = self.auth.page(page, &[("error", code.as_str())]);
        if let Some(back) = back.filter(|back| *back != "/signin") {
            url.query_pairs_mut().append_pair("callbackUrl", back);
        }
        match error {
            AuthError::Credentials { code } => drop(url.query_pairs_mut().append_pair("code", code)),
            AuthError::Locked => drop(url.query_pairs_mut().append_pair("code", "credentials")),
            AuthError::RateLimited(_, wait) => {
                url.query_pairs_mut().append_pair("retryAfter", &wait.as_secs().max(1).to_string());
            }
            _ => {}
        }
        url
    }
}

fn log(error: &AuthError) {
    let (code, reason) = (error.code().as_str(), error::chain(error));
    match error {
        AuthError::Unavailable(_)
        | AuthError::CheckUnavailable(_)
        | AuthError::Configuration(_)
        | AuthError::Hook { .. } => {
            tracing::error!(code, reason, "request failed")
        }
        AuthError::NotFound | AuthError::MethodNotAllowed => tracing::debug!(code, reason, "request refused"),
        _ => tracing::warn!(code, reason, "request refused"),
    }
}

fn redirect_answer(
    location: &str,
    set_cookies: Vec<HeaderValue>,
    caller: Caller,
    status: StatusCode,
) -> Response<Bytes> {
    let mut answer = match caller {
        Caller::Form => {
            let mut answer = Response::new(Bytes::new());
            *answer.status_mut() = StatusCode::FOUND;
            answer
        }
        Caller::ClientV5 | Caller::ClientV4 | Caller::Program => {
            json_answer(status, &json!({ "url": location }))
        }
    };
    if caller == Caller::Form
        && let Ok(location) = HeaderValue::from_str(location)
    {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    with_cookies(answer, set_cookies)
}

fn json_answer(status: StatusCode, body: &impl serde::Serialize) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(serde_json::to_vec(body).unwrap_or_default()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn plain(status: StatusCode, message: &str) -> Response<Bytes> {
    json_answer(status, &json!({ "message": message }))
}

fn with_cookies(mut answer: Response<Bytes>, set_cookies: Vec<HeaderValue>) -> Response<Bytes> {
    for cookie in set_cookies {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

fn never_cached(mut answer: Response<Bytes>) -> Response<Bytes> {
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache, no-store"));
    headers.insert(header::EXPIRES, HeaderValue::from_static("0"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Cookie"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host may answer on any thread.
    #[test]
    fn answers_are_send() {
        fn is_send<T: Send>(_: fn() -> Option<T>) {}
        fn call(auth: &Auth, request: Request<Bytes>) -> impl Future<Output = Response<Bytes>> + Send {
            respond(auth, request)
        }
        let _ = call;
        is_send::<Auth>(|| None);
    }
}
