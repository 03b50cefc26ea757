// Keeps the drawn plot in step with what there is to draw. The code that draws comes after the page.
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Plot, PlotData, PlotEvents } from "./plot";
import type { Buckets } from "./stretch";

/** @returns whether drawing failed: the code could not be loaded, or the browser has no canvas */
export function usePlot(
  host: RefObject<HTMLElement | null>,
  data: PlotData,
  marked: Buckets | null,
  events: PlotEvents,
): boolean {
  const plot = useRef<Plot | null>(null);
  const [failed, setFailed] = useState(false);
  const brushed = useEffectEvent(events.brushed);
  const pointedAt = useEffectEvent(events.pointedAt);
  const update = useEffectEvent(() => {
    plot.current?.show(data);
    plot.current?.mark(marked);
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    let gone = false;
    import("./plot")
      .then(({ drawPlot }) => {
        if (gone) return;
        plot.current = drawPlot(element, {
          brushed: (one, other) => {
            brushed(one, other);
          },
          pointedAt: (bucket) => {
            pointedAt(bucket);
          },
        });
        update();
      })
      .catch(() => {
        // It is said in place of the plot; the table has the same figures.
        if (!gone) setFailed(true);
      });
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = null;
    };
  }, [host]);

  useEffect(() => {
    update();
  }, [data, marked?.first, marked?.last]);

  return failed;
}
