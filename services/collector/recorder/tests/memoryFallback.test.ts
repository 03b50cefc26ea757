import { expect, it } from "vitest";
import { withMemory } from "../src/memoryFallback";
import type { Store } from "../src/storage";
import { mapStore } from "./builders";

it("keeps in the store what the store keeps", () => {
  const store = mapStore();
  const local = withMemory(store);
  expect(local.set("visitor", "v1")).toBe(true);
  expect(store.map.get("visitor")).toBe("v1");
  store.map.set("visitor", "of another tab");
  expect(local.get("visitor")).toBe("of another tab");
});

it("keeps for the page what the store does not keep, and says so", () => {
  const blocked: Store = { get: () => null, set: () => false, remove: () => undefined };
  const local = withMemory(blocked);
  expect(local.set("opted-out", "1")).toBe(false);
  expect(local.get("opted-out")).toBe("1");
  local.remove("opted-out");
  expect(local.get("opted-out")).toBeNull();
});

it("shows no old value of a store that has become full", () => {
  const store = mapStore();
  const local = withMemory(store);
  local.set("consent", "given");
  store.set = () => false;
  local.set("consent", "refused");
  expect(local.get("consent")).toBe("refused");
});
