// A list without a session: because there is none yet, or because none is as asked for.
import { chipsOf } from "./chips";
import { type Filters, isFiltered } from "./filters";

export function NoSessions({ filters, clear }: { filters: Filters; clear: () => void }) {
  if (!isFiltered(filters)) {
    return (
      <div className="notice empty" data-testid="no-sessions">
        <p className="notice-title">No sessions yet</p>
        <p>As soon as a visitor opens a page with this connection’s recorder, they appear here.</p>
      </div>
    );
  }
  const alone = chipsOf(filters).length === 1;
  return (
    <div className="notice empty" data-testid="no-sessions">
      {alone && filters.status === "active" ? (
        <>
          <p className="notice-title">Nobody is active</p>
          <p>Sessions appear here while their visitors are on the page.</p>
        </>
      ) : (
        <>
          <p className="notice-title">No session is as asked for</p>
          <p>{alone ? "The filter leaves none." : "All filters together leave none."}</p>
        </>
      )}
      <button type="button" className="button" onClick={clear}>
        {alone ? "Clear the filter" : "Clear all filters"}
      </button>
    </div>
  );
}
