import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import type { eventWithTime } from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { nextPage, useRecording } from "../../src/replay/useRecording";
import { fullSnapshot, meta, textChange } from "../builders";
import { refused, stubQueryApi } from "../queryApi";

function load(expected: number | null) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return renderHook((count: number | null) => useRecording("s", "w", count), {
    initialProps: expected,
    wrapper: ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    ),
  });
}

/** Pages of two events over a recording that may grow. */
function serve(recorded: () => eventWithTime[]): string[] {
  return stubQueryApi({
    "GET /v1/sessions/s/events": (query) => {
      const from = Number(query.get("cursor") ?? 0);
      const events = recorded().slice(from, from + 2);
      return { events, next_cursor: from + 2 < recorded().length ? String(from + 2) : null };
    },
  });
}

const EVENTS = [meta(0), fullSnapshot(0), textChange(10, "a"), textChange(20, "b"), textChange(30, "c")];

describe("a recording", () => {
  it("is loaded to its last page, in order", async () => {
    const asked = serve(() => EVENTS);
    const { result } = load(EVENTS.length);
    await waitFor(() => {
      expect(result.current.complete).toBe(true);
    });
    expect(result.current.events).toEqual(EVENTS);
    expect(asked.map((address) => new URL(address.slice(4), "http://x").searchParams.get("cursor"))).toEqual([
      null,
      "2",
      "4",
    ]);
  });

  it("is not asked for while it cannot be played", async () => {
    const asked = serve(() => EVENTS);
    const { result } = load(null);
    await Promise.resolve();
    expect(asked).toEqual([]);
    expect(result.current.events).toEqual([]);
  });

  it("grows by what is new when the session has grown", async () => {
    let recorded = EVENTS.slice(0, 3);
    const asked = serve(() => recorded);
    const { result, rerender } = load(3);
    await waitFor(() => {
      expect(result.current.events).toHaveLength(3);
    });
    const before = result.current.events;
    recorded = [...EVENTS, textChange(40, "d"), textChange(50, "e")];
    rerender(7);
    await waitFor(() => {
      expect(result.current.events).toEqual(recorded);
    });
    expect(result.current.events[0]).toBe(before[0]);
    expect(asked).toHaveLength(5);
  });

  it("is read from the beginning when late events lie before its end", async () => {
    let recorded = EVENTS.slice(0, 4);
    serve(() => recorded);
    const { result, rerender } = load(4);
    await waitFor(() => {
      expect(result.current.events).toHaveLength(4);
    });
    recorded = [...EVENTS.slice(0, 2), textChange(5, "late"), ...EVENTS.slice(2, 4)];
    rerender(5);
    await waitFor(() => {
      expect(result.current.events).toEqual(recorded);
    });
  });

  it("is taken as it is when the count says otherwise for good", async () => {
    const asked = serve(() => EVENTS);
    const { result } = load(99);
    await waitFor(() => {
      expect(asked.length).toBeGreaterThan(6);
      expect(result.current.complete).toBe(true);
    });
    const settled = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toHaveLength(settled);
  });

  it("keeps what it has when a page fails, and goes on when asked to", async () => {
    let down = true;
    stubQueryApi({
      "GET /v1/sessions/s/events": (query) => {
        if (query.get("cursor") === null) return { events: EVENTS.slice(0, 2), next_cursor: "2" };
        return down
          ? refused(503, "clickhouse_unavailable", "The storage is away")
          : { events: EVENTS.slice(2), next_cursor: null };
      },
    });
    const { result } = load(5);
    await waitFor(() => {
      expect(result.current.problem?.message).toBe("The storage is away");
    });
    expect(result.current.events).toHaveLength(2);
    down = false;
    result.current.retry();
    await waitFor(() => {
      expect(result.current.events).toEqual(EVENTS);
    });
    expect(result.current.problem).toBeNull();
  });
});

it("asks for the last page again, knowing what it held, and for what lies behind it, knowing what it lost", () => {
  const [first, second, third] = [textChange(1, "a"), textChange(2, "b"), textChange(3, "c")];
  const page = { cursor: "2", read: [first, second], events: [], left: [third], nextCursor: null };
  expect(nextPage(page)).toEqual({ cursor: "2", known: [first, second] });
  expect(nextPage({ ...page, nextCursor: "4" })).toEqual({ cursor: "4", known: [third] });
});
