import { act, renderHook, waitFor } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { useAddress } from "../../src/address/useAddress";
import { NO_FILTERS } from "../../src/filters/filters";

const active = { ...NO_FILTERS, status: "active" } as const;

beforeEach(() => {
  window.history.pushState(null, "", "/");
});

it("goes back through filters, one by one", async () => {
  const { result } = renderHook(() => useAddress());
  act(() => {
    result.current.filter({ filters: active });
  });
  act(() => {
    result.current.filter({ filters: { ...active, url: "/cart" } });
  });
  expect(window.location.search).toBe("?status=active&url=%2Fcart");
  window.history.back();
  await waitFor(() => {
    expect(result.current.address.filters).toEqual(active);
  });
  window.history.back();
  await waitFor(() => {
    expect(result.current.address.filters).toEqual(NO_FILTERS);
  });
});

it("makes no place of what changes nothing", () => {
  const { result } = renderHook(() => useAddress());
  const places = window.history.length;
  act(() => {
    result.current.filter({ filters: { ...NO_FILTERS } });
  });
  expect(window.history.length).toBe(places);
});

it("comes back from a replay to the list as it was filtered, also from one that was opened by its address", () => {
  window.history.replaceState(null, "", "/sessions/s?connection=c&status=active&sort=events&at=5");
  const { result } = renderHook(() => useAddress());
  act(() => {
    result.current.closeSession();
  });
  expect(window.location.pathname + window.location.search).toBe("/?connection=c&status=active&sort=events");
});

it("tells what the address has that there is not, until it is settled", () => {
  window.history.replaceState(null, "", "/?status=paused&url=x");
  const { result } = renderHook(() => useAddress());
  expect(result.current.ignored).toEqual([
    { name: "status", value: "paused", why: "it has to be active or completed" },
  ]);
  act(() => {
    result.current.settle();
  });
  expect(result.current.ignored).toEqual([]);
  expect(window.location.search).toBe("?url=x");
});

it("gives the list the same filters and steps while only a replay is opened over it", () => {
  window.history.replaceState(null, "", "/?status=active");
  const { result } = renderHook(() => useAddress());
  const before = result.current;
  act(() => {
    result.current.openSession("s");
  });
  const { address, ignored, ...steps } = result.current;
  expect(address.session).toBe("s");
  expect(address.filters).toBe(before.address.filters);
  expect(address.order).toBe(before.address.order);
  expect(ignored).toBe(before.ignored);
  expect(steps.openSession).toBe(before.openSession);
  expect(steps.filter).toBe(before.filter);
});
