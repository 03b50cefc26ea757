// When sessions started: one of the usual stretches up to now, or exactly from and to, in the reader's time zone.
import { type SubmitEvent, useId, useState } from "react";
import { bounds, LAST_MS, type Last, LATEST_AT, type TimeRange } from "./filters";
import { fromTheWall, onTheWall } from "./wallClock";
import { LAST_WORDS } from "./words";
import { readersZone, zoneName } from "./zone";

interface Props {
  time: TimeRange | null;
  change: (time: TimeRange | null) => void;
}

export function TimeFilter({ time, change }: Props) {
  const id = useId();
  const [exact, setExact] = useState(false);
  const [from, setFrom] = useState(time);
  if (from !== time) {
    setFrom(time);
    setExact(false);
  }
  const shown = exact || time?.kind === "between" ? "exact" : (time?.last ?? "");
  return (
    <div className="time-filter">
      <div className="field">
        <label htmlFor={id}>Started</label>
        <select
          id={id}
          data-testid="filter-time"
          value={shown}
          onChange={(event) => {
            const chosen = event.target.value;
            setExact(chosen === "exact");
            if (chosen !== "exact") change(chosen === "" ? null : { kind: "last", last: chosen as Last });
          }}
        >
          <option value="">Any time</option>
          {(Object.keys(LAST_MS) as Last[]).map((last) => (
            <option key={last} value={last}>
              {LAST_WORDS[last]}
            </option>
          ))}
          <option value="exact">Exact times</option>
        </select>
      </div>
      {shown === "exact" && <ExactTimes key={JSON.stringify(time)} time={time} change={change} />}
    </div>
  );
}

function ExactTimes({ time, change }: Props) {
  const id = useId();
  // What is shown now is what one corrects.
  const [now] = useState(() => Date.now());
  const shown = bounds(time, now);
  const [texts, setTexts] = useState({ from: wallOr(shown.from), to: wallOr(shown.to) });
  const [wrong, setWrong] = useState<string | null>(null);

  const apply = (event: SubmitEvent) => {
    event.preventDefault();
    // Fields show whole seconds: one that was not touched keeps its ms.
    const read = (text: string, before: number | null): number | null =>
      text === wallOr(before) ? before : fromTheWall(text);
    const from = read(texts.from, shown.from);
    const to = read(texts.to, shown.to);
    const unread = (texts.from !== "" && from === null) || (texts.to !== "" && to === null);
    const far = Math.max(from ?? 0, to ?? 0) > LATEST_AT;
    if (unread || far) setWrong("That is no date between 1970 and 2299");
    else if (from !== null && to !== null && to <= from) setWrong("“To” must be later than “from”");
    else change(from === null && to === null ? null : { kind: "between", from, to });
  };

  return (
    <form className="exact-times" onSubmit={apply} noValidate>
      {(["from", "to"] as const).map((end) => (
        <div className="field" key={end}>
          <label htmlFor={`${id}-${end}`}>{end === "from" ? "From" : "To (before)"}</label>
          <input
            id={`${id}-${end}`}
            data-testid={`filter-${end}`}
            type="datetime-local"
            step={1}
            value={texts[end]}
            aria-describedby={`${id}-zone`}
            onChange={(event) => {
              setTexts({ ...texts, [end]: event.target.value });
            }}
          />
        </div>
      ))}
      <button type="submit" className="button" data-testid="apply-times">
        Apply
      </button>
      <p className="zone" id={`${id}-zone`} data-testid="time-zone">
        Times are in {zoneName(readersZone(), shown.from ?? shown.to ?? now)}
      </p>
      {wrong !== null && (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      )}
    </form>
  );
}

function wallOr(at: number | null): string {
  return at === null ? "" : onTheWall(at);
}
