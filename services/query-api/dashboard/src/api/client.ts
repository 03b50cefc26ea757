// The calls of the query API. Knows addresses and shapes; keeps nothing and retries nothing.
// Who signs in has an HttpOnly cookie, and no token is held here. Who comes by a share link is sent with its token,
// and without the cookie: the link opens what it opens, whoever else is signed in in this browser.
import {
  ACCOUNT,
  addressOf,
  CONNECTIONS,
  type Parameters,
  part,
  sessionAddress,
  sessionsAddress,
  statsAddress,
} from "./addresses";
import { earlyAnswer } from "./early";
import { problemOf, unreachable } from "./problem";
import type {
  Account,
  Connection,
  EventPage,
  SessionDetail,
  SessionFriction,
  SessionPage,
  SessionsAsked,
  SessionStats,
  StatsAsked,
} from "./types";

let shareToken: string | null = null;

/** From now on calls are made with the token of a share link; null ends that. */
export function callAsGuest(token: string | null): void {
  shareToken = token;
}

function identified(init: RequestInit): RequestInit {
  if (shareToken === null) return { credentials: "same-origin", ...init };
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${shareToken}`);
  return { ...init, credentials: "omit", headers };
}

export async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, identified(init));
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function get<Answer>(
  path: string,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<Answer> {
  return getAt(addressOf(path, parameters), signal);
}

async function getAt<Answer>(address: string, signal: AbortSignal): Promise<Answer> {
  return JSON.parse(await getText(address, signal)) as Answer;
}

async function getText(address: string, signal: AbortSignal): Promise<string> {
  // What was asked for early was asked for by who is signed in.
  const early = shareToken === null ? earlyAnswer(address) : null;
  const answer = early === null ? null : await early;
  const response = answer ?? (await send(address, { signal, headers: { accept: "application/json" } }));
  return response.text();
}

export async function signIn(token: string): Promise<void> {
  await send("/v1/sign-in", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
}

export async function signOut(): Promise<void> {
  await send("/v1/sign-out", { method: "POST" });
}

export function getAccount(signal: AbortSignal): Promise<Account> {
  return getAt(ACCOUNT, signal);
}

export async function getConnections(signal: AbortSignal): Promise<Connection[]> {
  const answer = await getAt<{ connections: Connection[] }>(CONNECTIONS, signal);
  return answer.connections;
}

export function getSessions(
  connection: string,
  asked: SessionsAsked,
  signal: AbortSignal,
): Promise<SessionPage> {
  return getAt(sessionsAddress(connection, asked), signal);
}

export function getStats(connection: string, asked: StatsAsked, signal: AbortSignal): Promise<SessionStats> {
  return getAt(statsAddress(connection, asked), signal);
}

export function getSession(session: string, signal: AbortSignal): Promise<SessionDetail> {
  return getAt(sessionAddress(session), signal);
}

/** A page of a window's events, and how long its JSON is; of the session's first window where none is named. A cursor goes with the `at` of the page that it is from. */
export async function getEvents(
  session: string,
  window: string | null,
  start: { at: number | null; cursor: string | null },
  limitBytes: number,
  signal: AbortSignal,
): Promise<EventPage & { bytes: number }> {
  const path = `${sessionAddress(session)}/events`;
  const text = await getText(addressOf(path, { window, limit_bytes: limitBytes, ...start }), signal);
  return { ...(JSON.parse(text) as EventPage), bytes: text.length };
}

/** Where what the visitor of a session does is told as it comes (server-sent events); null for a guest: a browser
 *  sends a stream's request without the token of a share link. */
export function liveAddress(session: string): string | null {
  return shareToken === null ? `/v1/sessions/${part(session)}/live` : null;
}

/** @param sessions 1 to 100 ids; those that the connection does not have are left out of the answer */
export async function getFriction(
  connection: string,
  sessions: string[],
  signal: AbortSignal,
): Promise<SessionFriction[]> {
  const path = `/v1/connections/${part(connection)}/sessions/friction`;
  const answer = await get<{ sessions: SessionFriction[] }>(path, { session: sessions }, signal);
  return answer.sessions;
}
