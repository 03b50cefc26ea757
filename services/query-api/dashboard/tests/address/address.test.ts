// @vitest-environment node
import { describe, expect, it } from "vitest";
import { EMPTY, formatAddress, parseAddress, shareOf, tokenOf } from "../../src/address/address";
import { NO_FILTERS } from "../../src/filters/filters";

const parse = (href: string) => parseAddress(new URL(href, "http://x"));

describe("the address", () => {
  it("keeps connection, filters, order, session, window and moment", () => {
    const address = {
      connection: "a&b",
      filters: { ...NO_FILTERS, status: "active", url: "/a b&c=d" },
      order: { sort: "duration", direction: "asc" },
      session: "s/1",
      window: "w 2",
      at: 1_795_500_000_123,
    } as const;
    expect(parse(formatAddress(address))).toEqual(address);
  });

  it("is the bare list when nothing is chosen", () => {
    expect(formatAddress(EMPTY)).toBe("/");
    expect(parse("/")).toEqual(EMPTY);
  });

  it("names a session by its path", () => {
    expect(formatAddress({ ...EMPTY, session: "019a" })).toBe("/sessions/019a");
    expect(parse("/sessions/019a/?at=5")).toEqual({ ...EMPTY, session: "019a", at: 5 });
  });

  it("has no window and no moment without a session", () => {
    expect(parse("/?at=5&window=w")).toEqual(EMPTY);
    expect(formatAddress({ ...EMPTY, window: "w", at: 5 })).toBe("/");
  });

  it.each(["/?status=paused", "/sessions/%E0%A4%A", "/sessions/a/b", "/sessions/"])(
    "takes nothing from %s",
    (href) => {
      expect(parse(href)).toEqual(EMPTY);
    },
  );

  it.each(["-1", "1e9", "soon", "99999999999999999"])("takes no moment from at=%s", (at) => {
    expect(parse(`/sessions/a?at=${at}`).at).toBeNull();
  });
});

describe("the token in the fragment", () => {
  it("is found among others and unescaped", () => {
    expect(tokenOf("#token=a%2Bb")).toBe("a+b");
    expect(tokenOf("#x=1&token=abc")).toBe("abc");
  });

  it.each(["", "#", "#token=", "#other=1"])("is not in %j", (fragment) => {
    expect(tokenOf(fragment)).toBeNull();
  });
});

describe("the share link's token in the fragment", () => {
  it("is not the token that signs in", () => {
    expect(shareOf("#share=shr_a.b.c")).toBe("shr_a.b.c");
    expect(tokenOf("#share=shr_a.b.c")).toBeNull();
    expect(shareOf("#token=abc")).toBeNull();
    expect(shareOf("#share=")).toBeNull();
  });
});
