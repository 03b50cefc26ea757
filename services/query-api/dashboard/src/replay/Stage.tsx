// Where the recorded page is drawn, scaled to fit, with what there is to say while it is not.
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import "rrweb/dist/style.css";
import type { Playback } from "./playback";
import "./stage.css";
import { usePlayback } from "./usePlayback";

interface Size {
  width: number;
  height: number;
}

/** The largest scale at which the recorded viewport fits. */
export function fit(viewport: Size, box: Size): number {
  if (viewport.width <= 0 || viewport.height <= 0) return 1;
  return Math.min(box.width / viewport.width, box.height / viewport.height);
}

/** @param now its size is to be known at once, not with the next frame */
function useBoxSize(now: boolean): [(box: HTMLElement | null) => (() => void) | undefined, Size | null] {
  const element = useRef<HTMLElement | null>(null);
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const box = element.current;
    if (!now || box === null) return;
    setSize((known) => known ?? { width: box.clientWidth, height: box.clientHeight });
  }, [now]);
  const measure = useCallback((box: HTMLElement | null) => {
    element.current = box;
    if (box === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [measure, size];
}

export function Stage({ playback, notice }: { playback: Playback; notice: ReactNode }) {
  const mount = useRef<HTMLDivElement>(null);
  const viewport = usePlayback(playback, (state) => state.viewport);
  const [measure, box] = useBoxSize(viewport !== null);
  const held = usePlayback(playback, (state) => state.held);
  const waiting = usePlayback(playback, (state) => state.waiting);

  useEffect(() => (mount.current === null ? undefined : playback.mount(mount.current)), [playback]);

  const scale = viewport === null || box === null ? null : fit(viewport, box);
  const page =
    viewport === null || scale === null
      ? { visibility: "hidden" as const }
      : { width: viewport.width * scale, height: viewport.height * scale };

  return (
    <div
      className="stage"
      ref={measure}
      data-testid="stage"
      data-held-events={held.events}
      data-held-bytes={held.bytes}
      aria-busy={waiting}
      onClick={() => {
        playback.toggle();
      }}
    >
      <div className="stage-page" style={page}>
        {/* Inert: neither the keyboard nor a click may get into the recorded page. */}
        <div
          className="stage-player"
          ref={mount}
          inert
          style={scale === null ? undefined : { transform: `scale(${scale})` }}
        />
      </div>
      {notice !== null && <div className="stage-notice">{notice}</div>}
    </div>
  );
}
