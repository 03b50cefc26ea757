// @vitest-environment node
import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { expect, it, vi } from "vitest";
import { sessionsQuery, statsQuery } from "../../src/api/queries";
import { NO_FILTERS } from "../../src/filters/filters";
import { someStats, T0 } from "../builders";
import { refused, stubQueryApi } from "../queryApi";

const HOUR = 3_600_000;

it("asks for all pages of the last hour as of the same moment, since a cursor holds for no other", async () => {
  vi.useFakeTimers({ now: T0, toFake: ["Date"] });
  const asked = stubQueryApi({
    "GET /v1/connections/c/sessions": (query) => ({
      sessions: [],
      next_cursor: query.get("cursor") === "b" ? null : query.has("cursor") ? "b" : "a",
    }),
  });
  const filters = { ...NO_FILTERS, time: { kind: "last", last: "1h" } } as const;
  const list = new InfiniteQueryObserver(new QueryClient(), sessionsQuery("c", filters));
  await list.fetchNextPage();
  vi.setSystemTime(T0 + 5_000);
  await list.fetchNextPage();
  await list.fetchNextPage();
  vi.setSystemTime(T0 + 9_000);
  await list.refetch();
  vi.useRealTimers();

  const froms = asked.map((address) =>
    Number(new URL(address.slice(4), "http://x").searchParams.get("from")),
  );
  expect(froms.slice(0, 3)).toEqual([T0 - HOUR, T0 - HOUR, T0 - HOUR]);
  expect(froms.slice(3)).toEqual([T0 + 9_000 - HOUR, T0 + 9_000 - HOUR, T0 + 9_000 - HOUR]);
});

it("asks for totals under the same filters, with the reader's days and hours", async () => {
  const asked = stubQueryApi({ "GET /v1/connections/c/sessions/stats": () => someStats({}) });
  const filters = { ...NO_FILTERS, status: "active", has: ["error", "rage_click"] } as const;
  await new QueryClient().query(statsQuery("c", filters));
  expect(asked).toEqual([
    "GET /v1/connections/c/sessions/stats?status=active&has=error&has=rage_click&time_zone=Europe%2FVienna",
  ]);
});

it("takes the hours of UTC where the query API does not know the reader's zone by that name", async () => {
  const asked = stubQueryApi({
    "GET /v1/connections/c/sessions/stats": (query) =>
      query.has("time_zone")
        ? refused(400, "bad_parameter", "Bad parameter", "query.time_zone: It is not the name of a time zone")
        : someStats({ total: 7 }),
  });
  const answer = await new QueryClient().query(statsQuery("c", NO_FILTERS));
  expect(answer.total).toBe(7);
  expect(asked).toHaveLength(2);
});

it("repeats no other refusal", async () => {
  const asked = stubQueryApi({
    "GET /v1/connections/c/sessions/stats": () =>
      refused(400, "bad_parameter", "Bad parameter", "url: too long"),
  });
  await expect(new QueryClient().query({ ...statsQuery("c", NO_FILTERS), retry: false })).rejects.toThrow(
    "Bad parameter",
  );
  expect(asked).toHaveLength(1);
});
