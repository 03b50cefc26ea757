// rrweb's player with the recorded page held in. Whoever plays a recording plays it by this, and from a TamedRun.
import { Replayer } from "rrweb";
import type { BuildCache } from "rrweb-snapshot";
import { adaptedSheets } from "../style-sheets/AdaptedSheets";
import { holdIn } from "./holdIn";
import { recordedResources } from "./resources";

export class HeldReplayer extends Replayer {
  constructor(...given: ConstructorParameters<typeof Replayer>) {
    super(...given);
    // The first snapshot is drawn in a later step of the event loop.
    holdIn(this.iframe, recordedResources());
    // It is private, and there is no setting for it.
    (this as unknown as { cache: BuildCache }).cache = { stylesWithHoverClass: adaptedSheets };
  }
}
