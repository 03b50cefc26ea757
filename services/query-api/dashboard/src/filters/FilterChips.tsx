// All that is asked for, with a way to be rid of each and of all.
import { CloseIcon } from "../icons";
import { chipsOf } from "./chips";
import { type Filters, NO_FILTERS } from "./filters";

interface Props {
  filters: Filters;
  change: (filters: Filters) => void;
}

export function FilterChips({ filters, change }: Props) {
  const chips = chipsOf(filters);
  if (chips.length === 0) return null;
  return (
    <div className="chips" role="group" aria-label="Filters in use" data-testid="filters-in-use">
      <ul>
        {chips.map(({ words, rest }) => (
          <li key={words} className="chip">
            {words}
            <button
              type="button"
              aria-label={`Remove filter: ${words}`}
              onClick={() => {
                change(rest);
              }}
            >
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="link"
        data-testid="clear-filters"
        onClick={() => {
          change(NO_FILTERS);
        }}
      >
        Clear all
      </button>
    </div>
  );
}
