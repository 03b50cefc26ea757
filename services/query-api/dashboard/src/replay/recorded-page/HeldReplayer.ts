// rrweb's player with the recorded page held in. Whoever plays a recording plays it by this.
import type { eventWithTime } from "@rrweb/types";
import { Replayer } from "rrweb";
import { holdIn } from "./holdIn";
import { recordedResources } from "./resources";
import { Tamer } from "./Tamer";

export class HeldReplayer extends Replayer {
  private readonly tamer: Tamer;

  constructor(...[events, config]: ConstructorParameters<typeof Replayer>) {
    const tamer = new Tamer();
    super(
      events.map((event) => (typeof event === "string" ? event : tamer.tamed(event))),
      config,
    );
    this.tamer = tamer;
    // The first snapshot is drawn in a later step of the event loop.
    holdIn(this.iframe, recordedResources());
  }

  override addEvent(event: eventWithTime | string): void {
    super.addEvent(typeof event === "string" ? event : this.tamer.tamed(event));
  }
}
