//! The button that asks for a passkey: a form whose one field is the answer. It is hidden until scripts run and
//! the browser has passkeys.
//!
//! While the sign-in page is open, passkeys also stand in the list that opens in its fields (conditional mediation).

use leptos::{html, prelude::*};
use leptos_auth_locales::submit_button;

use super::{AuthForm, forms::use_forms};
use crate::{passkey::PasskeyAction, text::t};

/// The form and its button.
#[component]
pub fn PasskeyForm(
    /// What for.
    action: PasskeyAction,
    /// CSRF token of the page.
    csrf_token: String,
    /// Where to go afterwards.
    callback_url: String,
    /// Whether the browser must forget the session when it is closed.
    #[prop(optional)]
    is_shared: bool,
    /// Whether it is the main action of the page.
    #[prop(optional)]
    is_primary: bool,
    /// Whether this browser used it last time.
    #[prop(optional)]
    is_last_used: bool,
    /// Whether passkeys are offered in the fields of the page as well.
    #[prop(optional)]
    has_autofill: bool,
    /// The words on the button.
    label: &'static str,
) -> impl IntoView {
    view! {
        <AuthForm
            provider="passkey"
            action="/api/auth/callback/passkey"
            csrf_token
            callback_url
            is_shared
        >
            <AskButton action is_primary is_last_used has_autofill label=label.to_owned()/>
        </AuthForm>
    }
}

#[island]
fn AskButton(
    action: PasskeyAction,
    is_primary: bool,
    is_last_used: bool,
    has_autofill: bool,
    label: String,
) -> impl IntoView {
    let forms = use_forms();
    let data = NodeRef::<html::Input>::new();
    let (is_asking, is_sent) = (RwSignal::new(false), RwSignal::new(false));
    let class = if is_primary { "button button-primary button-wide" } else { "button button-wide" };
    let is_busy = move || (is_asking.get() || is_sent.get() && forms.is_pending.get()).then_some("true");
    #[cfg(feature = "hydrate")]
    let asking = asking::Asking::new(action, forms, data, is_asking, is_sent);
    #[cfg(feature = "hydrate")]
    if has_autofill {
        asking.offer_in_fields();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (has_autofill, is_sent);
    let on_click = move |_: leptos::ev::MouseEvent| {
        #[cfg(feature = "hydrate")]
        asking.ask();
    };
    view! {
        <input type="hidden" name="action" value=action.as_str()/>
        <input type="hidden" name="data" node_ref=data/>
        <div class="submit">
            <button
                type="button"
                class=class
                aria-busy=is_busy
                aria-describedby=is_last_used.then_some("last-used")
                on:click=on_click
            >
                {label}
            </button>
            {is_last_used.then(|| view! {
                <span id="last-used" class="badge">{t(submit_button::LAST_USED)}</span>
            })}
        </div>
    }
}

/// What the button does in the browser.
#[cfg(feature = "hydrate")]
mod asking {
    use std::time::Duration;

    use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

    use super::super::forms::FormsState;
    use crate::{
        effect::effect,
        passkey::{Asked, PasskeyAction, Question, offers_autofill},
    };

    /// A challenge is good for five minutes: what stands in the fields is asked anew before.
    const RENEWAL: Duration = Duration::from_secs(4 * 60);

    /// The questions of one button, of which one is open at most.
    #[derive(Clone, Copy)]
    pub(super) struct Asking {
        action: PasskeyAction,
        forms: FormsState,
        data: NodeRef<html::Input>,
        is_asking: RwSignal<bool>,
        is_sent: RwSignal<bool>,
        open: StoredValue<Option<Question>, LocalStorage>,
        renewal: StoredValue<Option<TimeoutHandle>, LocalStorage>,
    }

    impl Asking {
        pub(super) fn new(
            action: PasskeyAction,
            forms: FormsState,
            data: NodeRef<html::Input>,
            is_asking: RwSignal<bool>,
            is_sent: RwSignal<bool>,
        ) -> Self {
            let asking = Self {
                action,
                forms,
                data,
                is_asking,
                is_sent,
                open: StoredValue::new_local(None),
                renewal: StoredValue::new_local(None),
            };
            on_cleanup(move || asking.stop());
            asking
        }

        /// Asks in a window of the browser.
        pub(super) fn ask(self) {
            if self.is_asking.get_untracked() || self.forms.is_pending.get_untracked() {
                return;
            }
            self.forms.feedback.set(None);
            self.is_asking.set(true);
            let Some(question) = self.open(false) else { return };
            spawn_local(async move {
                let asked = question.ask().await;
                self.is_asking.try_set(false);
                match asked {
                    Asked::Answered(answer) => self.send(&answer),
                    Asked::Go(address) => drop(window().location().assign(&address)),
                    Asked::Refused(problem) => drop(self.forms.feedback.try_set(Some(problem))),
                    Asked::Stopped => {}
                }
            });
        }

        /// Offers passkeys in the fields for as long as the page is open: from the start, and after each failure.
        pub(super) fn offer_in_fields(self) {
            let offers = RwSignal::new(false);
            effect(move || {
                spawn_local(async move {
                    let _ = offers.try_set(offers_autofill().await);
                });
            });
            Effect::new(move |before: Option<bool>| {
                let has_failed = self.forms.feedback.with(Option::is_some);
                if offers.get() && (has_failed || before != Some(true)) {
                    self.offer();
                }
                offers.get()
            });
        }

        /// Nobody has asked for this, so what goes wrong with it is not shown.
        fn offer(self) {
            let Some(question) = self.open(true) else { return };
            spawn_local(async move {
                if let Asked::Answered(answer) = question.ask().await {
                    self.send(&answer);
                }
            });
            let renewal = set_timeout_with_handle(move || self.offer(), RENEWAL).ok();
            self.renewal.try_set_value(renewal);
        }

        /// One question in place of the one that is open.
        fn open(self, is_autofill: bool) -> Option<Question> {
            self.stop();
            let question = Question::new(self.action, is_autofill)?;
            self.open.try_set_value(Some(question.clone()));
            Some(question)
        }

        fn stop(self) {
            let open = self.open.try_update_value(Option::take).flatten();
            open.inspect(Question::stop);
            let renewal = self.renewal.try_update_value(Option::take).flatten();
            renewal.inspect(TimeoutHandle::clear);
        }

        fn send(self, answer: &str) {
            let Some(data) = self.data.get_untracked() else { return };
            data.set_value(answer);
            self.is_sent.set(true);
            let _ = data.form().map(|form| form.request_submit());
        }
    }
}
