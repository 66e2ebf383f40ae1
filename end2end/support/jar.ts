// A browser without a window: it keeps the cookies of each origin, and follows no redirect by itself.

/** Sends requests to one program. */
export class Jar {
  readonly #cookies = new Map<string, string>();

  /** `answer` gets each request; by default it goes over the network. */
  constructor(
    readonly origin: string,
    readonly answer: (request: Request) => Promise<Response> = (request) => fetch(request),
  ) {}

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  async get(path: string): Promise<Response> {
    return this.#send(path);
  }

  async json(path: string): Promise<any> {
    return (await this.get(path)).json();
  }

  /** POSTs a form as our pages do, with the CSRF token. */
  async post(path: string, fields: Record<string, string>): Promise<Response> {
    const { csrfToken } = await this.json("/api/auth/csrf");
    return this.#send(path, new URLSearchParams({ csrfToken, ...fields }));
  }

  /** POSTs without fields, as a button on somebody else's page does. */
  async press(path: string): Promise<Response> {
    return this.#send(path, new URLSearchParams());
  }

  async #send(path: string, body?: URLSearchParams): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers: Record<string, string> = { cookie, origin: this.origin };
    const method = body ? "POST" : "GET";
    const request = new Request(new URL(path, this.origin), { method, headers, body, redirect: "manual" });
    const response = await this.answer(request);
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value && !/max-age=0/i.test(line)) this.#cookies.set(name, value);
      else this.#cookies.delete(name);
    }
    return response;
  }
}
