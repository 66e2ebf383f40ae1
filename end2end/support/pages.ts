// The pages that everybody can open.

/** Path, title, and what the page answers. */
export const PAGES = [
  ["/", "Leptos Auth", 200],
  ["/signin", "Sign in · Leptos Auth", 200],
  ["/signin/email-link?token=x&email=a%40example.com", "Confirm sign-in · Leptos Auth", 200],
  ["/signup", "Create an account · Leptos Auth", 200],
  ["/forgot-password", "Forgot your password? · Leptos Auth", 200],
  ["/reset-password?token=x&email=a%40example.com", "Choose a new password · Leptos Auth", 200],
  ["/verify-request", "Check your email · Leptos Auth", 200],
  ["/signout", "Sign out · Leptos Auth", 200],
  ["/error?error=AccessDenied", "Sign-in problem · Leptos Auth", 403],
  ["/error/help", "What the messages mean · Leptos Auth", 200],
  ["/welcome", "Welcome · Leptos Auth", 200],
  ["/nowhere", "Page not found · Leptos Auth", 404],
] as const;
