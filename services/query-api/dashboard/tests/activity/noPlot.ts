// In the place of the plot, for there is no canvas here: what it was told, and a hand that drags over it.
import type { Plot, PlotData, PlotEvents } from "../../src/activity/plot";
import type { Buckets } from "../../src/activity/stretch";

export const drawn: { data: PlotData | null; marked: Buckets | null; events: PlotEvents | null } = {
  data: null,
  marked: null,
  events: null,
};

export const noPlot = {
  drawPlot: (_: HTMLElement, events: PlotEvents): Plot => {
    drawn.events = events;
    return {
      show: (data) => {
        drawn.data = data;
      },
      mark: (marked) => {
        drawn.marked = marked;
      },
      destroy: () => {
        drawn.events = null;
      },
    };
  },
};
