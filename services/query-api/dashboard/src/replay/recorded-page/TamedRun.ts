// The events that a player is given, in their order and tamed; whoever plays a recording plays it from here.
import type { eventWithTime } from "@rrweb/types";
import { firstAfter } from "../inactivity";
import { Tamer } from "./Tamer";

export class TamedRun {
  private tamer = new Tamer();
  /** As they were recorded: one that comes late has them all looked at again. */
  private recorded: eventWithTime[] = [];
  private tamed: eventWithTime[] = [];

  get events(): readonly eventWithTime[] {
    return this.tamed;
  }

  /** @param events in order of time */
  replace(events: readonly eventWithTime[]): void {
    this.recorded = [...events];
    this.tameAll();
  }

  /** Puts each where it belongs; gives them tamed. */
  add(events: readonly eventWithTime[]): eventWithTime[] {
    const before = this.tamed.length;
    let isLate = false;
    for (const event of events) {
      const place = firstAfter(this.recorded, event.timestamp);
      if (place < this.recorded.length) isLate = true;
      else if (!isLate) this.tamed.push(this.tamer.tamed(event));
      this.recorded.splice(place, 0, event);
    }
    if (!isLate) return this.tamed.slice(before);
    this.tameAll();
    const added = new Set(events);
    return this.tamed.filter((_, place) => {
      const event = this.recorded[place];
      return event !== undefined && added.has(event);
    });
  }

  /** Lets go of the first ones. */
  drop(count: number): void {
    this.recorded.splice(0, count);
    this.tamed.splice(0, count);
  }

  private tameAll(): void {
    this.tamer = new Tamer();
    this.tamed = this.recorded.map((event) => this.tamer.tamed(event));
  }
}
