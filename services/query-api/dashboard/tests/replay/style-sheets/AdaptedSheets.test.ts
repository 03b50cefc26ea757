import { describe, expect, it } from "vitest";
import { AdaptedSheets } from "../../../src/replay/style-sheets/AdaptedSheets";

describe("adapted style sheets", () => {
  it("are kept, and the ones longest unused go when there are too many", () => {
    const sheets = new AdaptedSheets(12);
    sheets.set("aa", "AA").set("bb", "BB").set("cc", "CC");
    expect(sheets.get("aa")).toBe("AA");
    sheets.set("dd", "DD");
    expect([...sheets.keys()]).toEqual(["cc", "aa", "dd"]);
    expect(sheets.get("bb")).toBeUndefined();
  });

  it("count once what is put there twice", () => {
    const sheets = new AdaptedSheets(8);
    for (let time = 0; time < 5; time += 1) sheets.set("aa", "AA");
    sheets.set("bb", "BB");
    expect([...sheets.keys()]).toEqual(["aa", "bb"]);
  });

  it("count no more what was taken away", () => {
    const sheets = new AdaptedSheets(8);
    sheets.set("aa", "AA");
    expect(sheets.delete("aa")).toBe(true);
    expect(sheets.delete("aa")).toBe(false);
    sheets.set("bb", "BB").set("cc", "CC");
    expect([...sheets.keys()]).toEqual(["bb", "cc"]);
    sheets.clear();
    sheets.set("dd", "DD").set("ee", "EE");
    expect([...sheets.keys()]).toEqual(["dd", "ee"]);
  });

  it("keep none that is larger than all may be", () => {
    const sheets = new AdaptedSheets(8);
    sheets.set("aa", "AA").set("eeeee", "EEEEE");
    expect([...sheets.keys()]).toEqual([]);
    sheets.set("aa", "AA");
    expect(sheets.get("aa")).toBe("AA");
  });
});
