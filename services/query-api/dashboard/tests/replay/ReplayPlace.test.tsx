// What is asked for, and when, from the moment that somebody wants to see a session until its first frame is there.
import { useQuery } from "@tanstack/react-query";
import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sessionQuery } from "../../src/api/queries";
import { NEWEST_FIRST, NO_FILTERS } from "../../src/filters/filters";
import { Failsafe } from "../../src/problem/Failsafe";
import type { ReplayProps } from "../../src/replay/Replay";
import { firstPageQuery } from "../../src/replay/firstPage";
import { ReplayPlace } from "../../src/replay/ReplayPlace";
import { aDetail, fullSnapshot, meta, textChange } from "../builders";
import { stubQueryApi } from "../queryApi";
import { show, showIn } from "../show";

const code = vi.hoisted(() => ({ loadedReplay: vi.fn(), loadReplay: vi.fn() }));
vi.mock("../../src/replay/replayCode", () => code);

const detail = aDetail();
const SESSION = `/v1/sessions/${detail.session_id}`;
const LIST = `/v1/connections/${detail.connection_id}/sessions`;
const RECORDED = { events: [meta(0), fullSnapshot(0), textChange(60_000, "a")], next_cursor: null };

const props: ReplayProps = {
  session: detail.session_id,
  window: null,
  at: null,
  account: { name: "Ada", tenant: "demo", role: "reader" },
  list: { connection: detail.connection_id, filters: NO_FILTERS, order: NEWEST_FIRST },
  close: () => undefined,
  showWindow: () => undefined,
  showSession: () => undefined,
};

/** Something that arrives when the test says so. */
function later() {
  let arrive: (value: unknown) => void = () => undefined;
  const promise = new Promise((resolve) => {
    arrive = resolve;
  });
  return { promise, arrive };
}

let events: ReturnType<typeof later>;
let asked: string[];

beforeEach(() => {
  events = later();
  asked = stubQueryApi({
    [`GET ${SESSION}`]: () => detail,
    [`GET ${SESSION}/events`]: () => events.promise,
    [`GET ${SESSION}/timeline`]: () => ({ items: [], next_from: null, complete: true }),
    [`GET ${LIST}`]: () => ({ sessions: [], next_cursor: null }),
    "GET /v1/connections": () => ({ connections: [] }),
  });
});
afterEach(() => {
  vi.resetAllMocks();
});

const calls = () => asked.map((call) => call.split("?")[0]);

it("the session is asked for while the code is on its way, and once", async () => {
  const arriving = later();
  code.loadedReplay.mockReturnValue(null);
  code.loadReplay.mockReturnValue(arriving.promise);
  show(<ReplayPlace {...props} />);

  await waitFor(() => {
    expect(calls()).toEqual([`GET ${SESSION}`]);
  });
  const Shown = ({ session }: ReplayProps) => <p>{useQuery(sessionQuery(session)).data?.landing_url}</p>;
  await act(async () => {
    arriving.arrive({ default: Shown });
    await arriving.promise;
  });

  expect(screen.getByText(detail.landing_url)).toBeDefined();
  expect(calls()).toEqual([`GET ${SESSION}`]);
});

it("what stands beside the replay is asked for behind its first frame", async () => {
  code.loadedReplay.mockReturnValue(await import("../../src/replay/Replay"));
  show(<ReplayPlace {...props} />);
  await waitFor(() => {
    expect(calls()).toContain(`GET ${SESSION}/events`);
  });
  const before = calls();

  events.arrive(RECORDED);

  await waitFor(() => {
    expect(calls().slice(before.length)).toContain(`GET ${SESSION}/timeline`);
    expect(asked.slice(before.length).some((call) => call.includes("visitor="))).toBe(true);
  });
  expect(before).not.toContain(`GET ${SESSION}/timeline`);
  expect(asked.slice(0, before.length).some((call) => call.includes("visitor="))).toBe(false);
});

it("it is said that the code cannot be had", async () => {
  vi.spyOn(console, "error").mockReturnValue(undefined);
  code.loadedReplay.mockReturnValue(null);
  code.loadReplay.mockRejectedValue(new TypeError("Failed to fetch Replay.js"));
  show(
    <Failsafe of={props.session} close={null}>
      <ReplayPlace {...props} />
    </Failsafe>,
  );
  expect((await screen.findByRole("alert")).textContent).toContain("Failed to fetch Replay.js");
});

it("what was asked for when the row was pressed is what the replay begins with", async () => {
  code.loadedReplay.mockReturnValue(await import("../../src/replay/Replay"));
  const client = show(<p>The list</p>);
  events.arrive(RECORDED);
  await client.query(firstPageQuery(detail.session_id));
  cleanup();

  showIn(client, <ReplayPlace {...props} />);

  await waitFor(() => {
    expect(screen.getByTestId("stage").dataset.heldEvents).toBe("3");
  });
  expect(calls().filter((call) => call?.endsWith("/events"))).toHaveLength(1);
});
