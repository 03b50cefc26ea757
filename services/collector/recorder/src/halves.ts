// A batch that is too large for the collector, as two that may not be (ADR 73). Pure, but for unzipping.
import { arrayOf, type Batch } from "./batch";
import { textOf } from "./compress";

export interface ParsedEvent {
  type: number;
}

export async function eventsOf(batch: Batch): Promise<ParsedEvent[]> {
  return JSON.parse(await textOf(batch)) as ParsedEvent[];
}

/**
 * The earlier half keeps the number, which a refused batch has not used up.
 *
 * @param events two at least
 * @param seq the number of the later half
 */
export function halve(batch: Batch, events: readonly ParsedEvent[], seq: number | null): [Batch, Batch] {
  const middle = Math.ceil(events.length / 2);
  const body = (from: number, to: number): Batch["body"] => ({
    encoding: "identity",
    text: arrayOf(events.slice(from, to).map((event) => JSON.stringify(event))),
  });
  const first = { ...batch, triedAt: null, body: body(0, middle) };
  return [first, { ...first, seq, kept: "no", body: body(middle, events.length) }];
}
