//! The mails for people. Rule: everything that came from outside is escaped, and the HTML of a mail is shown only in
//! a frame without rights, under a policy that loads nothing.

use std::{fmt::Write, sync::Arc};

use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{Inbox, Mail};
use crate::dev::html::{document, escape};

/// The inbox, and the site's style sheet.
#[derive(Clone)]
pub struct InboxState {
    pub inbox: Arc<Inbox>,
    pub css: String,
}

const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";
/// Of a mail only its own styles work, and its links, which open in the whole window.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; \
    frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";

/// `GET /dev/inbox`: asks for itself again every three seconds.
pub async fn list(State(state): State<InboxState>) -> Response {
    let mails = state.inbox.all();
    let mut rows = String::new();
    for mail in &mails {
        let (id, to, subject) = (mail.id, escape(&mail.to), escape(&mail.subject));
        let (date, time) = (escape(&mail.date), escape(mail.date.get(11..19).unwrap_or_default()));
        let _ = writeln!(
            rows,
            "<li><a class=\"link\" href=\"/dev/inbox/{id}\">{subject}</a><br>\
             <span class=\"muted\">to <bdi>{to}</bdi> · <time datetime=\"{date}\">{time} UTC</time></span></li>"
        );
    }
    if rows.is_empty() {
        rows.push_str("<li class=\"muted\">Nothing yet. Ask for a sign-in link on the sign-in page.</li>");
    }
    let body = format!(
        "<div class=\"page\"><div class=\"page-header\"><h1>Dev inbox</h1>\
         <p class=\"muted\">Every mail that this site sends in development. Newest first, as long as the server runs.</p></div>\
         <section class=\"card\"><ul class=\"stack\" data-mails=\"{}\">{rows}</ul></section></div>",
        mails.len()
    );
    page(document(&state.css, "Dev inbox", "<meta http-equiv=\"refresh\" content=\"3\">", &body))
}

/// `GET /dev/inbox/1`.
pub async fn mail(State(state): State<InboxState>, Path(id): Path<u64>) -> Response {
    let Some(mail) = state.inbox.find(id) else { return not_found(&state) };
    let mut headers = String::new();
    for (name, value) in &mail.headers {
        let _ = write!(headers, "<dt>{}</dt><dd><bdi>{}</bdi></dd>", escape(name), escape(value));
    }
    let body = format!(
        "<div class=\"page\"><div class=\"page-header\"><h1>{subject}</h1>\
         <p><a class=\"link\" href=\"/dev/inbox\">All mails</a></p></div>\
         <section class=\"card\"><dl class=\"facts\">{headers}</dl></section>\
         <section class=\"card\"><h2>HTML</h2>\
         <iframe class=\"w-full\" height=\"480\" width=\"640\" title=\"The mail as HTML\" \
         sandbox=\"allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation\" \
         src=\"/dev/inbox/{id}/html\"></iframe></section>\
         <section class=\"card\"><h2>Text</h2><pre class=\"code\" tabindex=\"0\">{text}</pre></section></div>",
        subject = escape(&mail.subject),
        text = with_links(&mail),
    );
    page(document(&state.css, &mail.subject, "", &body))
}

/// `GET /dev/inbox/1/html`: what the frame shows.
pub async fn html(State(state): State<InboxState>, Path(id): Path<u64>) -> Response {
    let Some(mail) = state.inbox.find(id) else { return not_found(&state) };
    // A link in the mail should open in the window and not in the small frame.
    let html = mail.html.replacen("<head>", "<head><base target=\"_top\">", 1);
    let headers = [(header::CONTENT_SECURITY_POLICY, MAIL_POLICY), (header::X_FRAME_OPTIONS, "SAMEORIGIN")];
    (headers, Html(html)).into_response()
}

/// The text with its addresses as links. A mail has one line for each.
fn with_links(mail: &Mail) -> String {
    let mut text = String::new();
    for line in mail.text.lines() {
        let escaped = escape(line);
        let is_link = (line.starts_with("http://") || line.starts_with("https://")) && !line.contains(' ');
        let _ = if is_link {
            writeln!(text, "<a class=\"link\" href=\"{escaped}\">{escaped}</a>")
        } else {
            writeln!(text, "{escaped}")
        };
    }
    text
}

fn not_found(state: &InboxState) -> Response {
    let body = "<div class=\"card card-narrow\"><h1>No such mail</h1>\
        <p class=\"muted\">The inbox is empty after a restart, and keeps the newest hundred.</p>\
        <a class=\"button button-wide\" href=\"/dev/inbox\">All mails</a></div>";
    (StatusCode::NOT_FOUND, page(document(&state.css, "No such mail", "", body))).into_response()
}

fn page(html: String) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(html)).into_response()
}
