// Takes out of recorded events the few attributes that neither a sandbox nor a policy stops: those that ask a host for
// a connection or for its address, and those that tell it where the viewer is. Pure but for what it has seen.
//
// The attribute keeps its value under a name that begins with `_`, as rrweb itself does with `onclick`.
import {
  EventType,
  IncrementalSource,
  NodeType,
  type eventWithTime,
  type serializedNodeWithId,
} from "@rrweb/types";

type Attributes = Record<string, unknown>;

const NEVER = new Set(["referrerpolicy", "attributionsrc"]);
const FRAMES = new Set(["iframe", "frame", "fencedframe", "portal"]);
const HINTS = /(^|\s)(preconnect|dns-prefetch)(\s|$)/i;
const PRAGMAS = /^\s*(content-security-policy(-report-only)?|x-dns-prefetch-control)\s*$/i;

/** Tames the events of one window, in their order: what a mutation speaks of was in an earlier event. */
export class Tamer {
  /** Of the page that is shown: the ids of its frames. Once a frame, always one: an id may be given twice. */
  private readonly frames = new Set<number>();
  /** And of its other elements. What is neither may become a frame by an event that comes late. */
  private readonly others = new Set<number>();

  /** The event itself where there is nothing to take out of it; it is never changed. */
  tamed(event: eventWithTime): eventWithTime {
    if (event.type === EventType.FullSnapshot) {
      this.frames.clear();
      this.others.clear();
      const node = this.node(event.data.node);
      return node === event.data.node ? event : { ...event, data: { ...event.data, node } };
    }
    if (event.type !== EventType.IncrementalSnapshot || event.data.source !== IncrementalSource.Mutation) {
      return event;
    }
    const adds = mapped(event.data.adds, (add) => {
      const node = this.node(add.node);
      return node === add.node ? add : { ...add, node };
    });
    const attributes = mapped(event.data.attributes, (change) => {
      const changed = withoutWild(change.attributes, this.mayBeFrame(change.id));
      return changed === change.attributes ? change : { ...change, attributes: changed };
    });
    return adds === event.data.adds && attributes === event.data.attributes
      ? event
      : { ...event, data: { ...event.data, adds, attributes } };
  }

  private mayBeFrame(id: number): boolean {
    return this.frames.has(id) || !this.others.has(id);
  }

  private node(node: serializedNodeWithId): serializedNodeWithId {
    if (node.type === NodeType.Document) {
      const childNodes = mapped(node.childNodes, (child) => this.node(child));
      return childNodes === node.childNodes ? node : { ...node, childNodes };
    }
    if (node.type !== NodeType.Element) return node;
    const isFrame = FRAMES.has(node.tagName.toLowerCase());
    (isFrame ? this.frames : this.others).add(node.id);
    const attributes = withoutWild(node.attributes, isFrame);
    const childNodes = mapped(node.childNodes, (child) => this.node(child));
    return attributes === node.attributes && childNodes === node.childNodes
      ? node
      : { ...node, attributes, childNodes };
  }
}

function withoutWild<Given extends Attributes>(attributes: Given, ofFrame: boolean): Given {
  // An event is whatever somebody sent: where a part is missing, the player is to say so.
  if (!isObject(attributes)) return attributes;
  const names = Object.keys(attributes);
  if (!names.some((name) => isWild(name, attributes[name], ofFrame))) return attributes;
  const entries = names.map((name): [string, unknown] => {
    const value = attributes[name];
    return [isWild(name, value, ofFrame) ? `_${name.toLowerCase()}` : name, value];
  });
  return Object.fromEntries(entries) as Given;
}

function isWild(name: string, value: unknown, ofFrame: boolean): boolean {
  const lower = name.toLowerCase();
  if (NEVER.has(lower)) return true;
  if (typeof value !== "string") return false;
  switch (lower) {
    case "rel":
      return HINTS.test(value);
    case "src":
      // The policy keeps it from loading, but Chromium connects to its host before it asks the policy.
      return ofFrame;
    case "name":
      // Of a meta element; a mutation does not tell of which element it speaks.
      return value.trim().toLowerCase() === "referrer";
    case "http-equiv":
      // A recorded page's policy would be added to that of its replay, and hide what the replay draws.
      return PRAGMAS.test(value);
    default:
      return false;
  }
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

/** The list itself where no item is another one than before, or where it is no list. */
function mapped<Item>(items: Item[], step: (item: Item) => Item): Item[] {
  if (!Array.isArray(items)) return items;
  const stepped = items.map(step);
  return stepped.every((after, at) => after === items[at]) ? items : stepped;
}
