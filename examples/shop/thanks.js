// Nothing to do but to tell the recording that an order was placed.
import "./basket.js";

window.addEventListener("load", () => window.playhead?.event("order-placed"));
