// Draws the activity with uPlot. An adapter that is loaded when there is something to draw; it decides nothing.
// Each bucket has a place of the same width on the axis, whatever its length: a day of 25 hours is a day.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type Buckets, labelEvery } from "./stretch";

export interface PlotData {
  /** Sessions of each bucket, and those of them that are active. */
  sessions: number[];
  active: number[];
  /** What the axis says of each. */
  labels: string[];
}

export interface Plot {
  show: (data: PlotData) => void;
  /** Marks buckets as chosen; null marks none. */
  mark: (chosen: Buckets | null) => void;
  destroy: () => void;
}

export interface PlotEvents {
  /** A stretch was dragged, between these places on the axis. */
  brushed: (one: number, other: number) => void;
  pointedAt: (bucket: number | null) => void;
}

const HEIGHT_PX = 150;
const LABEL_PX = 72;
/** A hand that trembles drags nothing. */
const LEAST_DRAG_PX = 4;
// Sessions are counted in whole ones.
const STEPS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

export function drawPlot(host: HTMLElement, events: PlotEvents): Plot {
  let data: PlotData = { sessions: [], active: [], labels: [] };
  const colour = (name: string) => () => getComputedStyle(host).getPropertyValue(name).trim();
  const font = () => `12px ${getComputedStyle(host).fontFamily}`;
  const bars = uPlot.paths.bars?.({ size: [0.86, 48, 1] });
  const series = (name: string): uPlot.Series => ({
    ...(bars === undefined ? {} : { paths: bars }),
    fill: colour(name),
    width: 0,
    points: { show: false },
  });
  const axis: uPlot.Axis = {
    stroke: colour("--ink-soft"),
    font: font(),
    ticks: { show: false },
    grid: { stroke: colour("--line"), width: 1 },
  };

  const plot = new uPlot(
    {
      width: Math.max(1, host.clientWidth),
      height: HEIGHT_PX,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [-0.5, Math.max(1, data.sessions.length) - 0.5] },
        y: { range: (_, __, highest) => [0, Math.max(1, highest) * 1.05] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          gap: 6,
          grid: { show: false },
          splits: (u) => {
            const every = labelEvery(
              data.labels.length,
              Math.floor(u.bbox.width / devicePixelRatio / LABEL_PX),
            );
            return data.labels.flatMap((_, index) => (index % every === 0 ? [index] : []));
          },
          values: (_, places) => places.map((place) => data.labels[place] ?? ""),
        },
        { ...axis, size: 52, incrs: STEPS, space: 36 },
      ],
      // The active ones stand in front of all, so that what is seen of the others is the completed ones.
      series: [{}, series("--bar"), series("--bar-active")],
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX },
      },
      hooks: {
        setCursor: [
          (u) => {
            events.pointedAt(u.cursor.idx ?? null);
          },
        ],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width > 0) events.brushed(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
          },
        ],
      },
    },
    [[], [], []],
    host,
  );

  const resized = new ResizeObserver(() => {
    plot.setSize({ width: Math.max(1, host.clientWidth), height: HEIGHT_PX });
  });
  resized.observe(host);
  const redraw = () => {
    plot.redraw(false);
  };
  // The colours follow the machine's, or the reader's own choice.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", redraw);
  const chosenColours = new MutationObserver(redraw);
  chosenColours.observe(document.documentElement, { attributes: true });

  return {
    show: (next) => {
      data = next;
      plot.setData([next.sessions.map((_, index) => index), next.sessions, next.active]);
    },
    mark: (chosen) => {
      const left = chosen === null ? 0 : plot.valToPos(chosen.first - 0.5, "x");
      const right = chosen === null ? 0 : plot.valToPos(chosen.last + 0.5, "x");
      const { height } = plot.over.getBoundingClientRect();
      plot.setSelect({ left, top: 0, width: right - left, height }, false);
    },
    destroy: () => {
      resized.disconnect();
      chosenColours.disconnect();
      dark.removeEventListener("change", redraw);
      plot.destroy();
    },
  };
}
