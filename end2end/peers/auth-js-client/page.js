// A page of an app that uses next-auth: what a user of that library writes, and nothing else. The tests read
// `#session` and call `window.client`. `next-auth/react` is v5 or v4, as the bundle says.

import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { SessionProvider, getCsrfToken, getProviders, getSession, signIn, signOut, useSession } from "next-auth/react";
import { signIn as signInWithPasskey } from "next-auth/webauthn";

function Session() {
  const { data, status, update } = useSession();
  window.client.update = update;
  return h("pre", { id: "session", "data-status": status }, JSON.stringify(data));
}

window.client = { getCsrfToken, getProviders, getSession, signIn, signInWithPasskey, signOut };
createRoot(document.getElementById("app")).render(
  h(SessionProvider, { basePath: "/api/auth" }, h(Session)),
);
