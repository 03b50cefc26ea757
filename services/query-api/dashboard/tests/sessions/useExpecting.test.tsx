import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sessionQuery } from "../../src/api/queries";
import { REST_MS, useExpecting } from "../../src/sessions/useExpecting";
import { aDetail } from "../builders";
import { stubQueryApi } from "../queryApi";
import { show } from "../show";

const code = vi.hoisted(() => ({ expectReplay: vi.fn() }));
vi.mock("../../src/replay/replayCode", () => code);

const detail = aDetail();
const CALL = `GET /v1/sessions/${detail.session_id}`;
let asked: string[];

function Row() {
  return (
    <button type="button" {...useExpecting(detail.session_id)}>
      Row
    </button>
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = stubQueryApi({ [CALL]: () => detail });
});
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

it("who rests on a row has its session asked for, and finds it there", async () => {
  const client = show(<Row />);
  fireEvent.pointerEnter(screen.getByRole("button"));
  expect(code.expectReplay).toHaveBeenCalledOnce();
  await pass(REST_MS - 1);
  expect(asked).toEqual([]);
  await pass(1);
  expect(asked).toEqual([CALL]);
  await pass(10);
  expect(client.getQueryData(sessionQuery(detail.session_id).queryKey)).toEqual(detail);
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
