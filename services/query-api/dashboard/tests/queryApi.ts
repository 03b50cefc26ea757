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

/** Puts the answers in the place of the network; returns the addresses asked for, in order. */
export function stubQueryApi(answers: Record<string, Answer>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (address: string, init: RequestInit = {}) => {
    const url = new URL(address, "http://dashboard.test");
    const call = `${init.method ?? "GET"} ${url.pathname}`;
    asked.push(`${init.method ?? "GET"} ${address}`);
    const answer = answers[call];
    if (answer === undefined) return Promise.reject(new TypeError(`Nothing answers ${call}`));
    const body = answer(url.searchParams);
    if (body instanceof Refused) {
      return Promise.resolve(new Response(JSON.stringify(body.body), { status: body.status }));
    }
    if (body === undefined) return Promise.resolve(new Response(null, { status: 204 }));
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
  return asked;
}
