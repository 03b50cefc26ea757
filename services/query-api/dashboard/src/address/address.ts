// What the dashboard keeps in the address, as pure functions: connection, filters, order, open session and moment.
import { type Filters, NEWEST_FIRST, NO_FILTERS, type Order } from "../filters/filters";
import { type Ignored, readFilters, writeFilters } from "./filtersInAddress";

export interface Address {
  connection: string | null;
  filters: Filters;
  order: Order;
  /** The session whose replay is open. */
  session: string | null;
  window: string | null;
  /** The moment the replay opens at, ms since the epoch on the visitor's clock. */
  at: number | null;
}

export const EMPTY: Address = {
  connection: null,
  filters: NO_FILTERS,
  order: NEWEST_FIRST,
  session: null,
  window: null,
  at: null,
};

interface Place {
  pathname: string;
  search: string;
}

const NO_FILTER = ["connection", "window", "at"];

export function parseAddress(location: Place): Address {
  return readAddress(location).address;
}

/** The address, and what it asks for that there is not. */
export function readAddress(location: Place): { address: Address; ignored: Ignored[] } {
  const query = new URLSearchParams(location.search);
  const session = sessionOf(location.pathname);
  const { filters, order, ignored } = readFilters(query, NO_FILTER);
  const address = {
    connection: textOrNull(query.get("connection")),
    filters,
    order,
    session,
    window: session === null ? null : textOrNull(query.get("window")),
    at: session === null ? null : momentOrNull(query.get("at")),
  };
  return { address, ignored };
}

export function formatAddress(address: Address): string {
  const query = new URLSearchParams();
  if (address.connection !== null) query.set("connection", address.connection);
  writeFilters(query, address.filters, address.order);
  if (address.session !== null) {
    if (address.window !== null) query.set("window", address.window);
    if (address.at !== null) query.set("at", String(address.at));
  }
  const path = address.session === null ? "/" : `/sessions/${encodeURIComponent(address.session)}`;
  return query.size > 0 ? `${path}?${query.toString()}` : path;
}

/** `#token=…` signs in. Returns the token, or null when the fragment holds none. */
export function tokenOf(fragment: string): string | null {
  return textOrNull(new URLSearchParams(fragment.replace(/^#/, "")).get("token"));
}

/** `#share=…` opens the session of the address to who has the link. Returns the link's token, or null. */
export function shareOf(fragment: string): string | null {
  return textOrNull(new URLSearchParams(fragment.replace(/^#/, "")).get("share"));
}

function sessionOf(pathname: string): string | null {
  const name = /^\/sessions\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (name === undefined) return null;
  try {
    return decodeURIComponent(name);
  } catch {
    return null; // A broken escape names no session.
  }
}

function textOrNull(value: string | null): string | null {
  return value === null || value === "" ? null : value;
}

function momentOrNull(value: string | null): number | null {
  return value !== null && /^\d{1,16}$/.test(value) ? Number(value) : null;
}
