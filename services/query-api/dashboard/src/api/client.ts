// The calls of the query API. Knows addresses and shapes; keeps nothing and retries nothing.
// Who signs in has an HttpOnly cookie, and no token is held here. Who comes by a share link is sent with its token,
// and without the cookie: the link opens what it opens, whoever else is signed in in this browser.
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

export const SESSIONS_PER_PAGE = 50;
/** The first page is there soon; who reads on gets as much at once as the API gives. */
export const SESSIONS_PER_FURTHER_PAGE = 200;

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

type Parameter = string | number | boolean | null | undefined;
type Parameters = Record<string, Parameter | string[]>;

export async function get<Answer>(
  path: string,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<Answer> {
  return JSON.parse(await getText(path, parameters, signal)) as Answer;
}

async function getText(path: string, parameters: Parameters, signal: AbortSignal): Promise<string> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && each !== undefined) query.append(name, String(each));
    }
  }
  const address = query.size > 0 ? `${path}?${query.toString()}` : path;
  const response = await send(address, { signal, headers: { accept: "application/json" } });
  return response.text();
}

export const part = encodeURIComponent;

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
  return get("/v1/me", {}, signal);
}

export async function getConnections(signal: AbortSignal): Promise<Connection[]> {
  const answer = await get<{ connections: Connection[] }>("/v1/connections", {}, signal);
  return answer.connections;
}

export function getSessions(
  connection: string,
  asked: SessionsAsked,
  signal: AbortSignal,
): Promise<SessionPage> {
  const limit = (asked.cursor ?? null) === null ? SESSIONS_PER_PAGE : SESSIONS_PER_FURTHER_PAGE;
  return get(`/v1/connections/${part(connection)}/sessions`, { ...asked, limit }, signal);
}

export function getStats(connection: string, asked: StatsAsked, signal: AbortSignal): Promise<SessionStats> {
  return get(`/v1/connections/${part(connection)}/sessions/stats`, { ...asked }, signal);
}

export function getSession(session: string, signal: AbortSignal): Promise<SessionDetail> {
  return get(`/v1/sessions/${part(session)}`, {}, signal);
}

/** A page of a window's events, and how long its JSON is. A cursor goes with the `at` of the page that it is from. */
export async function getEvents(
  session: string,
  window: string,
  start: { at: number | null; cursor: string | null },
  limitBytes: number,
  signal: AbortSignal,
): Promise<EventPage & { bytes: number }> {
  const path = `/v1/sessions/${part(session)}/events`;
  const text = await getText(path, { window, limit_bytes: limitBytes, ...start }, signal);
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
