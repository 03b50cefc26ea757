// When a session started: how long ago, and exactly, with the time zone, where one points at it or goes.
import { createContext, useContext } from "react";
import { exactTime, relativeTime } from "../format/time";
import { Hint } from "../hint/Hint";
import { RowTools } from "./rowTools";

/** The present moment, one for all rows. */
export const Now = createContext(0);

export function StartedAt({ at }: { at: number }) {
  const { tabIndex } = useContext(RowTools);
  const now = useContext(Now);
  const exact = exactTime(at);
  return (
    <Hint text={exact}>
      {(describedBy) => (
        <time
          className="started-at"
          dateTime={new Date(at).toISOString()}
          data-testid="started"
          data-stop
          tabIndex={tabIndex}
          aria-describedby={describedBy}
        >
          {relativeTime(at, now)}
          <span className="started-exact" aria-hidden="true">
            {exact}
          </span>
        </time>
      )}
    </Hint>
  );
}
