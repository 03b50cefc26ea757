// @vitest-environment jsdom
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startRecording, type Recording } from "../src/recording";

let events: eventWithTime[];
let recording: Recording | undefined;

const begin = (maskAllText = false) => {
  events = [];
  recording = startRecording(maskAllText, (event) => events.push(event));
};
const recorded = () => JSON.stringify(events);
const inputEvents = () =>
  events.filter((e) => e.type === EventType.IncrementalSnapshot && e.data.source === IncrementalSource.Input);
const fieldOf = (): HTMLInputElement => {
  const field = document.querySelector<HTMLInputElement>("#field");
  if (field === null) throw new Error("the page has no field");
  return field;
};
const flush = () => new Promise((resolve) => setTimeout(resolve, 0));

beforeEach(() => {
  document.body.innerHTML = "";
});
afterEach(() => {
  recording?.stop();
  recording = undefined;
});

const TYPES = ["text", "password", "email", "tel", "number", "search", "url", "date", "hidden"];
const TYPED: Record<string, string> = {
  number: "4929123",
  date: "1969-07-20",
  email: "secret@typed.example",
  url: "https://secret.typed",
};

describe("what a visitor typed", () => {
  it.each([...TYPES, "textarea"])(
    "is masked in %s: already there, typed, set by the page, and added later",
    async (type) => {
      const secret = TYPED[type] ?? "secret typed";
      const tag =
        type === "textarea"
          ? `<textarea id="field">${secret}</textarea>`
          : `<input id="field" type="${type}" value="${secret}">`;
      document.body.innerHTML = tag;
      begin();
      const field = fieldOf();
      field.value = secret;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.setAttribute("value", secret);
      document.body.insertAdjacentHTML("beforeend", tag);
      await flush();
      expect(events.length).toBeGreaterThan(3);
      expect(recorded()).not.toContain(secret);
      expect(recorded()).toContain("*".repeat(secret.length));
    },
  );

  it("is masked when a password is shown", async () => {
    document.body.innerHTML = `<input type="password" id="field" value="secret typed">`;
    begin();
    const field = fieldOf();
    field.type = "text";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    recording?.snapshot();
    await flush();
    expect(recorded()).not.toContain("secret typed");
  });

  it("is masked in the choice of a select", async () => {
    document.body.innerHTML = `<select id="field"><option value="none">-</option><option value="secret-choice">Choice</option></select>`;
    begin();
    const field = fieldOf();
    field.value = "secret-choice";
    field.dispatchEvent(new Event("change", { bubbles: true }));
    recording?.snapshot();
    await flush();
    const inputs = inputEvents();
    expect(inputs.length).toBeGreaterThan(0);
    expect(JSON.stringify(inputs)).not.toContain("secret-choice");
    // The options are the page's own text; which of them is chosen is the visitor's.
    expect(recorded()).not.toMatch(/"selected":true/);
  });

  it("is not recorded at all in rr-ignore", async () => {
    document.body.innerHTML = `<input id="field" class="rr-ignore">`;
    begin();
    const field = fieldOf();
    field.value = "x";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await flush();
    expect(inputEvents()).toEqual([]);
  });
});

describe("what a page shows", () => {
  it("is recorded, but for rr-block and rr-mask", async () => {
    document.body.innerHTML = `<p>plain text</p><p class="rr-mask">masked text</p><div class="rr-block"><b>blocked text</b></div>`;
    begin();
    document.querySelector(".rr-mask")?.append("masked later");
    document.querySelector(".rr-block")?.append("blocked later");
    document.body.append("plain later");
    await flush();
    expect(recorded()).toContain("plain text");
    expect(recorded()).toContain("plain later");
    expect(recorded()).toContain("****** ****");
    expect(recorded()).not.toMatch(/masked text|masked later|blocked text|blocked later/);
  });

  it("is masked whole where the connection asks for it", async () => {
    document.body.innerHTML = `<p>plain text</p>`;
    begin(true);
    document.body.append("plain later");
    await flush();
    expect(recorded()).toContain("***** ****");
    expect(recorded()).not.toMatch(/plain/);
  });
});

describe("the page", () => {
  it("is as it was after stop()", () => {
    const patched = () => [
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value"),
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value"),
      Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value"),
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "checked"),
      Object.getOwnPropertyDescriptor(CSSStyleSheet.prototype, "insertRule"),
      Object.getOwnPropertyDescriptor(Element.prototype, "attachShadow"),
    ];
    const before = patched();
    begin();
    expect(patched()).not.toEqual(before);
    recording?.stop();
    recording = undefined;
    expect(patched()).toEqual(before);
  });

  it("does not feel an error of the recorder", () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    document.body.innerHTML = `<input id="field">`;
    recording = startRecording(false, ({ type }) => {
      if (type === EventType.IncrementalSnapshot) throw new Error("ours");
    });
    const field = fieldOf();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    expect(field.value).toBe("");
  });
});
