import { expect, it } from "vitest";
import { verdictOf } from "../src/verdict";

it("only a 202 is an acceptance", () => {
  expect(verdictOf(202, null)).toEqual({ kind: "accepted" });
  // A captive portal answers everything with 200.
  expect(verdictOf(200, null)).toEqual({ kind: "retry", askedMs: null });
});

it.each([408, 429, 500, 502, 503, 504, 404])("%i is tried again, when asked", (status) => {
  expect(verdictOf(status, 5_000)).toEqual({ kind: "retry", askedMs: 5_000 });
});

it.each([400, 413, 415])("%i refuses the batch", (status) => {
  expect(verdictOf(status, null)).toEqual({ kind: "batch_refused", status });
});

it.each([401, 403])("%i refuses the connection", (status) => {
  expect(verdictOf(status, null)).toEqual({ kind: "connection_refused", status });
});
