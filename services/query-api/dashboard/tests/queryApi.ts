// A query API for the tests: answers by path, and a note of what was asked.
import { vi } from "vitest";

type Answer = (query: URLSearchParams) => unknown;

export class Refused {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

export function refused(status: number, reason: string, title: string, detail = ""): Refused {
  return new Refused(status, { type: "about:blank", title, status, detail, reason });
}

/** Puts the answers in the place of the network, each at once or when it is there; returns the addresses asked for, in
 *  order. */
export function stubQueryApi(answers: Record<string, Answer>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (address: string, init: RequestInit = {}) => {
    const url = new URL(address, "http://dashboard.test");
    const call = `${init.method ?? "GET"} ${url.pathname}`;
    asked.push(`${init.method ?? "GET"} ${address}`);
    const answer = answers[call];
    if (answer === undefined) return Promise.reject(new TypeError(`Nothing answers ${call}`));
    return Promise.resolve(answer(url.searchParams)).then(respond);
  });
  return asked;
}

function respond(body: unknown): Response {
  if (body instanceof Refused) return new Response(JSON.stringify(body.body), { status: body.status });
  if (body === undefined) return new Response(null, { status: 204 });
  return new Response(JSON.stringify(body));
}
