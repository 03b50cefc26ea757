// @vitest-environment node
import { expect, it } from "vitest";
import { drawnRows, rowFor } from "../../src/sessions/rowKeys";

it.each([
  ["ArrowDown", 3, 4],
  ["ArrowUp", 3, 2],
  ["PageDown", 3, 13],
  ["PageUp", 23, 13],
  ["Home", 23, 0],
  ["End", 3, 99],
  ["ArrowDown", 99, 99],
  ["ArrowUp", 0, 0],
  ["PageDown", 95, 99],
  ["PageUp", 4, 0],
])("%s in row %i of 100 leads to row %i", (key, from, to) => {
  expect(rowFor(key, from, 100, 10)).toBe(to);
});

it("moves on even where less than a row fits the screen", () => {
  expect(rowFor("PageDown", 3, 100, 0)).toBe(4);
  expect(rowFor("PageUp", 3, 100, -1)).toBe(2);
});

it("leaves every other key alone", () => {
  expect(rowFor("a", 3, 100, 10)).toBeNull();
  expect(rowFor("Enter", 3, 100, 10)).toBeNull();
});

it("draws what is in sight and what is kept, each once and in order", () => {
  expect(drawnRows([40, 41, 42], [7, 41, 90], 100)).toEqual([7, 40, 41, 42, 90]);
});

it("keeps nothing that the list does not have", () => {
  expect(drawnRows([0, 1], [-1, 2], 2)).toEqual([0, 1]);
});
