// @vitest-environment node
import { EventType, NodeType, type eventWithTime } from "@rrweb/types";
import { beforeEach, expect, it, vi } from "vitest";
import { MOST_WAIT_MS, SheetsAhead, type SheetWorker } from "../../../src/replay/style-sheets/SheetsAhead";
import { T0 } from "../../builders";

class FakeWorker implements SheetWorker {
  readonly asked: string[] = [];
  readonly terminate = vi.fn();
  onmessage: SheetWorker["onmessage"] = null;
  onerror: SheetWorker["onerror"] = null;

  postMessage(sheet: string): void {
    this.asked.push(sheet);
  }

  answer(sheet: string): void {
    this.onmessage?.call(this as unknown as Worker, { data: [sheet, sheet.toUpperCase()] } as MessageEvent);
  }

  fail(): void {
    this.onerror?.call(this as unknown as Worker, {} as ErrorEvent);
  }
}

const pageWith = (...sheets: string[]): eventWithTime[] => [
  {
    type: EventType.FullSnapshot,
    data: {
      node: {
        id: 1,
        type: NodeType.Document,
        childNodes: sheets.map((sheet, index) => ({
          id: index + 2,
          type: NodeType.Element,
          tagName: "style",
          attributes: { _cssText: sheet },
          childNodes: [],
        })),
      },
      initialOffset: { left: 0, top: 0 },
    },
    timestamp: T0,
  },
];

let workers: FakeWorker[];
let adapted: Map<string, string>;
let ahead: SheetsAhead;

beforeEach(() => {
  workers = [];
  adapted = new Map();
  ahead = new SheetsAhead(adapted, () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  });
});

const newest = (): FakeWorker => {
  const worker = workers.at(-1);
  if (worker === undefined) throw new Error("No worker was started.");
  return worker;
};

/** Whether it has settled once what is under way here is done. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise((done) => setTimeout(done));
  return settled;
}

it("one worker adapts each sheet once", async () => {
  ahead.expect();
  const first = ahead.adapt(pageWith("a", "b"));
  const second = ahead.adapt(pageWith("b", "c"));
  expect(workers).toHaveLength(1);
  expect(newest().asked).toEqual(["a", "b", "c"]);
  newest().answer("a");
  expect(await isSettled(first)).toBe(false);
  newest().answer("b");
  expect(await isSettled(first)).toBe(true);
  expect(await isSettled(second)).toBe(false);
  newest().answer("c");
  expect(await isSettled(second)).toBe(true);
  expect(adapted).toEqual(new Map(["a", "b", "c"].map((sheet) => [sheet, sheet.toUpperCase()])));
});

it("what is adapted is not adapted again", async () => {
  adapted.set("a", "A");
  expect(await isSettled(ahead.adapt(pageWith("a")))).toBe(true);
  expect(workers).toHaveLength(0);
});

it("a worker that fails holds nobody up, and the next page has another one", async () => {
  const first = ahead.adapt(pageWith("a"));
  newest().fail();
  expect(await isSettled(first)).toBe(true);
  expect(newest().terminate).toHaveBeenCalledOnce();
  expect(adapted.size).toBe(0);
  void ahead.adapt(pageWith("a"));
  expect(workers).toHaveLength(2);
  expect(newest().asked).toEqual(["a"]);
});

it("where no worker can be started all goes on without", async () => {
  const without = new SheetsAhead(adapted, () => {
    throw new ReferenceError("Worker is not defined");
  });
  expect(await isSettled(without.adapt(pageWith("a")))).toBe(true);
});

it("a sheet that takes long holds nobody up for long, and is kept when it comes", async () => {
  vi.useFakeTimers();
  try {
    const settled = vi.fn();
    void ahead.adapt(pageWith("a")).then(settled);
    await vi.advanceTimersByTimeAsync(MOST_WAIT_MS - 1);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledOnce();
    newest().answer("a");
    expect(adapted).toEqual(new Map([["a", "A"]]));
  } finally {
    vi.useRealTimers();
  }
});
