// A device with passkeys: Chromium's virtual authenticator (DevTools protocol, WebAuthn).

import type { CDPSession, Page } from "@playwright/test";

/** A device with a fingerprint sensor that always recognises its owner. */
export interface Device {
  cdp: CDPSession;
  id: string;
}

/** Puts one into the browser of a page. */
export async function device(page: Page): Promise<Device> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, id: authenticatorId };
}

/** The passkeys that it keeps. */
export async function passkeys({ cdp, id }: Device): Promise<{ credentialId: string; rpId?: string; userHandle?: string }[]> {
  return (await cdp.send("WebAuthn.getCredentials", { authenticatorId: id })).credentials;
}

/** Whether its owner touches it when a page asks from now on, also from the list of a field. */
export async function touch({ cdp, id }: Device, enabled: boolean): Promise<void> {
  await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: id, enabled });
}
