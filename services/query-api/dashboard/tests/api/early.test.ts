// @vitest-environment node
import { expect, it } from "vitest";
import { askEarly, earlyAnswer } from "../../src/api/early";
import { stubQueryApi } from "../queryApi";

it("is handed out once", async () => {
  stubQueryApi({ "GET /v1/me": () => ({ name: "Ada" }) });
  void askEarly("/v1/me");
  expect(await (await earlyAnswer("/v1/me"))?.json()).toEqual({ name: "Ada" });
  expect(earlyAnswer("/v1/me")).toBeNull();
});

it("is none where nobody answered", async () => {
  stubQueryApi({});
  await expect(askEarly("/v1/me")).rejects.toThrow("Nothing answers");
  expect(await earlyAnswer("/v1/me")).toBeNull();
});
