// Totals of the sessions that are asked for: Total, Active, Completed, Events.
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../api/problem";
import { statsQuery } from "../api/queries";
import type { SessionStats } from "../api/types";
import type { Filters } from "../filters/filters";
import { bigCount, count } from "../format/number";
import "./tiles.css";

type Total = keyof Pick<SessionStats, "total" | "active" | "completed" | "events">;

const TILES: { name: string; of: Total }[] = [
  { name: "Total", of: "total" },
  { name: "Active", of: "active" },
  { name: "Completed", of: "completed" },
  { name: "Events", of: "events" },
];

export function Tiles({ connection, filters }: { connection: string; filters: Filters }) {
  const { data, error, isPlaceholderData } = useQuery(statsQuery(connection, filters));
  return (
    <dl
      className={isPlaceholderData ? "tiles dimmed" : "tiles"}
      aria-label="Totals"
      aria-busy={isPlaceholderData}
    >
      {TILES.map(({ name, of }) => (
        <div key={of} className={`tile tile-${of}`}>
          <dt>{name}</dt>
          <dd data-testid={`tile-${of}`} title={data === undefined ? undefined : count(data[of])}>
            {data === undefined ? (
              <span className="tile-unknown" title={error === null ? "Loading" : asProblem(error).message}>
                –
              </span>
            ) : (
              bigCount(data[of])
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
