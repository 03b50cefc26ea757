import { describe, expect, it } from "vitest";
import { cut, fitting } from "../src/leaving";
import { handOver, MAX_CHARS, takeOver } from "../src/handover";
import { batch, mapStore } from "./builders";

describe("requests that outlive the page", () => {
  it("take the earlier batches that fit, and a later one past one that does not", () => {
    const batches = [
      batch(0, "x".repeat(40)),
      batch(1, "x".repeat(100)),
      batch(2, "x".repeat(60)),
      batch(3, "y"),
    ];
    expect(fitting(batches, 100).map(({ seq }) => seq)).toEqual([0, 2]);
  });

  it("are measured in bytes, not in characters", () => {
    expect(fitting([batch(0, "é".repeat(60))], 100)).toEqual([]);
    expect(fitting([batch(0, "e".repeat(60))], 100)).toHaveLength(1);
  });
});

describe("cutting the open batch", () => {
  const wire = (run: string[]) => new TextEncoder().encode(`[${run.join(",")}]`).byteLength;

  it("keeps every event, in order, in arrays within the limit", () => {
    const events = Array.from({ length: 50 }, (_, i) => JSON.stringify({ i, text: "é".repeat(i) }));
    const runs = cut(events, 300);
    expect(runs.flat()).toEqual(events);
    expect(Math.max(...runs.map(wire))).toBeLessThanOrEqual(300);
    expect(runs.length).toBeGreaterThan(1);
  });

  it("leaves an event that is larger alone", () => {
    expect(cut(["1", "2".repeat(500), "3"], 300)).toEqual([["1"], ["2".repeat(500)], ["3"]]);
  });

  it("is one run where all fits exactly", () => {
    expect(cut(["1234", "5678"], 11)).toEqual([["1234", "5678"]]);
    expect(cut(["1234", "5678"], 10)).toEqual([["1234"], ["5678"]]);
    expect(cut([], 10)).toEqual([]);
  });
});

describe("handing over to the tab's next page", () => {
  it("gives back the same batches once, compressed or not", () => {
    const store = mapStore();
    const zipped = {
      ...batch(1),
      body: { encoding: "gzip" as const, bytes: new Uint8Array([0, 31, 139, 255]) },
    };
    handOver(store, [batch(0), zipped]);
    const maybe = { kept: "maybe", madeAt: expect.any(Number) as number } as const;
    expect(takeOver(store)).toEqual([
      { ...batch(0), ...maybe },
      { ...zipped, ...maybe },
    ]);
    expect(takeOver(store)).toEqual([]);
  });

  it("remembers since when the collector may have a batch, and whether the queue has it", () => {
    const store = mapStore();
    const tried = batch(0, "[1]", { triedAt: 5, madeAt: 4, kept: "yes" });
    handOver(store, [tried]);
    expect(takeOver(store)).toEqual([tried]);
  });

  it("is bounded, and says what it kept", () => {
    const store = mapStore();
    const kept = handOver(store, [batch(0, "x".repeat(MAX_CHARS)), batch(1), batch(2)]);
    expect(kept.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(store.map.get("unsent")?.length).toBeLessThanOrEqual(MAX_CHARS);
  });

  it("keeps fewer where the page left less room", () => {
    const store = mapStore();
    const roomy = store.set.bind(store);
    store.set = (name, value) => value.length < 300 && roomy(name, value);
    const kept = handOver(store, [batch(0), batch(1), batch(2), batch(3)]);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(4);
    expect(takeOver(store).map(({ seq }) => seq)).toEqual(kept.map(({ seq }) => seq));
  });

  it.each([
    "{",
    "{}",
    "[1,null]",
    '[{"visitor":"v","window":"w","seq":1,"consent":false,"madeAt":1,"triedAt":null,"gzip":"***"}]',
    '[{"visitor":"v","window":"w","seq":1,"consent":false,"madeAt":"1","triedAt":null,"text":"[]"}]',
    '[{"visitor":"v","window":"w","seq":"1","consent":false,"madeAt":1,"triedAt":null,"text":"[]"}]',
  ])("takes nothing from %j", (text) => {
    const store = mapStore();
    store.set("unsent", text);
    expect(takeOver(store)).toEqual([]);
  });
});
