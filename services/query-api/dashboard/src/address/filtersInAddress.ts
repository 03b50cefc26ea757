// Filters and order as they stand in the address, under the query API's own names. Pure. What cannot be read is left
// out and told, never guessed: a filter that is passed over in silence shows what was not asked for.
import {
  distinct,
  type Filters,
  FRICTIONS,
  LAST_MS,
  type Last,
  LATEST_AT,
  LONGEST_NAME,
  LONGEST_URL,
  LONGEST_VISITOR,
  MOST_NAMES,
  NEWEST_FIRST,
  noLongerThan,
  type Order,
  type TimeRange,
} from "../filters/filters";

/** What the address asks for and cannot have. */
export interface Ignored {
  name: string;
  value: string;
  why: string;
}

export interface ReadFilters {
  filters: Filters;
  order: Order;
  ignored: Ignored[];
}

/** @param others names in the address that are no filters */
export function readFilters(query: URLSearchParams, others: readonly string[]): ReadFilters {
  const ignored: Ignored[] = [];
  const known = new Set(others);

  /** All values of a name that are as they have to be. */
  function all<Value>(name: string, read: (text: string) => Value | null, why: string): Value[] {
    known.add(name);
    return query.getAll(name).flatMap((text) => {
      const value = text === "" ? null : read(text);
      if (value === null && text !== "") ignored.push({ name, value: text, why });
      return value === null ? [] : [value];
    });
  }
  function one<Value>(name: string, read: (text: string) => Value | null, why: string): Value | null {
    const [first = null, ...more] = all(name, read, why);
    for (const value of more) ignored.push({ name, value: String(value), why: "it is there twice" });
    return first;
  }
  function names(name: string, read: (text: string) => string | null, why: string): string[] {
    const values = distinct(all(name, read, why));
    for (const value of values.slice(MOST_NAMES)) {
      ignored.push({ name, value, why: `no more than ${MOST_NAMES} can be asked for` });
    }
    return values.slice(0, MOST_NAMES);
  }

  const filters: Filters = {
    status: one("status", oneOf(["active", "completed"]), "it has to be active or completed"),
    time: null,
    url: one("url", noLongerThan(LONGEST_URL), `it has more than ${LONGEST_URL} characters`),
    browsers: names("browser", noLongerThan(LONGEST_NAME), `it has more than ${LONGEST_NAME} characters`),
    oses: names("os", noLongerThan(LONGEST_NAME), `it has more than ${LONGEST_NAME} characters`),
    countries: names("country", countryCode, "a country has two letters"),
    visitor: one("visitor", noLongerThan(LONGEST_VISITOR), `it has more than ${LONGEST_VISITOR} characters`),
    minDurationMs: one("min_duration", wholeNumber, "it has to be a whole number of ms"),
    minEvents: one("min_events", wholeNumber, "it has to be a whole number"),
    replayable: one("replayable", yesOrNo, "it has to be true or false"),
    has: inOrder(all("has", oneOf(FRICTIONS), `it has to be one of ${FRICTIONS.join(", ")}`)),
  };
  const last = one("last", oneOf(LASTS), `it has to be one of ${LASTS.join(", ")}`);
  const from = one("from", moment, "it has to be a time in ms since 1970");
  const to = one("to", moment, "it has to be a time in ms since 1970");
  filters.time = time(last, from, to, ignored);

  const sort = one("sort", oneOf(SORTS), "it has to be started_at, duration or events");
  const direction = one("direction", oneOf(DIRECTIONS), "it has to be desc or asc");

  for (const [name, value] of query) {
    if (!known.has(name)) ignored.push({ name, value, why: "there is no such filter" });
  }
  return {
    filters,
    order: { sort: sort ?? NEWEST_FIRST.sort, direction: direction ?? NEWEST_FIRST.direction },
    ignored,
  };
}

/** Adds what is asked for to the query; what is as it always is, is left out. */
export function writeFilters(query: URLSearchParams, filters: Filters, order: Order): void {
  const set = (name: string, value: string | number | boolean | null) => {
    if (value !== null) query.set(name, String(value));
  };
  const add = (name: string, values: readonly string[]) => {
    for (const value of values) query.append(name, value);
  };
  set("status", filters.status);
  if (filters.time?.kind === "last") set("last", filters.time.last);
  if (filters.time?.kind === "between") {
    set("from", filters.time.from);
    set("to", filters.time.to);
  }
  set("url", filters.url);
  add("browser", filters.browsers);
  add("os", filters.oses);
  add("country", filters.countries);
  set("visitor", filters.visitor);
  set("min_duration", filters.minDurationMs);
  set("min_events", filters.minEvents);
  set("replayable", filters.replayable);
  add("has", filters.has);
  if (order.sort !== NEWEST_FIRST.sort) set("sort", order.sort);
  if (order.direction !== NEWEST_FIRST.direction) set("direction", order.direction);
}

const SORTS: readonly Order["sort"][] = ["started_at", "duration", "events"];
const DIRECTIONS: readonly Order["direction"][] = ["desc", "asc"];
const LASTS = Object.keys(LAST_MS) as Last[];

function time(
  last: Last | null,
  from: number | null,
  to: number | null,
  ignored: Ignored[],
): TimeRange | null {
  if (from === null && to === null) return last === null ? null : { kind: "last", last };
  if (last !== null) ignored.push({ name: "last", value: last, why: "from and to say when" });
  if (from !== null && to !== null && to <= from) {
    ignored.push({ name: "to", value: String(to), why: "it has to be later than from" });
    return { kind: "between", from, to: null };
  }
  return { kind: "between", from, to };
}

function inOrder(found: Filters["has"]): Filters["has"] {
  return FRICTIONS.filter((friction) => found.includes(friction));
}

function oneOf<Value extends string>(values: readonly Value[]): (text: string) => Value | null {
  return (text) => values.find((value) => value === text) ?? null;
}

function countryCode(text: string): string | null {
  return /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : null;
}

function wholeNumber(text: string): number | null {
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
}

function moment(text: string): number | null {
  const at = wholeNumber(text);
  return at !== null && at <= LATEST_AT ? at : null;
}

function yesOrNo(text: string): boolean | null {
  return text === "true" ? true : text === "false" ? false : null;
}
