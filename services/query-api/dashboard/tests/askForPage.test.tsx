// What is asked for before the page's code is there is what the page then wants, and is taken once.
import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { App } from "../src/App";
import { askForPage } from "../src/askForPage";
import { noPlot } from "./activity/noPlot";
import { aSession, someStats, T0 } from "./builders";
import { refused, stubQueryApi } from "./queryApi";
import { show } from "./show";

vi.mock("../src/activity/plot", () => noPlot);

let signedIn: boolean;
let asked: string[];

beforeEach(() => {
  signedIn = true;
  const guarded = (answer: unknown) =>
    signedIn ? answer : refused(401, "missing_token", "A token is needed");
  asked = stubQueryApi({
    "GET /v1/me": () => guarded({ name: "Ada", tenant: "demo", role: "reader" }),
    "POST /v1/sign-in": () => {
      signedIn = true;
      return undefined;
    },
    "GET /v1/connections": () => guarded({ connections: [{ id: "shop", name: "Shop", created_at: T0 }] }),
    "GET /v1/connections/shop/sessions": () => guarded({ sessions: [aSession()], next_cursor: null }),
    "GET /v1/connections/shop/sessions/stats": () => guarded(someStats({ total: 1 })),
  });
});

const open = (address: string): Promise<void> => {
  window.history.replaceState(null, "", address);
  return askForPage(window.location);
};
const paths = () => asked.map((call) => call.split("?")[0]);

it.each(["/?connection=shop&status=active&country=nl&sort=duration", "/"])(
  "%s is asked for once: the page finds there what it needs",
  async (address) => {
    await open(address);
    const early = paths();
    expect(paths().sort()).toEqual([
      "GET /v1/connections",
      "GET /v1/connections/shop/sessions",
      "GET /v1/connections/shop/sessions/stats",
      "GET /v1/me",
    ]);

    show(<App token={null} />);
    expect(await screen.findAllByTestId("session-row")).toHaveLength(1);
    await waitFor(() => {
      expect(screen.getByTestId("tile-total").textContent).toBe("1");
    });
    expect(
      paths()
        .slice(early.length)
        .filter((path) => early.includes(path)),
    ).toEqual([]);
  },
);

it("a refusal is nobody's answer: who signs in then is asked for anew", async () => {
  signedIn = false;
  await open("/?connection=shop");
  const refusals = asked.length;
  signedIn = true;

  show(<App token={null} />);

  expect(await screen.findAllByTestId("session-row")).toHaveLength(1);
  expect(paths().slice(refusals)).toEqual(expect.arrayContaining(["GET /v1/me", "GET /v1/connections"]));
});

it("what was asked for long ago is asked for anew", async () => {
  await open("/?connection=shop");
  const early = asked.length;
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);

  show(<App token={null} />);

  expect(await screen.findAllByTestId("session-row")).toHaveLength(1);
  expect(paths().slice(early)).toContain("GET /v1/me");
});

it.each(["/#token=secret", "/sessions/a#share=shr_1"])(
  "nothing is asked for early as who else may be signed in: %s",
  async (address) => {
    await open(address);
    expect(asked).toEqual([]);
  },
);

it("a session that is to be opened is asked for, too", async () => {
  await open("/sessions/a%2Fb?connection=shop");
  expect(asked).toContain("GET /v1/sessions/a%2Fb");
});

it("the last hour is another one a moment later, and left to the page", async () => {
  await open("/?connection=shop&last=1h");
  expect(paths().sort()).toEqual(["GET /v1/connections", "GET /v1/me"]);
});
