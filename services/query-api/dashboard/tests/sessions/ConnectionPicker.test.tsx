import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../src/api/types";
import { ConnectionPicker } from "../../src/sessions/ConnectionPicker";
import { matching } from "../../src/sessions/matching";
import { T0 } from "../builders";

const named = (id: string, name: string): Connection => ({ id, name, created_at: T0 });
const SHOPS = [named("de-1", "Tea shop Berlin"), named("at-1", "Coffee shop Wien"), named("tea", "Depot")];
const MANY = Array.from({ length: 1_000 }, (_, n) => named(`c-${n}`, `Site ${n}`));

let chosen: string | null;

function show(connections: Connection[], current: Connection | null = null) {
  render(
    <ConnectionPicker
      connections={connections}
      chosen={current}
      choose={(id) => {
        chosen = id;
      }}
    />,
  );
  return screen.getByRole<HTMLInputElement>("combobox", { name: "Connection" });
}
const options = () => screen.queryAllByRole("option").map((option) => option.textContent);
const pointedAt = (field: HTMLElement) =>
  document.getElementById(field.getAttribute("aria-activedescendant") ?? "")?.textContent;

beforeEach(() => {
  chosen = null;
});

describe("matching", () => {
  const found = (typed: string) => matching(SHOPS, typed).map(({ id }) => id);

  it("takes all words, in any order and case, in name or id", () => {
    expect(found("shop")).toEqual(["de-1", "at-1"]);
    expect(found("WIEN coffee")).toEqual(["at-1"]);
    expect(found("at-1")).toEqual(["at-1"]);
    expect(found("shop berlin wien")).toEqual([]);
    expect(found(" ")).toEqual(["de-1", "at-1", "tea"]);
  });

  it("has first what begins with it", () => {
    expect(matching([named("1", "My depot"), ...SHOPS], "depot").map(({ id }) => id)).toEqual(["tea", "1"]);
  });
});

describe("the picker", () => {
  it("shows the chosen one, and is closed", () => {
    const field = show(SHOPS, SHOPS[1]);
    expect(field.value).toBe("Coffee shop Wien");
    expect(field.getAttribute("aria-expanded")).toBe("false");
    expect(options()).toEqual([]);
  });

  it("is opened by an arrow, at the chosen one, and walked through in a circle", async () => {
    const field = show(SHOPS, SHOPS[1]);
    await userEvent.tab();
    await userEvent.keyboard("{ArrowDown}");
    expect(field.getAttribute("aria-expanded")).toBe("true");
    expect(options()).toHaveLength(3);
    expect(pointedAt(field)).toContain("Coffee shop Wien");
    await userEvent.keyboard("{ArrowDown}{ArrowDown}");
    expect(pointedAt(field)).toContain("Tea shop Berlin");
    await userEvent.keyboard("{ArrowUp}{Enter}");
    expect(chosen).toBe("tea");
    expect(field.getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(field);
  });

  it("finds by what is typed, and tells how many", async () => {
    const field = show(SHOPS, SHOPS[1]);
    await userEvent.type(field, "berl");
    expect(options()).toEqual(["Tea shop Berlinde-1"]);
    expect(screen.getByRole("status").textContent).toBe("1 connection");
    await userEvent.keyboard("{Enter}");
    expect(chosen).toBe("de-1");
  });

  it("takes a letter that comes on top of the name", async () => {
    const field = show(SHOPS, SHOPS[1]);
    field.focus();
    await userEvent.keyboard("d");
    expect(field.value).toBe("d");
    expect(options()).toHaveLength(2);
  });

  it("changes nothing when it is left", async () => {
    const field = show(SHOPS, SHOPS[1]);
    await userEvent.type(field, "berl{Escape}");
    expect(field.value).toBe("Coffee shop Wien");
    await userEvent.type(field, "berl");
    await userEvent.tab();
    expect(field.value).toBe("Coffee shop Wien");
    expect(field.getAttribute("aria-expanded")).toBe("false");
    expect(chosen).toBeNull();
  });

  it("is used with a pointer, too", async () => {
    const field = show(SHOPS, SHOPS[1]);
    await userEvent.click(field);
    await userEvent.click(screen.getByRole("option", { name: /Depot/ }));
    expect(chosen).toBe("tea");
  });

  it("says when nothing is found, and chooses nothing then", async () => {
    const field = show(SHOPS);
    await userEvent.type(field, "zzz{Enter}");
    expect(screen.getByText("No connection has that in its name")).toBeDefined();
    expect(field.hasAttribute("aria-activedescendant")).toBe(false);
    expect(chosen).toBeNull();
  });

  it("draws no more of many than anybody reads, and finds each", async () => {
    const field = show(MANY);
    await userEvent.click(field);
    expect(options()).toHaveLength(100);
    expect(screen.getByText(/^900 more/)).toBeDefined();
    await userEvent.type(field, "site 987{Enter}");
    expect(chosen).toBe("c-987");
  });
});
