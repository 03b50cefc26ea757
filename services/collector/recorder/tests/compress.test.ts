import { expect, it, vi } from "vitest";
import { bodyBytes } from "../src/batch";
import { compress } from "../src/compress";
import { post } from "../src/post";
import { batch, FakeCollector, settings } from "./builders";

const text = JSON.stringify([{ text: "é".repeat(10_000) }]);

it("sends the same events, gzipped, and says so in the query", async () => {
  const collector = new FakeCollector();
  const one = batch(3, text);
  await compress(one);
  expect(bodyBytes(one)).toBeLessThan(500);
  await post(settings, one, false);
  expect(collector.sent[0]).toMatchObject({ seq: 3, text });
  expect(collector.sent[0]?.query.get("encoding")).toBe("gzip");
});

it("leaves the body as it is where the browser has no CompressionStream, or one that fails", async () => {
  for (const broken of [undefined, () => undefined]) {
    vi.stubGlobal("CompressionStream", broken);
    const collector = new FakeCollector();
    const one = batch(3, text);
    await compress(one);
    await post(settings, one, false);
    expect(collector.sent[0]?.text).toBe(text);
    expect(collector.sent[0]?.query.get("encoding")).toBeNull();
  }
});
