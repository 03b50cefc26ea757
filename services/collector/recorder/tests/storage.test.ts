// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { browserStore } from "../src/storage";
import { TabWindow } from "../src/tab";
import { shareOf, visitorId } from "../src/visitor";

const local = browserStore("localStorage", "write-key-1");
const session = browserStore("sessionStorage", "write-key-1");

function breakStorage() {
  for (const method of ["getItem", "setItem", "removeItem"] as const) {
    vi.spyOn(Storage.prototype, method).mockImplementation(() => {
      throw new DOMException("blocked", "SecurityError");
    });
  }
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe("the visitor", () => {
  it("is the same on every page, and another for another connection", () => {
    const visitor = visitorId(local);
    expect(visitor).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(visitorId(local)).toBe(visitor);
    expect(visitorId(browserStore("localStorage", "write-key-2"))).not.toBe(visitor);
  });

  it("is made anew where storage throws", () => {
    breakStorage();
    expect(visitorId(local)).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it("is not taken from storage that someone edited", () => {
    localStorage.setItem("playhead.write-key-1.visitor", "not an id!");
    expect(visitorId(local)).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it("has a fixed place in the sample, evenly spread", () => {
    expect(shareOf("visitor-1")).toBe(shareOf("visitor-1"));
    const shares = Array.from({ length: 2_000 }, (_, i) => shareOf(`visitor-${i}`));
    const below = shares.filter((share) => share < 0.25).length;
    expect(below).toBeGreaterThan(400);
    expect(below).toBeLessThan(600);
  });
});

describe("the window", () => {
  const nextPage = (tab: TabWindow) => {
    tab.leave();
    return TabWindow.open(session);
  };

  it("goes on from page to page of a tab, and so do its numbers", () => {
    const first = TabWindow.open(session);
    expect([first.takeSeq(), first.takeSeq()]).toEqual([0, 1]);
    const second = nextPage(first);
    expect(second.id).toBe(first.id);
    expect(second.takeSeq()).toBe(2);
  });

  it("is another in a duplicated tab, whose storage is a copy made while the first was open", () => {
    const first = TabWindow.open(session);
    first.takeSeq();
    const duplicate = TabWindow.open(session);
    expect(duplicate.id).not.toBe(first.id);
    expect(duplicate.takeSeq()).toBe(0);
  });

  it("never gives a number twice when a page comes back after others", () => {
    const first = TabWindow.open(session);
    first.takeSeq();
    const second = nextPage(first);
    expect([second.takeSeq(), second.takeSeq()]).toEqual([1, 2]);
    second.leave();
    first.comeBack();
    expect(first.takeSeq()).toBe(3);
  });

  it("still counts where storage throws", () => {
    breakStorage();
    const tab = TabWindow.open(session);
    expect([tab.takeSeq(), tab.takeSeq()]).toEqual([0, 1]);
  });

  it("is left behind rather than counted twice when its count can no longer be stored", () => {
    const first = TabWindow.open(session);
    first.takeSeq();
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    first.takeSeq();
    vi.restoreAllMocks();
    expect(nextPage(first).id).not.toBe(first.id);
  });

  it.each(["", "{", "null", '{"id":"a"}', '{"id":"a","nextSeq":-1}', '{"id":"a b","nextSeq":1}'])(
    "is new where storage holds %j",
    (text) => {
      sessionStorage.setItem("playhead.write-key-1.window", text);
      const tab = TabWindow.open(session);
      expect(tab.id).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(tab.takeSeq()).toBe(0);
    },
  );
});
