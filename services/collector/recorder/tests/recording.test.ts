// @vitest-environment jsdom
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startRecording, type Privacy, type Recording } from "../src/recording";
import { settings } from "./builders";

let events: eventWithTime[];
let recording: Recording | undefined;

const begin = (privacy: Partial<Privacy> = {}) => {
  events = [];
  recording = startRecording({ ...settings, ...privacy }, (event) => events.push(event));
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
      expect(recorded()).toContain((type === "number" ? "0" : "*").repeat(secret.length));
    },
  );

  // Each kind of the HTML standard but those whose value the page wrote. jsdom takes such a value from no field of most.
  it.each(
    "hidden text search tel url email password date month week time datetime-local number range color file".split(
      " ",
    ),
  )("is masked in what an input of type %s tells, whatever that is", async (type) => {
    document.body.innerHTML = `<input id="field" type="${type}">`;
    begin();
    const field = fieldOf();
    Object.defineProperty(field, "value", { value: "secret typed" });
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await flush();
    expect(inputEvents()).toHaveLength(1);
    expect(recorded()).not.toContain("secret");
  });

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
    begin({ maskText: true });
    document.body.append("plain later");
    await flush();
    expect(recorded()).toContain("***** ****");
    expect(recorded()).not.toMatch(/plain/);
  });

  it("is masked in titles and on buttons only where all text is", () => {
    document.body.innerHTML = `<p title="plain title"></p><input type="submit" value="plain button">`;
    begin();
    expect(recorded()).toContain("plain title");
    expect(recorded()).toContain("plain button");
    recording?.stop();
    begin({ maskText: true });
    expect(recorded()).toContain("***** ******");
    expect(recorded()).not.toMatch(/plain/);
  });
});

describe("what rrweb's own masking leaves", () => {
  it.each([
    ["an attribute behind an emptied field", `<input id="field" value="secret-1">`],
    ["an attribute that the field's type does not take", `<input id="field" type="number" value="secret-1">`],
    ["the first text of an emptied textarea", `<textarea id="field">secret-1</textarea>`],
    ["the value of a field that the site made up", `<my-field value="secret-1"></my-field>`],
    ["a frame's document in an attribute", `<iframe srcdoc="<p class=rr-mask>secret-1</p>"></iframe>`],
    ["editable text", `<div contenteditable><b>secret-1</b></div>`],
  ])("is masked, too: %s", async (_, html) => {
    document.body.innerHTML = html;
    const field = document.querySelector<HTMLInputElement>("#field");
    if (field !== null) field.value = "";
    begin();
    document.body.insertAdjacentHTML("beforeend", html);
    const later = document.querySelectorAll<HTMLInputElement>("#field")[1];
    if (later !== undefined) later.value = "";
    document.querySelector("my-field")?.setAttribute("value", "secret-1 and more");
    await flush();
    expect(events.length).toBeGreaterThan(2);
    expect(recorded()).not.toContain("secret-1");
  });

  it("is masked, too: an option that the page marks as chosen later", async () => {
    document.body.innerHTML = `<select><option>one</option><option id="two">two</option></select>`;
    begin();
    document.querySelector("#two")?.setAttribute("selected", "");
    await flush();
    expect(JSON.stringify(events.slice(2))).not.toContain("selected");
  });

  it("is zeros in a field of numbers, which shows no stars, but never the number", async () => {
    document.body.innerHTML = `<input id="field" type="number" value="4711">`;
    begin();
    const field = fieldOf();
    field.value = "-12.5";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await flush();
    expect(inputEvents()).toMatchObject([{ data: { text: "00000" } }]);
    expect(recorded()).toContain('"value":"0000"');
    expect(recorded()).not.toMatch(/4711|12\.5/);
  });

  it("is left out: what is typed around an rr-ignore, and in blocked places", async () => {
    document.body.innerHTML = `<form class="rr-ignore"><input id="field"></form>`;
    begin();
    const field = fieldOf();
    field.value = "x";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await flush();
    expect(inputEvents()).toEqual([]);
  });
});

describe("data-private", () => {
  it("hides an element with all that is in it, as rr-block does", async () => {
    document.body.innerHTML = `<p>plain</p><div data-private title="secret-title"><b>secret-text</b><input value="secret-value"></div>`;
    begin();
    document.querySelector("[data-private]")?.append("secret-later");
    await flush();
    expect(recorded()).toContain("plain");
    expect(recorded()).not.toContain("secret");
  });

  it("masks the text, and text in attributes, where it says mask", async () => {
    const html = `<p data-private="mask" title="secret-title">secret <img alt="secret-alt"><a href="mailto:secret@a.example">x</a></p>`;
    document.body.innerHTML = html;
    begin();
    document.body.insertAdjacentHTML("beforeend", html);
    document.querySelector("img")?.setAttribute("alt", "secret-new");
    await flush();
    expect(recorded()).toContain('"******');
    expect(recorded()).not.toContain("secret");
  });
});

describe("shadow roots", () => {
  const shadowOf = (html: string): ShadowRoot => {
    document.body.innerHTML = html;
    const root = document.querySelector("#host")?.attachShadow({ mode: "open" });
    if (root === undefined) throw new Error("the page has no host");
    return root;
  };

  it("are blocked with the element that they belong to, later changes included", async () => {
    const root = shadowOf(
      `<div class="rr-block"><div id="host"></div></div><div id="host" class="rr-block"></div>`,
    );
    root.innerHTML = `<p>secret-1</p><input id="in">`;
    begin();
    root.append("secret-2");
    const later = document.createElement("p");
    later.textContent = "secret-3";
    root.append(later);
    await flush();
    later.firstChild?.replaceWith("secret-4");
    later.setAttribute("title", "secret-5");
    const field = root.querySelector("input");
    if (field !== null) field.value = "secret-6";
    field?.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    await flush();
    expect(recorded()).not.toContain("secret");
    expect(inputEvents()).toEqual([]);
  });

  it("of an element that is blocked later take none of what changes from then on", async () => {
    const root = shadowOf(`<div id="host"></div>`);
    root.innerHTML = `<p>plain text</p><input id="in">`;
    begin();
    root.host.classList.add("rr-block");
    await flush();
    const paragraph = root.querySelector("p");
    const text = paragraph?.firstChild;
    if (text) text.textContent = "secret-1";
    paragraph?.setAttribute("title", "secret-2");
    await flush();
    text?.replaceWith("secret-3");
    const field = root.querySelector("input");
    if (field !== null) field.value = "secret-4";
    field?.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    await flush();
    expect(recorded()).toContain("plain text");
    expect(recorded()).not.toContain("secret");
    expect(inputEvents()).toEqual([]);
  });

  it("of a blocked element take nothing that is added later", async () => {
    const root = shadowOf(`<div id="host" class="rr-block"></div>`);
    begin();
    root.append("secret-text");
    root.append(document.createElement("secret-element"));
    await flush();
    expect(recorded()).not.toContain("secret");
  });

  it("are masked with the element that they belong to, later text included", async () => {
    const root = shadowOf(`<div id="host" class="rr-mask"></div>`);
    root.innerHTML = `<p>secret-1</p>`;
    begin();
    root.append("secret-2");
    await flush();
    const text = root.lastChild;
    if (text !== null) text.textContent = "secret-3";
    await flush();
    expect(recorded()).toContain("********");
    expect(recorded()).not.toContain("secret");
  });
});

describe("an unmask list", () => {
  const page = `<input id="field" value="seen-1"><input name="other" value="secret-1"><p>text</p>`;

  it("shows the fields that it names, and no others", async () => {
    document.body.innerHTML = page;
    begin({ unmask: "#field, .public" });
    const field = fieldOf();
    field.value = "seen-2";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await flush();
    expect(recorded()).toContain("seen-1");
    expect(inputEvents()).toMatchObject([{ data: { text: "seen-2" } }]);
    expect(recorded()).not.toContain("secret");
  });

  it("shows what was chosen in a select that it names", () => {
    document.body.innerHTML = `<select class="public"><option>one</option><option selected>two</option></select><select><option selected>three</option></select>`;
    begin({ unmask: ".public" });
    expect(recorded().match(/"selected":true/g)).toHaveLength(1);
  });

  it("shows text where all text is masked, but not what is masked by itself inside of it", () => {
    document.body.innerHTML = `<p>secret-1</p><div class="public"><p title="seen-2">seen-1</p><p class="rr-mask">secret-2</p></div>`;
    begin({ maskText: true, unmask: ".public" });
    expect(recorded()).toContain('"seen-1"');
    expect(recorded()).toContain('"seen-2"');
    expect(recorded()).not.toContain("secret");
  });

  it.each([
    `<input type="password" class="public" value="secret-1">`,
    `<input autocomplete="section-a cc-number" class="public" value="secret-1">`,
    `<input autocomplete="one-time-code" class="public" value="secret-1">`,
    `<input data-rr-is-password="true" class="public" value="secret-1">`,
  ])("never shows a password, a code or a card: %s", (html) => {
    document.body.innerHTML = html;
    begin({ unmask: ".public, input" });
    expect(recorded()).toContain("********");
    expect(recorded()).not.toContain("secret");
  });

  it("does not show a password that the page shows", async () => {
    document.body.innerHTML = `<input id="field" type="password" value="secret-1">`;
    begin({ unmask: "input" });
    const field = fieldOf();
    field.type = "text";
    await flush();
    field.value = "secret-2";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    recording?.snapshot();
    await flush();
    expect(inputEvents()).toMatchObject([{ data: { text: "********" } }]);
    expect(recorded()).not.toContain("secret");
  });

  it("that is no selector shows nothing, and says so", () => {
    const said = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    document.body.innerHTML = page;
    begin({ unmask: "#field, [" });
    expect(recorded()).not.toMatch(/seen-1|secret-1/);
    expect(recorded()).toContain("text");
    expect(said).toHaveBeenCalledOnce();
  });
});

describe("addresses", () => {
  it("are recorded without the values of telling parameters: the page's, links', and pictures'", async () => {
    history.replaceState(null, "", "/reset?token=secret-1&lang=en#code=secret-2");
    document.body.innerHTML = `<a href="/in?session=secret-3&x=1">a</a><form action="/?pwd=secret-4"></form>
      <img src="/p.png?sig=secret-5" srcset="/p.png?sig=secret-6 2x">`;
    begin({ scrub: ["order"] });
    document.querySelector("a")?.setAttribute("href", "/in?order=secret-7");
    await flush();
    history.replaceState(null, "", "/");
    expect(events[0]).toMatchObject({
      type: EventType.Meta,
      data: { href: expect.stringContaining("/reset?token=***&lang=en#code=***") as string },
    });
    expect(recorded()).toContain("/in?session=***&x=1");
    expect(recorded()).toContain("/in?order=***");
    expect(recorded()).not.toContain("secret");
  });
});

describe("a custom event", () => {
  it("that comes before the first snapshot is done is kept for after it", async () => {
    begin();
    recording?.custom("early", 1);
    await flush();
    recording?.custom("later", 2);
    expect(events.map(({ type }) => type)).toEqual([4, 2, 5, 5]);
    expect(recorded()).toMatch(/early.*later/);
  });

  it("comes no more after stop(), and nothing is said of it", async () => {
    const said = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    try {
      begin();
      recording?.custom("early", 1);
      recording?.stop();
      await flush();
      recording?.custom("late", 2);
      expect(recorded()).not.toMatch(/early|late/);
      expect(said).not.toHaveBeenCalled();
    } finally {
      said.mockRestore();
    }
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

  it("is left alone from then on by what rrweb held back", async () => {
    vi.useFakeTimers();
    try {
      begin();
      /** The first movement is told at once, the second only half a second later. */
      const moveTwice = async () => {
        for (const clientX of [5, 6]) {
          document.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX }));
          await vi.advanceTimersByTimeAsync(100);
        }
      };
      const moves = () => recorded().split('"positions"').length - 1;
      await moveTwice();
      const told = moves();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(moves()).toBeGreaterThan(told);
      await moveTwice();
      const before = moves();
      recording?.stop();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(moves()).toBe(before);
    } finally {
      vi.useRealTimers();
    }
  });

  it("has no mark on a password that it shows", async () => {
    document.body.innerHTML = `<input id="field" type="password">`;
    const field = fieldOf();
    begin();
    field.type = "text";
    await flush();
    expect(events.at(-1)).toMatchObject({ data: { attributes: [{ attributes: { type: "text" } }] } });
    expect(field.getAttributeNames()).toEqual(["id", "type"]);
  });

  it("does not feel an error of the recorder", () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    document.body.innerHTML = `<input id="field">`;
    recording = startRecording(settings, ({ type }) => {
      if (type === EventType.IncrementalSnapshot) throw new Error("ours");
    });
    const field = fieldOf();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    expect(field.value).toBe("");
  });
});
