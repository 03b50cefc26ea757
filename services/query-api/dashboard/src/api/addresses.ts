// Where the query API answers what. Pure.
import type { SessionsAsked, StatsAsked } from "./types";

export const SESSIONS_PER_PAGE = 50;
/** The first page is there soon; who reads on gets as much at once as the API gives. */
export const SESSIONS_PER_FURTHER_PAGE = 200;

type Parameter = string | number | boolean | null | undefined;
export type Parameters = Record<string, Parameter | string[]>;

export const part = encodeURIComponent;

/** The path with what is asked for; null and undefined are left out, a list is the name several times. */
export function addressOf(path: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && each !== undefined) query.append(name, String(each));
    }
  }
  return query.size > 0 ? `${path}?${query.toString()}` : path;
}

export const ACCOUNT = "/v1/me";
export const CONNECTIONS = "/v1/connections";

export function sessionsAddress(connection: string, asked: SessionsAsked): string {
  const limit = (asked.cursor ?? null) === null ? SESSIONS_PER_PAGE : SESSIONS_PER_FURTHER_PAGE;
  return addressOf(`${CONNECTIONS}/${part(connection)}/sessions`, { ...asked, limit });
}

export function statsAddress(connection: string, asked: StatsAsked): string {
  return addressOf(`${CONNECTIONS}/${part(connection)}/sessions/stats`, { ...asked });
}

export function sessionAddress(session: string): string {
  return `/v1/sessions/${part(session)}`;
}
