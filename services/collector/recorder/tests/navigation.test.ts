// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followNavigation } from "../src/navigation";

let moves: [string, string][];
let stop: () => void;

const follow = () =>
  followNavigation((href, kind) => {
    moves.push([href.replace(location.origin, ""), kind]);
  });

beforeEach(() => {
  history.replaceState(null, "", "/start");
  moves = [];
  stop = follow();
});
afterEach(() => {
  stop();
});

it("hears of every change of the address inside the page, once", async () => {
  history.pushState({ at: 1 }, "", "/one");
  history.replaceState(null, "", "/two?x=1");
  location.hash = "part";
  await vi.waitFor(() => {
    expect(moves).toHaveLength(3);
  });
  history.back();
  await vi.waitFor(() => {
    expect(moves).toHaveLength(4);
  });
  expect(moves).toEqual([
    ["/one", "push"],
    ["/two?x=1", "replace"],
    // A change behind # is told by popstate or by hashchange, whichever the browser sends first.
    ["/two?x=1#part", expect.stringMatching(/pop|hash/) as string],
    ["/two?x=1", expect.stringMatching(/pop|hash/) as string],
  ]);
});

it("does not take a state without another address for a move", () => {
  history.pushState({ at: 1 }, "");
  history.replaceState({ at: 2 }, "", location.href);
  expect(moves).toEqual([]);
});

it("lets the page's errors be the page's", () => {
  expect(() => {
    history.pushState(null, "", "https://elsewhere.example/");
  }).toThrow();
  expect(moves).toEqual([]);
});

it("restores the page, and hears nothing after", () => {
  stop();
  const before = Object.getOwnPropertyDescriptors(History.prototype);
  stop = follow();
  expect(Object.getOwnPropertyDescriptors(History.prototype)).not.toEqual(before);
  stop();
  expect(Object.getOwnPropertyDescriptors(History.prototype)).toEqual(before);
  history.pushState(null, "", "/after");
  dispatchEvent(new PopStateEvent("popstate"));
  dispatchEvent(new HashChangeEvent("hashchange"));
  expect(moves).toEqual([]);
});

it("stands in for a function that the page put on its own history, and puts that back", () => {
  stop();
  const pages = vi.fn(History.prototype.pushState.bind(history));
  history.pushState = pages;
  stop = follow();
  history.pushState(null, "", "/one");
  expect(pages).toHaveBeenCalledOnce();
  expect(moves).toEqual([["/one", "push"]]);
  stop();
  expect(Object.getOwnPropertyDescriptor(history, "pushState")?.value).toBe(pages);
  Reflect.deleteProperty(history, "pushState");
});

it("only passes calls on where the page put its own function on top", () => {
  const ours = history.pushState.bind(history);
  history.pushState = (...args) => {
    ours(...args);
  };
  stop();
  history.pushState(null, "", "/one");
  expect(location.pathname).toBe("/one");
  expect(moves).toEqual([]);
  Reflect.deleteProperty(history, "pushState");
});

it("does not throw into the page when what follows fails", () => {
  stop();
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  stop = followNavigation(() => {
    throw new Error("ours");
  });
  history.pushState(null, "", "/one");
  expect(location.pathname).toBe("/one");
});
