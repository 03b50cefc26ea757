// The calls of the query API. Knows addresses and shapes; keeps nothing and retries nothing.
// Who signs in has an HttpOnly cookie, and no token is held here. Who comes by a share link is sent with its token,
// and without the cookie: the link opens what it opens, whoever else is signed in in this browser.
import { problemOf, unreachable } from "./problem";
import type {
  Account,
  Connection,
  EventPage,
  SessionDetail,
  SessionPage,
  SessionStats,
  SessionStatus,
} from "./types";

export const SESSIONS_PER_PAGE = 50;

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

async function send(path: string, init: RequestInit): Promise<Response> {
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

async function get<Answer>(
  path: string,
  parameters: Record<string, string | number | null>,
  signal: AbortSignal,
): Promise<Answer> {
  return JSON.parse(await getText(path, parameters, signal)) as Answer;
}

async function getText(
  path: string,
  parameters: Record<string, string | number | null>,
  signal: AbortSignal,
): Promise<string> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) query.set(name, String(value));
  }
  const address = query.size > 0 ? `${path}?${query.toString()}` : path;
  const response = await send(address, { signal, headers: { accept: "application/json" } });
  return response.text();
}

const part = encodeURIComponent;

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
  status: SessionStatus | null,
  cursor: string | null,
  signal: AbortSignal,
): Promise<SessionPage> {
  return get(
    `/v1/connections/${part(connection)}/sessions`,
    { status, limit: SESSIONS_PER_PAGE, cursor },
    signal,
  );
}

export function getStats(connection: string, signal: AbortSignal): Promise<SessionStats> {
  return get(`/v1/connections/${part(connection)}/sessions/stats`, {}, signal);
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
