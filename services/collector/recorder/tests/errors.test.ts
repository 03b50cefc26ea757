// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followErrors, type ConsoleError } from "../src/errors";
import { scrubber } from "../src/scrub";

/** The page's own, which the recorder stands in for. */
const page = window.console;

let found: ConsoleError[];
let now: number;
let printed: ReturnType<typeof vi.fn>;
let own: typeof page.error;
let stop: () => void;

beforeEach(() => {
  found = [];
  now = 1_000_000;
  own = page.error;
  printed = vi.fn();
  page.error = printed as unknown as typeof page.error;
  stop = followErrors(
    window,
    scrubber([]),
    (error) => found.push(error),
    () => now,
  );
});
afterEach(() => {
  stop();
  page.error = own;
});

const payload = () => found.map((error) => error.payload.map((part) => JSON.parse(part) as unknown));

describe("an error in the console", () => {
  it("is recorded as rrweb's console plugin writes it, and printed as ever", () => {
    page.error("no stock for", { tea: "moon", left: 0 }, 3, null, undefined);
    expect(printed).toHaveBeenCalledWith("no stock for", { tea: "moon", left: 0 }, 3, null, undefined);
    expect(found).toMatchObject([{ level: "error", trace: expect.any(Array) as string[] }]);
    expect(payload()).toEqual([["no stock for", '{"tea":"moon","left":0}', "3", "null", "undefined"]]);
  });

  it("has an error's own trace", () => {
    const error = new TypeError("broken");
    error.stack =
      "TypeError: broken\n    at order (https://shop.example/order.js?token=abc:1:2)\n    at main";
    page.error("order failed", error);
    expect(payload()).toEqual([["order failed", "TypeError: broken"]]);
    expect(found[0]?.trace).toEqual(["at order (https://shop.example/order.js?token=***", "at main"]);
  });

  it("is short: long texts, many parts, deep traces and large objects are cut", () => {
    const error = new Error("deep");
    error.stack = `Error: deep\n${"    at f (a.js:1:1)\n".repeat(100)}`;
    page.error(
      "x".repeat(1_000_000),
      new Array(1_000_000).fill("y"),
      error,
      ...new Array<number>(50).fill(1),
    );
    expect(JSON.stringify(found).length).toBeLessThan(5_000);
    expect(payload()[0]).toHaveLength(10);
    expect(payload()[0]?.[1]).toBe("[object Array]");
    expect(found[0]?.trace).toHaveLength(10);
  });

  it("may be anything", () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const bad = {
      get member(): never {
        throw new Error("the page's own");
      },
    };
    page.error(cycle, bad, 1n, Symbol("s"), document.body, () => 1);
    expect(payload()[0]).toEqual([
      "[object Object]",
      "[object Object]",
      "1",
      "Symbol(s)",
      "<body>",
      expect.stringContaining("1") as string,
    ]);
  });

  it("within an error that is being recorded is not recorded", () => {
    const tells = {
      toJSON: () => {
        page.error("from within");
        return 1;
      },
    };
    page.error(tells);
    expect(payload()).toEqual([["1"]]);
    expect(printed).toHaveBeenCalledTimes(2);
  });

  it("is one of thirty in a minute at most", () => {
    for (let i = 0; i < 1_000; i++) page.error(i);
    expect(found).toHaveLength(30);
    now += 60_000;
    page.error("a minute later");
    expect(found).toHaveLength(31);
    expect(printed).toHaveBeenCalledTimes(1_001);
  });

  it("shows no telling parameter of an address", () => {
    page.error("GET /api?token=abc failed");
    expect(payload()).toEqual([["GET /api?token=*** failed"]]);
  });
});

describe("an exception that nobody caught", () => {
  it("is recorded", () => {
    const error = new TypeError("broken");
    window.dispatchEvent(new ErrorEvent("error", { message: "TypeError: broken", error, filename: "a.js" }));
    expect(payload()).toEqual([["Uncaught TypeError: broken"]]);
    expect(found[0]?.trace.length).toBeGreaterThan(0);
  });

  it("of another origin is all that the browser says", () => {
    window.dispatchEvent(
      new ErrorEvent("error", { message: "Script error.", filename: "b.js", lineno: 3, colno: 7 }),
    );
    expect(payload()).toEqual([["Uncaught Script error."]]);
    expect(found[0]?.trace).toEqual(["b.js:3:7"]);
  });

  it("in a promise is recorded", () => {
    const event = Object.assign(new Event("unhandledrejection"), { reason: new Error("late") });
    window.dispatchEvent(event);
    expect(payload()).toEqual([["Uncaught (in promise)", "Error: late"]]);
  });

  it("is not a picture that did not load", () => {
    document.body.innerHTML = "<img>";
    document.querySelector("img")?.dispatchEvent(new Event("error", { bubbles: true }));
    expect(found).toEqual([]);
  });
});

it("restores the window, and records nothing after", () => {
  const standIn = page.error;
  stop();
  expect(page.error).toBe(printed);
  standIn("kept by the page");
  window.dispatchEvent(new ErrorEvent("error", { message: "x" }));
  expect(printed).toHaveBeenCalledWith("kept by the page");
  expect(found).toEqual([]);
});
