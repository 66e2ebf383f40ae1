// An OpenID Provider that others wrote and that is certified: npm `oidc-provider`. It signs in one user, shows a
// page with "Sign in" and "Cancel" as real providers do, demands PKCE, and signs out in the browser and behind it.

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { serve, type Peer } from "./serve.ts";

/** What the server needs to know to use it as a provider. */
export interface HonestProvider extends Peer {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** In PEM: what its client signs with, where it has no secret. */
  privateKey: string;
  /** The parameters of all authorization requests that arrived. */
  requests: Record<string, unknown>[];
}

/** The one who signs in there. */
export const GRACE = { sub: "grace-1906", name: "Grace Hopper", email: "grace@navy.test" };

/**
 * Starts it for the client `honest` of the server at that origin. A strict one wants requests pushed, and signed with the
 * client's key.
 */
export async function startHonestProvider(origin: string, isStrict = false): Promise<HonestProvider> {
  const clientId = "leptos-auth";
  const clientSecret = "a secret of 32 characters or more";
  const keys = generateKeyPairSync("ed25519");
  const privateKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const requests: Record<string, unknown>[] = [];
  const { default: Provider } = await import("oidc-provider"); // It warns about Node 20: only where it is used.
  let provider: any;
  const peer = await serve((request, response) => {
    const interaction = /^\/interaction\/[\w-]+(\/(login|cancel))?$/.exec(request.url ?? "");
    if (interaction) return void answer(provider, request, response, interaction[2]);
    provider.callback()(request, response);
  });
  provider = new Provider(peer.url, configuration({ clientId, clientSecret, origin, publicKey: isStrict && keys.publicKey }));
  provider.on("authorization.accepted", (context: any) => requests.push({ ...context.oidc.params }));
  return { ...peer, issuer: peer.url, clientId, clientSecret, privateKey, requests };
}

interface Client {
  clientId: string;
  clientSecret: string;
  origin: string;
  publicKey: KeyObject | false;
}

function configuration(client: Client) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "honest" };
  const proof = client.publicKey
    ? { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [client.publicKey.export({ format: "jwk" })] } }
    : { client_secret: client.clientSecret };
  return {
    ...(client.publicKey && { clientAuthMethods: ["private_key_jwt"] }),
    clients: [
      {
        client_id: client.clientId,
        ...proof,
        redirect_uris: [`${client.origin}/api/auth/callback/honest`],
        post_logout_redirect_uris: [`${client.origin}/api/auth/signout/honest`],
        backchannel_logout_uri: `${client.origin}/api/auth/backchannel-logout/honest`,
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ["signs the cookies of this provider"] },
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: !!client.publicKey },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource },
    },
    // Its own dispatcher refuses addresses of this machine, where the server under test is.
    fetch: (url: string, { dispatcher: _, ...options }: any) => fetch(url, options),
    interactions: { url: (_: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ ...GRACE, sub, email_verified: true }),
    }),
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    // Consent is not what is tested here.
    async loadExistingGrant(context: any) {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  };
}

/** The page on which the user decides, and the answers to its two buttons. */
async function answer(provider: any, request: IncomingMessage, response: ServerResponse, action?: string) {
  if (!action) {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><html lang="en"><title>Honest provider</title><h1>Honest provider</h1>
      <form method="post"><button formaction="${request.url}/login">Sign in as ${GRACE.name}</button>
      <button formaction="${request.url}/cancel">Cancel</button></form></html>`);
    return;
  }
  const result =
    action === "login"
      ? { login: { accountId: GRACE.sub } }
      : { error: "access_denied", error_description: "The user pressed Cancel" };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** The page that asks whether to sign out there as well; `form` is the provider's own. */
async function logoutSource(context: any, form: string): Promise<void> {
  context.body = `<!doctype html><html lang="en"><title>Honest provider</title><h1>Sign out of Honest?</h1>
    ${form}<button form="op.logoutForm" name="logout" value="yes">Sign out there</button></html>`;
}
