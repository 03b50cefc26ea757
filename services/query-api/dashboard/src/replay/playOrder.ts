// Turns a window's events, page by page, into what the player is given. Pure; knows rrweb's events and nothing else.
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";

/**
 * A Meta and its FullSnapshot are played as one moment, that of the snapshot.
 *
 * rrweb stamps the Meta when it starts to take the snapshot and the FullSnapshot when it is done, up to half
 * a second later, and its player seeks to the last Meta alone. Between the two it would keep whatever it showed
 * before: after a jump back, a page from the future. So the Meta moves to its snapshot, and what was recorded in
 * between (it belongs to the new page's node ids) is played right after it. Style sheets adopted just before a Meta
 * belong to its page too.
 *
 * What comes before the first snapshot, or after a Meta whose snapshot never came, has no page to change.
 */
export class PlayOrder {
  private begun = false;
  private undrawn = 0;
  private adopted: eventWithTime[] = [];
  private opening: { meta: eventWithTime; meanwhile: eventWithTime[] } | null = null;

  /** How many of the events so far belong to a page whose snapshot is missing, and so cannot be drawn. */
  get undrawable(): number {
    return this.undrawn;
  }

  /** Takes the window's next events; gives those that can be played now, the first ever being a Meta. */
  take(recorded: readonly eventWithTime[]): eventWithTime[] {
    const events: eventWithTime[] = [];
    for (const event of recorded) this.takeOne(event, events);
    return events;
  }

  /** There are no more for now: gives what was held back for what might have followed. */
  rest(): eventWithTime[] {
    if (!this.begun || this.opening !== null) return [];
    const events = this.adopted;
    this.adopted = [];
    return events;
  }

  private takeOne(event: eventWithTime, events: eventWithTime[]): void {
    if (event.type === EventType.Meta) {
      this.undrawn += this.opening?.meanwhile.length ?? 0;
      this.opening = { meta: event, meanwhile: this.adopted };
      this.adopted = [];
    } else if (this.opening !== null) {
      if (event.type === EventType.FullSnapshot) {
        const { timestamp } = event;
        const { meta, meanwhile } = this.opening;
        events.push({ ...meta, timestamp }, event);
        for (const late of meanwhile) events.push({ ...late, timestamp });
        this.opening = null;
        this.begun = true;
      } else if (isDrawn(event)) {
        this.opening.meanwhile.push(event);
      }
    } else if (isAdoptedStyleSheet(event)) {
      this.adopted.push(event);
    } else {
      if (this.begun) events.push(...this.adopted, event);
      else this.undrawn += this.adopted.length + (isDrawn(event) ? 1 : 0);
      this.adopted = [];
    }
  }
}

/** Whether the longer list only adds events at the end of the shorter one. */
export function extendsBy(before: readonly eventWithTime[], after: readonly eventWithTime[]): boolean {
  if (before.length > after.length) return false;
  return before.every((event, index) => {
    const other = after[index];
    return other !== undefined && identity(event) === identity(other);
  });
}

// The player adds a `delay` to the events that it is given, so only what was recorded is compared.
function identity(event: eventWithTime): string {
  return JSON.stringify([event.timestamp, event.type, event.data]);
}

function isAdoptedStyleSheet(event: eventWithTime): boolean {
  return (
    event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.AdoptedStyleSheet
  );
}

function isDrawn(event: eventWithTime): boolean {
  return event.type === EventType.IncrementalSnapshot || event.type === EventType.FullSnapshot;
}
