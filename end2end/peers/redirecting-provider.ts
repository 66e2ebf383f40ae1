// A small OpenID provider whose authorization endpoint redirects to a second origin, which redirects back to the client, like
// providers that sign users in on another host or on a customer's host. Its sign-out does the same.

import { createPublicKey, createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { serve, type Peer } from "./serve.ts";

/** What the server needs to use the provider. */
export interface RedirectingProvider extends Peer {
  clientId: string;
  clientSecret: string;
  /** The origin that is not known in advance. */
  second: string;
}

/** The user who signs in there. */
export const ALAN = { sub: "alan-1912", name: "Alan Turing", email: "alan@bletchley.test" };

/** Starts both origins. */
export async function startRedirectingProvider(): Promise<RedirectingProvider> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  const nonces = new Map<string, string>();
  const clientId = "leptos-auth";
  const second = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const isSignOut = pathname === "/end";
    const back = new URL(searchParams.get(isSignOut ? "post_logout_redirect_uri" : "redirect_uri") ?? "http://x");
    back.searchParams.set("state", searchParams.get("state") ?? "");
    if (!isSignOut) {
      const code = randomUUID();
      nonces.set(code, searchParams.get("nonce") ?? "");
      back.searchParams.set("code", code);
    }
    response.writeHead(302, { location: back.href }).end();
  });
  const first = await serve(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://x");
    const json = (body: unknown) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return void json({
          issuer: first.url,
          authorization_endpoint: `${first.url}/authorize`,
          token_endpoint: `${first.url}/token`,
          jwks_uri: `${first.url}/jwks`,
          end_session_endpoint: `${first.url}/end`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          code_challenge_methods_supported: ["S256"],
        });
      case "/jwks":
        return void json({ keys: [{ ...jwk, kid: "1", use: "sig", alg: "RS256" }] });
      case "/authorize":
      case "/end":
        return void response.writeHead(302, { location: `${second.url}${pathname}${search}` }).end();
      case "/token": {
        let body = "";
        for await (const part of request) body += part;
        const now = Math.floor(Date.now() / 1000);
        const nonce = nonces.get(new URLSearchParams(body).get("code") ?? "");
        const claims = { ...ALAN, email_verified: true, iss: first.url, aud: clientId, iat: now, exp: now + 300, nonce };
        const text = [{ alg: "RS256", kid: "1" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
        const signature = createSign("RSA-SHA256").update(text).sign(privateKey, "base64url");
        return void json({ access_token: randomUUID(), token_type: "Bearer", expires_in: 300, id_token: `${text}.${signature}` });
      }
      default:
        response.writeHead(404).end();
    }
  });
  const stop = async () => {
    await first.stop();
    await second.stop();
  };
  return { url: first.url, second: second.url, clientId, clientSecret: "a secret of 32 characters or more", stop };
}
