// Listens to everything a browser complains about. Chromium reports violations of the Content-Security-Policy
// as console errors, so they are among it.

import type { BrowserContext } from "@playwright/test";

export class Watch {
  readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [];
  private readonly hosts: Set<string>;

  constructor(origin: string) {
    this.hosts = new Set([origin]);
  }

  /** Listens to all pages of a browser context; contexts that a test makes itself are added with this. */
  follow(context: BrowserContext): void {
    context.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => this.note(`uncaught: ${error.error().stack ?? error.error()}`));
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && !this.hosts.has(url.origin)) this.note(`request to ${url.origin}`);
    });
  }

  /** This complaint is part of the test. */
  expect(complaint: RegExp): void {
    this.expected.push(complaint);
  }

  /** This host may be asked, for example a provider. */
  allow(origin: string): void {
    this.hosts.add(origin);
  }

  private note(complaint: string): void {
    if (!this.expected.some((expected) => expected.test(complaint))) this.complaints.push(complaint);
  }
}

/** What Chromium says about every answer of 400 and more, and about a network that is away. */
export const FAILED_REQUEST = /Failed to load resource|net::ERR_/;
