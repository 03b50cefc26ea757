import { expect, it } from "vitest";
import { compress, textOf } from "../src/compress";
import { eventsOf, halve } from "../src/halves";
import { batch } from "./builders";

const events = [{ type: 4 }, { type: 2 }, { type: 3, data: "é\ud83c" }];
const whole = () => batch(7, JSON.stringify(events), { triedAt: 1, kept: "yes" });

it("cuts in two, in order; the earlier half is as large or one larger, and keeps the number and its place", async () => {
  const [first, second] = halve(whole(), events, 9);
  expect([await eventsOf(first), await eventsOf(second)]).toEqual([events.slice(0, 2), events.slice(2)]);
  expect(first).toMatchObject({ seq: 7, kept: "yes", triedAt: null });
  expect(second).toMatchObject({ seq: 9, kept: "no", triedAt: null });
});

it("reads the events of a compressed batch", async () => {
  const zipped = whole();
  await compress(zipped);
  expect(zipped.body.encoding).toBe("gzip");
  expect(await eventsOf(zipped)).toEqual(await eventsOf(whole()));
});

it("comes to single events that are what they were, to the letter", async () => {
  const [first] = halve(whole(), events, 9);
  const [alone] = halve(first, await eventsOf(first), 10);
  expect(await textOf(alone)).toBe('[{"type":4}]');
});
