// What is asked for, each part as a text and with what is left without it. Pure.
import { counted } from "../format/number";
import type { Filters } from "./filters";
import { countryWords, FRICTION_WORDS, spanWords, timeWords } from "./words";

export interface Chip {
  words: string;
  /** The filters without it. */
  rest: Filters;
}

export function chipsOf(filters: Filters): Chip[] {
  const chips: Chip[] = [];
  const chip = (words: string, change: Partial<Filters>) => {
    chips.push({ words, rest: { ...filters, ...change } });
  };
  const without = <Value>(values: readonly Value[], value: Value) =>
    values.filter((other) => other !== value);

  if (filters.status !== null) chip(filters.status === "active" ? "Active" : "Completed", { status: null });
  if (filters.time !== null) chip(timeWords(filters.time), { time: null });
  if (filters.url !== null) chip(`Page contains “${filters.url}”`, { url: null });
  for (const name of filters.browsers)
    chip(`Browser: ${name}`, { browsers: without(filters.browsers, name) });
  for (const name of filters.oses) chip(`System: ${name}`, { oses: without(filters.oses, name) });
  for (const code of filters.countries) {
    chip(`Country: ${countryWords(code)}`, { countries: without(filters.countries, code) });
  }
  if (filters.visitor !== null) chip(`Visitor: ${filters.visitor}`, { visitor: null });
  if (filters.minDurationMs !== null) {
    chip(`At least ${spanWords(filters.minDurationMs)}`, { minDurationMs: null });
  }
  if (filters.minEvents !== null)
    chip(`At least ${counted(filters.minEvents, "event")}`, { minEvents: null });
  if (filters.replayable !== null) {
    chip(filters.replayable ? "Can be played" : "Cannot be played", { replayable: null });
  }
  for (const friction of filters.has) {
    chip(FRICTION_WORDS[friction], { has: without(filters.has, friction) });
  }
  return chips;
}
