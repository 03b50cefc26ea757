import { expect, it } from "vitest";
import { verdictOf } from "../src/verdict";

it("only a 202 is an acceptance", () => {
  expect(verdictOf(202, null)).toEqual({ kind: "accepted" });
  // A captive portal answers everything with 200.
  expect(verdictOf(200, null)).toMatchObject({ kind: "retry", askedMs: null });
});

it.each([408, 429, 500, 502, 503, 504, 404])("%i is tried again, when asked", (status) => {
  expect(verdictOf(status, 5_000)).toMatchObject({ kind: "retry", askedMs: 5_000 });
});

it("the batch may be in the log all the same, but not where it was refused before it was read", () => {
  const maybe = [408, 429, 503, 200].filter((status) => {
    const verdict = verdictOf(status, null);
    return verdict.kind === "retry" && verdict.maybeTaken;
  });
  expect(maybe).toEqual([503, 200]);
});

it("413 may be true of the whole and not of its halves", () => {
  expect(verdictOf(413, null)).toEqual({ kind: "too_large" });
});

it.each([400, 415])("%i refuses the batch", (status) => {
  expect(verdictOf(status, null)).toEqual({ kind: "batch_refused", status });
});

it.each([401, 403])("%i refuses the connection", (status) => {
  expect(verdictOf(status, null)).toEqual({ kind: "connection_refused", status });
});
