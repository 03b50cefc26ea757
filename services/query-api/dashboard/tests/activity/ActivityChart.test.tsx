import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ActivityChart } from "../../src/activity/ActivityChart";
import type { ActivitySeries } from "../../src/api/types";
import type { TimeRange } from "../../src/filters/filters";
import { drawn, noPlot } from "./noPlot";

vi.mock("../../src/activity/plot", () => noPlot);

const TEN = Date.UTC(2026, 10, 24, 9); // in Vienna
const HOUR = 3_600_000;
const series = (...sessions: number[]): ActivitySeries => ({
  bucket: "PT1H",
  time_zone: "Europe/Vienna",
  buckets: sessions.map((many, n) => ({
    starts_at: TEN + n * HOUR,
    ends_at: TEN + (n + 1) * HOUR,
    sessions: many,
    active: Math.min(many, 1),
    events: many * 10,
  })),
});

let picked: TimeRange | null;

function show(activity: ActivitySeries, shown: TimeRange | null = null) {
  return render(
    <ActivityChart
      activity={activity}
      shown={shown}
      dimmed={false}
      show={(time) => {
        picked = time;
      }}
    />,
  );
}
const drawing = () =>
  waitFor(() => {
    if (drawn.events === null) throw new Error("nothing is drawn yet");
    return drawn.events;
  });

beforeEach(() => {
  picked = null;
  drawn.data = null;
  drawn.marked = null;
});

describe("the chart", () => {
  it("draws sessions and active ones, with the clock of the time zone", async () => {
    show(series(3, 0, 5));
    await drawing();
    expect(drawn.data).toEqual({
      sessions: [3, 0, 5],
      active: [1, 0, 1],
      labels: ["10:00", "11:00", "12:00"],
    });
    expect(screen.getByTestId("activity-note").textContent).toBe(
      "Sessions started, by hour, in Europe/Vienna (GMT+1)",
    );
  });

  it("draws what comes later", async () => {
    const { rerender } = show(series(3, 0, 5));
    await drawing();
    rerender(<ActivityChart activity={series(3, 0, 6)} shown={null} dimmed show={() => undefined} />);
    expect(drawn.data?.sessions).toEqual([3, 0, 6]);
    expect(screen.getByTestId("activity").getAttribute("aria-busy")).toBe("true");
  });

  it("tells what is under the pointer", async () => {
    show(series(3, 0, 5));
    (await drawing()).pointedAt(2);
    await waitFor(() => {
      expect(screen.getByTestId("activity-note").textContent).toBe(
        "Tue, 24 Nov 2026, 12:00 – 13:00: 5 sessions, 1 active",
      );
    });
  });
});

describe("the brush", () => {
  it("takes the buckets that were dragged over", async () => {
    show(series(1, 2, 3, 4));
    (await drawing()).brushed(2.3, 0.8);
    expect(picked).toEqual({ kind: "between", from: TEN + HOUR, to: TEN + 3 * HOUR });
  });

  it("goes with the keyboard: beginning, end, Enter", async () => {
    show(series(1, 2, 3, 4));
    await drawing();
    const slider = (name: string) => screen.getByRole<HTMLInputElement>("slider", { name });
    expect(slider("End").getAttribute("aria-valuetext")).toBe("Tue, 24 Nov 2026, 13:00 – 14:00");
    // What a browser makes of the arrow keys is not imitated here; tests/browser has it.
    fireEvent.change(slider("Beginning"), { target: { value: "1" } });
    fireEvent.change(slider("End"), { target: { value: "2" } });
    expect(drawn.marked).toEqual({ first: 1, last: 2 });
    expect(picked).toBeNull();
    fireEvent.keyDown(slider("End"), { key: "Enter" });
    expect(picked).toEqual({ kind: "between", from: TEN + HOUR, to: TEN + 3 * HOUR });
  });

  it("is left by Escape, and its ends push each other", async () => {
    show(series(1, 2, 3, 4));
    await drawing();
    const slider = (name: string) => screen.getByRole<HTMLInputElement>("slider", { name });
    fireEvent.change(slider("End"), { target: { value: "1" } });
    fireEvent.change(slider("Beginning"), { target: { value: "3" } });
    expect(drawn.marked).toEqual({ first: 3, last: 3 });
    fireEvent.keyDown(slider("Beginning"), { key: "Escape" });
    expect(drawn.marked).toBeNull();
    expect(picked).toBeNull();
    expect(screen.queryByTestId("show-stretch")).toBeNull();
  });

  it("does not widen the time that is shown", async () => {
    show(series(1, 2, 3, 4), { kind: "between", from: TEN + 60_000, to: TEN + 4 * HOUR });
    (await drawing()).brushed(0, 1);
    expect(picked).toEqual({ kind: "between", from: TEN + 60_000, to: TEN + 2 * HOUR });
  });
});

describe("the text alternative", () => {
  it("says the sum and the most", () => {
    show(series(3, 0, 5));
    expect(screen.getByTestId("activity-summary").textContent).toBe(
      "8 sessions started, 2 of them active. Most: 5, Tue, 24 Nov 2026, 12:00 – 13:00.",
    );
    const figure = screen.getByRole("figure", { name: "Activity" });
    expect(document.getElementById(figure.getAttribute("aria-describedby") ?? "")).toBe(
      screen.getByTestId("activity-summary"),
    );
  });

  it("says when there is nothing", () => {
    show(series(0, 0));
    expect(screen.getByTestId("activity-summary").textContent).toBe("No sessions started.");
  });

  it("has all figures as a table", async () => {
    show(series(3, 0));
    await userEvent.click(screen.getByTestId("activity-as-table"));
    const rows = within(await screen.findByRole("table")).getAllByRole("row");
    expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
      ["Started", "Sessions", "Active", "Completed", "Events"],
      ["Tue, 24 Nov 2026, 10:00 – 11:00", "3", "1", "2", "30"],
      ["Tue, 24 Nov 2026, 11:00 – 12:00", "0", "0", "0", "0"],
    ]);
  });
});

it("says so when the chart cannot be drawn, and still has its figures", async () => {
  vi.spyOn(noPlot, "drawPlot").mockImplementation(() => {
    throw new Error("no canvas");
  });
  show(series(3, 0));
  expect(await screen.findByText(/could not be drawn/)).toBeDefined();
  expect(screen.getByTestId("activity-summary").textContent).toContain("3 sessions");
});
