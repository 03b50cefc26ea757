import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { FilterBar } from "../../src/filters/FilterBar";
import { type Filters, NEWEST_FIRST, NO_FILTERS, type Order } from "../../src/filters/filters";
import { IgnoredNotice } from "../../src/filters/IgnoredNotice";
import { NoSessions } from "../../src/filters/NoSessions";

let asked: Filters;
let order: Order;
let changes: number;

function Bar({ first }: { first: Filters }) {
  const [filters, setFilters] = useState(first);
  const [sorted, setSorted] = useState(NEWEST_FIRST);
  return (
    <FilterBar
      filters={filters}
      order={sorted}
      change={(next) => {
        changes += 1;
        asked = next;
        setFilters(next);
      }}
      sort={(next) => {
        order = next;
        setSorted(next);
      }}
    />
  );
}

const show = (first: Partial<Filters> = {}) => {
  asked = { ...NO_FILTERS, ...first };
  render(<Bar first={asked} />);
};
const type = (label: string, text: string) => userEvent.type(screen.getByLabelText(label), text);
const more = () => userEvent.click(screen.getByTestId("more-filters"));
const inUse = () =>
  within(screen.getByTestId("filters-in-use"))
    .getAllByRole("listitem")
    .map((chip) => chip.textContent);

beforeEach(() => {
  changes = 0;
});

describe("a text", () => {
  it("counts at Enter, and not while it is typed", async () => {
    show();
    await type("Page address contains", "/cart");
    expect(asked.url).toBeNull();
    await userEvent.keyboard("{Enter}");
    expect(asked.url).toBe("/cart");
    await userEvent.tab();
    expect(changes).toBe(1);
  });

  it("counts when the field is left", async () => {
    show();
    await type("Page address contains", " /cart ");
    await userEvent.tab();
    expect(asked.url).toBe("/cart");
  });

  it("is taken back by Escape, and by emptying the field", async () => {
    show({ url: "/a" });
    await type("Page address contains", "bc{Escape}");
    expect(screen.getByLabelText<HTMLInputElement>("Page address contains").value).toBe("/a");
    await userEvent.clear(screen.getByLabelText("Page address contains"));
    await userEvent.keyboard("{Enter}");
    expect(asked).toEqual(NO_FILTERS);
  });
});

describe("the other filters", () => {
  it("are there when one asks for them, or uses one", async () => {
    show();
    expect(screen.queryByLabelText("Browser")).toBeNull();
    await more();
    expect(screen.getByLabelText("Browser")).toBeDefined();
    expect(screen.getByTestId("more-filters").getAttribute("aria-expanded")).toBe("true");
  });

  it("take names one after the other", async () => {
    show({ browsers: ["Edge"] });
    await type("Browser", "Chrome{Enter}edge{Enter}");
    await type("Operating system", "iOS{Enter}");
    await type("Country", "netherlands{Enter}");
    expect([asked.browsers, asked.oses, asked.countries]).toEqual([["Edge", "Chrome"], ["iOS"], ["NL"]]);
    expect(inUse()).toEqual(["Browser: Edge", "Browser: Chrome", "System: iOS", "Country: Netherlands (NL)"]);
  });

  it("take figures, and say when there is none", async () => {
    show();
    await more();
    await type("Lasts at least", "1.5 min{Enter}");
    await type("Events at least", "many{Enter}");
    expect([asked.minDurationMs, asked.minEvents]).toEqual([90_000, null]);
    const field = screen.getByLabelText("Events at least");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByRole("alert").textContent).toBe("A whole number");
    await userEvent.clear(field);
    await type("Events at least", "1,000{Enter}");
    expect(asked.minEvents).toBe(1_000);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("ask for what can be played, and for friction", async () => {
    show();
    await more();
    await userEvent.selectOptions(screen.getByLabelText("Playable"), "Cannot be played");
    await userEvent.click(screen.getByLabelText("Errors"));
    await userEvent.click(screen.getByLabelText("Rage clicks"));
    expect([asked.replayable, asked.has]).toEqual([false, ["rage_click", "error"]]);
    await userEvent.click(screen.getByLabelText("Errors"));
    expect(asked.has).toEqual(["rage_click"]);
  });
});

describe("the time", () => {
  it("is one of the usual stretches", async () => {
    show();
    await userEvent.selectOptions(screen.getByLabelText("Started"), "Last 24 hours");
    expect(asked.time).toEqual({ kind: "last", last: "24h" });
    await userEvent.selectOptions(screen.getByLabelText("Started"), "Any time");
    expect(asked.time).toBeNull();
  });

  it("is exact, in the reader's zone, which is said", async () => {
    show();
    await userEvent.selectOptions(screen.getByLabelText("Started"), "Exact times");
    expect(changes).toBe(0);
    expect(screen.getByTestId("time-zone").textContent).toMatch(/Europe\/Vienna \(GMT\+[12]\)/);
    await type("From", "2026-11-24T09:00:00");
    await type("To (before)", "2026-11-24T10:00:00");
    await userEvent.click(screen.getByRole("button", { name: "Apply" }));
    const nine = Date.UTC(2026, 10, 24, 8);
    expect(asked.time).toEqual({ kind: "between", from: nine, to: nine + 3_600_000 });
  });

  it("ends later than it begins, or is not taken", async () => {
    show();
    await userEvent.selectOptions(screen.getByLabelText("Started"), "Exact times");
    await type("From", "2026-11-24T09:00:00");
    await type("To (before)", "2026-11-24T09:00:00");
    await userEvent.click(screen.getByRole("button", { name: "Apply" }));
    expect(screen.getByRole("alert").textContent).toContain("later");
    expect(asked.time).toBeNull();
  });

  it("keeps the ms of an end that is not touched", async () => {
    show({ time: { kind: "between", from: 1_795_500_000_123, to: null } });
    await type("To (before)", "2026-12-24T10:00:00");
    await userEvent.click(screen.getByRole("button", { name: "Apply" }));
    expect(asked.time).toMatchObject({ from: 1_795_500_000_123 });
  });
});

describe("the filters in use", () => {
  it("are taken away one by one, and all at once", async () => {
    show({ status: "active", url: "/a", has: ["error"] });
    expect(inUse()).toEqual(["Active", "Page contains “/a”", "Errors"]);
    await userEvent.click(screen.getByRole("button", { name: "Remove filter: Page contains “/a”" }));
    expect(asked).toEqual({ ...NO_FILTERS, status: "active", has: ["error"] });
    await userEvent.click(screen.getByRole("button", { name: "Clear all" }));
    expect(asked).toEqual(NO_FILTERS);
    expect(screen.queryByTestId("filters-in-use")).toBeNull();
  });
});

it("has an order", async () => {
  show();
  await userEvent.selectOptions(screen.getByLabelText("Order"), "Longest first");
  expect(order).toEqual({ sort: "duration", direction: "desc" });
});

describe("an empty list", () => {
  it("offers to clear the filters that made it empty", async () => {
    let cleared = false;
    render(
      <NoSessions
        filters={{ ...NO_FILTERS, url: "/a", status: "active" }}
        clear={() => {
          cleared = true;
        }}
      />,
    );
    expect(screen.getByTestId("no-sessions").textContent).toContain("No session is as asked for");
    await userEvent.click(screen.getByRole("button", { name: "Clear all filters" }));
    expect(cleared).toBe(true);
  });

  it("has nothing to clear without filters", () => {
    render(<NoSessions filters={NO_FILTERS} clear={() => undefined} />);
    expect(screen.queryByRole("button")).toBeNull();
  });
});

it("says what of the address was not understood", async () => {
  let settled = false;
  render(
    <IgnoredNotice
      ignored={[{ name: "min_events", value: "many", why: "it is a whole number" }]}
      settle={() => {
        settled = true;
      }}
    />,
  );
  expect(screen.getByRole("alert").textContent).toContain("min_events=many: it is a whole number");
  await userEvent.click(screen.getByRole("button", { name: "Understood" }));
  expect(settled).toBe(true);
});
