import { expect, it } from "vitest";
import { countryName } from "../../src/format/country";

it("names a country by its code, and keeps what is none", () => {
  expect(countryName("NL")).toBe("Netherlands");
  expect(countryName("")).toBe("Unknown");
  expect(countryName("somewhere")).toBe("somewhere");
});
