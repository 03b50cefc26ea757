// rrweb's recorder as we build it in. Left out is what we never switch on: canvases with their worker, fonts, frames
// from elsewhere, remains of older interfaces. And what it would leave on a page is mended: it waits on for frames and
// style sheets to load, and would record such a frame anew; it leaves its own addRule and removeRule on style sheets, an
// adoptedStyleSheets of the document's own, and an attribute on each password that the page shows. It fetches functions
// from a frame that it puts into the page, always, since it looks for two as what they are not, and in Safari leaves it
// there. All by the declarations' names and text: where rrweb no longer has one as expected, the build ends and says so.
import type { Plugin } from "vite";

/** Each declaration at the top level of @rrweb/record, and what stands in for it. */
const STAND_INS: Record<string, string> = {
  CanvasManager:
    "class CanvasManager { constructor() {} reset() {} freeze() {} unfreeze() {} lock() {} unlock() {} }",
  jsContent: "",
  blob: "",
  WorkerWrapper: "",
  is2DCanvasBlank: "const is2DCanvasBlank = () => true;",
  initFontObserver: "const initFontObserver = () => () => {};",
  BaseRRNode: "class BaseRRNode {}",
  _mirror: "let _mirror = {};",
  CrossOriginIframeMirror: "class CrossOriginIframeMirror { reset() {} }",
};

/**
 * Added to the module: `record.endWaiting` takes listeners and frames away, and makes what is still on its way idle;
 * `record.wasPassword` tells of a field whether it was a password's, which rrweb writes on the page otherwise.
 */
const ADDED = `
const shownPasswords = new WeakSet();
record.wasPassword = (element) => shownPasswords.has(element) || element.hasAttribute("data-rr-is-password");
let waiting = { on: true };
const waitingFor = new WeakMap();
function whileWaiting(listener) {
  const own = waiting;
  return () => { if (own.on) listener(); };
}
function listenForLoad(element, listener) {
  element.addEventListener("load", listener);
  waitingFor.set(element, [...(waitingFor.get(element) || []), listener]);
}
record.endWaiting = () => {
  waiting.on = false;
  waiting = { on: true };
  for (const element of document.querySelectorAll("iframe,link")) {
    for (const listener of waitingFor.get(element) || []) element.removeEventListener("load", listener);
    waitingFor.delete(element);
  }
  for (const key of Object.keys(untaintedBaseIframeCleanup)) {
    untaintedBaseIframeCleanup[key]();
    delete untaintedBaseIframeCleanup[key];
    delete untaintedBasePrototype[key];
  }
};`;

/** In a declaration's text: what stands there so many times, and what is to stand there. */
const MENDED: Record<string, [from: string, to: string, times: number][]> = {
  initStyleSheetObserver: [
    [
      "const insertRule = win.CSSStyleSheet.prototype.insertRule;",
      "const sheets = win.CSSStyleSheet.prototype, { insertRule, addRule, removeRule } = sheets;",
      1,
    ],
    [
      "win.CSSStyleSheet.prototype.insertRule = insertRule;",
      "Object.assign(sheets, { insertRule }, addRule && { addRule, removeRule });",
      1,
    ],
  ],
  initAdoptedStyleSheetObserver: [
    [
      "return callbackWrapper(() => {",
      "return callbackWrapper(() => { delete host2.adoptedStyleSheets; return;",
      1,
    ],
  ],
  testableAccessors: [
    ['Element: ["shadowRoot", "querySelector", "querySelectorAll"]', 'Element: ["shadowRoot"]', 1],
  ],
  testableMethods: [
    // Only Chromium has this one, and rrweb does not call it.
    ['ShadowRoot: ["getSelection"]', "ShadowRoot: []", 1],
    ["Element: []", 'Element: ["querySelector", "querySelectorAll"]', 1],
  ],
  getInputType: [['element.hasAttribute("data-rr-is-password")', "record.wasPassword(element)", 1]],
  MutationBuffer: [['target.setAttribute("data-rr-is-password", "true")', "shownPasswords.add(target)", 1]],
  onceIframeLoaded: [
    ['iframeEl.addEventListener("load", ', "listenForLoad(iframeEl, ", 3],
    ["iframeLoadTimeout) {", "iframeLoadTimeout) { listener = whileWaiting(listener);", 1],
  ],
  onceStylesheetLoaded: [
    ['link.addEventListener("load", ', "listenForLoad(link, ", 1],
    ["styleSheetLoadTimeout) {", "styleSheetLoadTimeout) { listener = whileWaiting(listener);", 1],
  ],
};

interface Declaration {
  start: number;
  end: number;
  id?: { name?: string } | null;
  declarations?: { id: { name?: string } }[];
}

export function rrwebAsWeNeedIt(): Plugin {
  let found = false;
  return {
    name: "playhead-rrweb",
    transform(code, id) {
      if (!/[\\/]@rrweb[\\/]record[\\/]dist[\\/]record\.js$/.test(id)) return null;
      found = true;
      const body = this.parse(code).body as unknown as Declaration[];
      const placeOf = (name: string): Declaration => {
        const declared = body.filter((node) => (node.id ?? node.declarations?.[0]?.id)?.name === name);
        const [only] = declared;
        if (only === undefined || declared.length > 1)
          throw new Error(`@rrweb/record declares ${name} ${declared.length} times: look at rrweb.ts`);
        return only;
      };
      const places = [
        ...Object.entries(STAND_INS).map(([name, text]) => ({ ...placeOf(name), text })),
        ...Object.entries(MENDED).map(([name, edits]) => {
          const place = placeOf(name);
          return { ...place, text: mended(name, code.slice(place.start, place.end), edits) };
        }),
      ].sort((a, b) => b.start - a.start);
      let text = code;
      for (const place of places) text = text.slice(0, place.start) + place.text + text.slice(place.end);
      return { code: text + ADDED, map: null };
    },
    buildEnd(error) {
      if (error === undefined && !found) this.error("@rrweb/record was not in the build: look at rrweb.ts");
    },
  };
}

function mended(name: string, text: string, edits: [from: string, to: string, times: number][]): string {
  return edits.reduce((before, [from, to, times]) => {
    const parts = before.split(from);
    if (parts.length - 1 !== times)
      throw new Error(
        `${name} of @rrweb/record has ${from} ${parts.length - 1} times, not ${times}: look at rrweb.ts`,
      );
    return parts.join(to);
  }, text);
}
