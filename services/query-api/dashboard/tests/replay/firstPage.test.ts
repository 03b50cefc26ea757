// @vitest-environment node
import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, it, vi } from "vitest";
import { firstPageQuery, takeFirstPage } from "../../src/replay/firstPage";
import { sheetsAhead } from "../../src/replay/style-sheets/SheetsAhead";
import { aDetail, aWindow, meta, T0 } from "../builders";
import { refused, stubQueryApi } from "../queryApi";

const FIRST = { events: [meta(0)], next_cursor: "b" };
const window = aWindow({ first_at: T0 });
const detail = aDetail({ session_id: "s", windows: [window] });
let client: QueryClient;
let asked: string[];

beforeEach(() => {
  client = new QueryClient();
  asked = stubQueryApi({ "GET /v1/sessions/s/events": () => FIRST });
});

it("is handed out once, also while it is on its way", async () => {
  void client.query(firstPageQuery("s"));
  expect(await takeFirstPage(client, detail, window)).toMatchObject(FIRST);
  expect(await takeFirstPage(client, detail, window)).toBeNull();
  expect(asked).toHaveLength(1);
});

it("comes with its style sheets adapted", async () => {
  let done: () => void = () => undefined;
  const adapt = vi.spyOn(sheetsAhead, "adapt").mockReturnValue(new Promise((settle) => (done = settle)));
  await client.query(firstPageQuery("s"));
  expect(adapt).toHaveBeenCalledExactlyOnceWith(FIRST.events);
  const taken = vi.fn();
  const taking = takeFirstPage(client, detail, window).then(taken);
  await new Promise((passed) => setTimeout(passed, 10));
  expect(taken).not.toHaveBeenCalled();
  done();
  await taking;
  expect(taken).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(FIRST));
  expect(adapt).toHaveBeenCalledOnce();
});

it("is none where it was not asked for, and is not asked for then", async () => {
  expect(await takeFirstPage(client, detail, window)).toBeNull();
  expect(asked).toEqual([]);
});

const other = aWindow({ window_id: "w_2", first_at: T0 + 1 });
const sameMoment = aWindow({ window_id: "w_2", first_at: T0 });

it.each([
  ["the session's first one is not the one that is shown", [window, other], other],
  ["its page does not begin where the window does", [other], other],
  ["two begin at the same ms, and nobody says whose it is", [window, sameMoment], window],
])("is none of another window: %s", async (_, windows, shown) => {
  await client.query(firstPageQuery("s"));
  expect(await takeFirstPage(client, { session_id: "s", windows }, shown)).toBeNull();
});

it("is none where it failed, which is not repeated", async () => {
  asked = stubQueryApi({ "GET /v1/sessions/s/events": () => refused(503, "not_ready", "Not ready yet") });
  await client.query(firstPageQuery("s")).catch(() => undefined);
  expect(await takeFirstPage(client, detail, window)).toBeNull();
  expect(asked).toHaveLength(1);
});

it("is none after a while", async () => {
  await client.query(firstPageQuery("s"));
  vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ["Date"] });
  try {
    expect(await takeFirstPage(client, detail, window)).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});
