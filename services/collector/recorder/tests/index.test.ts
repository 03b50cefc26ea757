// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as recorder from "../src/index";
import { FakeCollector } from "./builders";

let collector: FakeCollector;
const options = { key: "write-key-1", endpoint: "https://collector.example" };

beforeEach(() => {
  vi.stubGlobal("CompressionStream", undefined);
  localStorage.clear();
  sessionStorage.clear();
  collector = new FakeCollector();
});
afterEach(() => {
  recorder.stop();
  Reflect.deleteProperty(window, "playhead");
});

const sent = (text: string) =>
  vi.waitFor(() => {
    expect(collector.text()).toContain(text);
  });

it("records with the options that a tag has as attributes", async () => {
  document.body.innerHTML = `<p>words</p><input value="typed"><input class="public" value="shown">`;
  recorder.start({ ...options, maskText: true, unmask: ".public", sample: 1, deny: ["/account*"] });
  await sent('"type":2');
  expect(collector.text()).toContain("*****");
  expect(collector.text()).toContain("shown");
  expect(collector.text()).not.toMatch(/words|typed/);
});

it("waits for consent, and takes events", async () => {
  recorder.start({ ...options, consent: "required" });
  await vi.waitFor(() => {
    expect(collector.configRequests).toBe(1);
  });
  expect(collector.sent).toEqual([]);
  recorder.consent(true);
  await sent('"type":2');
  recorder.event("chat", "hello");
  recorder.stop();
  await sent('{"tag":"chat","payload":"hello"}');
});

it("is one recorder, whoever starts it", async () => {
  recorder.start(options);
  const first = window.playhead;
  recorder.start({ ...options, key: "write-key-2" });
  recorder.start();
  expect(window.playhead).toBe(first);
  await sent('"type":2');
  expect(collector.configRequests).toBe(1);
  recorder.optOut();
  expect(Object.keys(localStorage)).toEqual(["playhead.write-key-1.opted-out"]);
  recorder.optIn();
  expect(localStorage.getItem("playhead.write-key-1.opted-out")).toBeNull();
});

it("says what is wrong, and does not throw", () => {
  const said = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  recorder.start();
  recorder.start({ key: "short", endpoint: "/" });
  recorder.event("ignored");
  expect(said).toHaveBeenCalledTimes(2);
  expect(window.playhead).toBeUndefined();
});

it("does nothing where there is no page", () => {
  vi.stubGlobal("window", undefined);
  recorder.start(options);
  recorder.event("ignored");
  recorder.consent(true);
  recorder.optOut();
  vi.unstubAllGlobals();
  expect(window.playhead).toBeUndefined();
  expect(localStorage.length).toBe(0);
});
