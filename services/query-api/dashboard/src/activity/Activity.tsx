// When the sessions started that are asked for. A stretch of it can be chosen, by dragging or by two sliders.
import { useQuery } from "@tanstack/react-query";
import { statsQuery } from "../api/queries";
import type { Filters, TimeRange } from "../filters/filters";
import { useInSteps } from "../useInSteps";
import "./activity.css";
import { ActivityChart } from "./ActivityChart";

interface Props {
  connection: string;
  filters: Filters;
  show: (time: TimeRange) => void;
}

export function Activity({ connection, filters, show }: Props) {
  const { data, isPlaceholderData } = useQuery(statsQuery(connection, filters));
  const drawn = useInSteps(data !== undefined);
  // Why there are none is said where the totals are.
  if (data === undefined || !drawn) return <div className="activity activity-waiting" />;
  return (
    <ActivityChart activity={data.activity} shown={filters.time} dimmed={isPlaceholderData} show={show} />
  );
}
