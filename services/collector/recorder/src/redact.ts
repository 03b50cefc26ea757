// The last look at an event before it is kept: what rrweb's own masking leaves in clear. Attributes that carry typed
// values or text, addresses with telling parameters, and what is inside of shadow roots of blocked elements.
import {
  EventType,
  IncrementalSource,
  NodeType,
  type eventWithTime,
  type mutationData,
  type serializedNodeWithId,
} from "@rrweb/types";
import { isBlocked, PAGES_OWN, stars, within, type Masking } from "./masking";

const ADDRESSES = new Set(
  "href src srcset rr_src action formaction xlink:href poster data cite ping background content".split(" "),
);
const TEXTS = new Set(
  "title alt placeholder label content download aria-label aria-description aria-placeholder aria-valuetext".split(
    " ",
  ),
);

type Attributes = Record<string, unknown>;

/** Changes the event in place; null where nothing of it may be kept. */
export type Redact = (event: eventWithTime) => eventWithTime | null;

/** @param nodeOf the page's node of an rrweb id */
export function redactor(
  masking: Masking,
  scrub: (text: string) => string,
  nodeOf: (id: number) => Node | null,
): Redact {
  const elementOf = (id: number): Element | null => {
    const node = nodeOf(id);
    return node === null || isElement(node) ? node : node.parentElement;
  };

  function attributes(tag: string, values: Attributes, element: Element | null): void {
    let textMasked: boolean | undefined;
    const isTextMasked = () => (textMasked ??= element !== null && masking.isTextMasked(element));
    for (const name of Object.keys(values)) {
      let value = values[name];
      if (typeof value !== "string" || value === "") continue;
      if (ADDRESSES.has(name)) {
        value = scrub(value);
        if (/^(mailto|tel|sms):/i.test(value as string) && isTextMasked())
          value = (value as string).replace(/:.*$/s, ":");
      }
      if (TEXTS.has(name) && isTextMasked()) value = stars(value as string);
      if (name === "value" && element !== null) value = valueOf(tag, value as string, element, isTextMasked);
      values[name] = value;
    }
    // The frame's document is recorded by itself, with its inputs masked.
    delete values.srcdoc;
    if (tag === "option" && element !== null) chosen(values, element as HTMLOptionElement);
  }

  /** rrweb masks what is in a field, but not the attribute where the field is empty, nor fields that sites make up. */
  function valueOf(tag: string, value: string, element: Element, isTextMasked: () => boolean): string {
    if (tag === "input" || tag === "textarea" || tag === "select") {
      const pagesOwn = PAGES_OWN.has((element as HTMLInputElement).type);
      return pagesOwn && isTextMasked() ? stars(value) : masking.input(value, element);
    }
    return tag.includes("-") && !masking.isClear(element) ? stars(value) : value;
  }

  /** Which option is chosen is the visitor's; the options are the page's. */
  function chosen(values: Attributes, option: HTMLOptionElement): void {
    delete values.selected;
    const select = option.closest("select");
    if (option.selected && select !== null && masking.isClear(select)) values.selected = true;
  }

  function tree(root: serializedNodeWithId): void {
    const nodes = [root];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      if (node.type === NodeType.Element) attributes(node.tagName, node.attributes, elementOf(node.id));
      else if (node.type === NodeType.Text && !node.isStyle)
        node.textContent = textInShadow(node.id, node.textContent);
      if ("childNodes" in node) nodes.push(...node.childNodes);
    }
  }

  /** rrweb looks for masking around the text, but not out of a shadow root. */
  function textInShadow(id: number, text: string): string {
    const around = aroundInShadow(id);
    if (around === null || around.localName === "style") return text;
    return masking.isTextMasked(around) ? stars(text) : text;
  }

  /** The element around the node, where the node is in a shadow root. */
  function aroundInShadow(id: number): Element | null {
    const node = nodeOf(id);
    const root = node?.getRootNode();
    if (!node || !root || !("host" in root)) return null;
    return node.parentElement ?? (root as ShadowRoot).host;
  }

  const isHidden = (id: number) => {
    const around = aroundInShadow(id);
    return around !== null && isBlocked(around);
  };

  function mutation(data: mutationData): void {
    data.adds = data.adds.filter(({ node }) => !isHidden(node.id));
    data.texts = data.texts.filter(({ id }) => !isHidden(id));
    data.attributes = data.attributes.filter(({ id }) => !isHidden(id));
    for (const { node } of data.adds) tree(node);
    for (const text of data.texts) if (text.value !== null) text.value = textInShadow(text.id, text.value);
    for (const { id, attributes: values } of data.attributes) {
      const element = elementOf(id);
      attributes(element?.localName ?? "", values, element);
    }
  }

  return (event) => {
    switch (event.type) {
      case EventType.Meta:
        event.data.href = scrub(event.data.href);
        return event;
      case EventType.FullSnapshot:
        tree(event.data.node);
        return event;
      case EventType.IncrementalSnapshot: {
        const { data } = event;
        if (data.source === IncrementalSource.Mutation) mutation(data);
        if (data.source === IncrementalSource.Input) {
          const field = elementOf(data.id);
          if (field === null || isBlocked(field) || within(field, ".rr-ignore")) return null;
        }
        return event;
      }
      default:
        return event;
    }
  };
}

function isElement(node: Node): node is Element {
  return node.nodeType === Node.ELEMENT_NODE;
}
