import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sessionQuery } from "../../src/api/queries";
import type { Session } from "../../src/api/types";
import { REST_MS, useExpecting } from "../../src/sessions/useExpecting";
import { aDetail } from "../builders";
import { stubQueryApi } from "../queryApi";
import { show } from "../show";

const code = vi.hoisted(() => ({ expectReplay: vi.fn() }));
vi.mock("../../src/replay/replayCode", () => code);

const detail = aDetail();
const CALL = `GET /v1/sessions/${detail.session_id}`;
/** Of the first window, whichever that is. */
const FIRST_PAGE = `${CALL}/events?limit_bytes=262144`;
let asked: string[];

function Row({ session = detail }: { session?: Session }) {
  return (
    <button type="button" {...useExpecting(session)}>
      Row
    </button>
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = stubQueryApi({
    [CALL]: () => detail,
    [`${CALL}/events`]: () => ({ events: [], next_cursor: null }),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

it("who rests on a row has its session and the first of its recording asked for, and finds it there", async () => {
  const client = show(<Row />);
  fireEvent.pointerEnter(screen.getByRole("button"));
  expect(code.expectReplay).toHaveBeenCalledOnce();
  await pass(REST_MS - 1);
  expect(asked).toEqual([]);
  await pass(1);
  expect(asked).toEqual([CALL, FIRST_PAGE]);
  await pass(10);
  expect(client.getQueryData(sessionQuery(detail.session_id).queryKey)).toEqual(detail);
});

it("who presses has them asked for at once, and once", async () => {
  show(<Row />);
  fireEvent.pointerEnter(screen.getByRole("button"));
  fireEvent.pointerDown(screen.getByRole("button"));
  expect(asked).toEqual([CALL, FIRST_PAGE]);
  await pass(10 * REST_MS);
  fireEvent.pointerDown(screen.getByRole("button"));
  expect(asked).toEqual([CALL, FIRST_PAGE]);
});

it.each([
  ["cannot play", aDetail({ replayable: false })],
  ["opens at what its visitor does now", aDetail({ status: "active" })],
])("nothing is asked for of the recording of a session that %s", async (_, session) => {
  show(<Row session={session} />);
  fireEvent.pointerDown(screen.getByRole("button"));
  await pass(10);
  expect(asked).toEqual([CALL]);
});

it("who passes over it has not", async () => {
  show(<Row />);
  fireEvent.pointerEnter(screen.getByRole("button"));
  await pass(REST_MS - 1);
  fireEvent.pointerLeave(screen.getByRole("button"));
  await pass(10 * REST_MS);
  expect(asked).toEqual([]);
});

it("keys on their way through the rows ask for no session", async () => {
  show(<Row />);
  screen.getByRole("button").focus();
  await pass(10 * REST_MS);
  expect(code.expectReplay).toHaveBeenCalledOnce();
  expect(asked).toEqual([]);
});
