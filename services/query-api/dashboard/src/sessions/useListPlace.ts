// Where the list begins on the page and how high its rows are, in px, as the style sheet and the page above
// have it.
import { type RefObject, useLayoutEffect, useState } from "react";

export interface ListPlace {
  top: number;
  rowHeight: number;
}

/** Until it is measured, and where nothing is laid out. */
const UNMEASURED: ListPlace = { top: 0, rowHeight: 72 };

/**
 * @param body the element that holds the rows
 * @param sample an unseen element as high as a row
 */
export function useListPlace(
  body: RefObject<HTMLElement | null>,
  sample: RefObject<HTMLElement | null>,
): ListPlace {
  const [place, setPlace] = useState(UNMEASURED);
  useLayoutEffect(() => {
    const measure = () => {
      if (body.current === null || sample.current === null) return;
      const top = body.current.getBoundingClientRect().top + window.scrollY;
      const rowHeight = sample.current.getBoundingClientRect().height || UNMEASURED.rowHeight;
      setPlace((before) =>
        before.top === top && before.rowHeight === rowHeight ? before : { top, rowHeight },
      );
    };
    measure();
    // What is above the list changes the page's height with its own.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    if (sample.current !== null) observer.observe(sample.current);
    return () => {
      observer.disconnect();
    };
  }, [body, sample]);
  return place;
}
