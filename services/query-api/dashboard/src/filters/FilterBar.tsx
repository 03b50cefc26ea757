// The filters of the list, its totals and its chart, and the order of the list.
import { useId, useState } from "react";
import { StatusFilter } from "../sessions/StatusFilter";
import { chipsOf } from "./chips";
import { FilterChips } from "./FilterChips";
import {
  type Filters,
  FRICTIONS,
  LONGEST_NAME,
  LONGEST_URL,
  LONGEST_VISITOR,
  noLongerThan,
  type Order,
} from "./filters";
import "./filters.css";
import { NamesFilter } from "./NamesFilter";
import { TextFilter } from "./TextFilter";
import { TimeFilter } from "./TimeFilter";
import {
  countOf,
  countries,
  countryOf,
  countryWords,
  FRICTION_WORDS,
  ORDERS,
  spanOf,
  spanWords,
} from "./words";

interface Props {
  filters: Filters;
  order: Order;
  change: (filters: Filters) => void;
  sort: (order: Order) => void;
}

// Names as uap-core has them, from which sessions have theirs.
const BROWSERS = [
  "Chrome",
  "Chrome Mobile",
  "Chrome Mobile iOS",
  "Edge",
  "Firefox",
  "Firefox Mobile",
  "Mobile Safari",
  "Opera",
  "Safari",
  "Samsung Internet",
];
const SYSTEMS = ["Android", "Chrome OS", "iOS", "Linux", "Mac OS X", "Ubuntu", "Windows"];

const same = (text: string): string => text;

export function FilterBar({ filters, order, change, sort }: Props) {
  const id = useId();
  const set = (part: Partial<Filters>) => {
    change({ ...filters, ...part });
  };
  // The other fields are there when one asks for them, and when one of them is in use.
  const inside = chipsOf({ ...filters, status: null, time: null, url: null }).length;
  const [open, setOpen] = useState(inside > 0);
  return (
    <div className="filter-bar" role="search" aria-label="Sessions" data-testid="filter-bar">
      <div className="filter-row">
        <StatusFilter
          chosen={filters.status}
          choose={(status) => {
            set({ status });
          }}
        />
        <TimeFilter
          time={filters.time}
          change={(time) => {
            set({ time });
          }}
        />
        <TextFilter<string>
          label="Page address contains"
          value={filters.url}
          write={same}
          read={noLongerThan(LONGEST_URL)}
          wrong={`No more than ${LONGEST_URL} characters`}
          hint="/checkout"
          change={(url) => {
            set({ url });
          }}
          testId="filter-url"
        />
        <div className="field">
          <label htmlFor={`${id}-sort`}>Order</label>
          <select
            id={`${id}-sort`}
            data-testid="sort"
            value={`${order.sort} ${order.direction}`}
            onChange={(event) => {
              const chosen = ORDERS.find(
                ({ order: { sort, direction } }) => `${sort} ${direction}` === event.target.value,
              );
              if (chosen !== undefined) sort(chosen.order);
            }}
          >
            {ORDERS.map(({ order: { sort: by, direction }, words }) => (
              <option key={words} value={`${by} ${direction}`}>
                {words}
              </option>
            ))}
          </select>
        </div>
        <button
          type="button"
          className="button"
          data-testid="more-filters"
          aria-expanded={open}
          aria-controls={`${id}-more`}
          onClick={() => {
            setOpen(!open);
          }}
        >
          {open ? "Fewer filters" : "More filters"}
          {!open && inside > 0 && ` (${inside} in use)`}
        </button>
      </div>
      <div className="filter-more" id={`${id}-more`} hidden={!open}>
        {open && <MoreFilters filters={filters} set={set} />}
      </div>
      <FilterChips filters={filters} change={change} />
    </div>
  );
}

function MoreFilters({ filters, set }: { filters: Filters; set: (part: Partial<Filters>) => void }) {
  const id = useId();
  return (
    <>
      <NamesFilter
        label="Browser"
        values={filters.browsers}
        read={noLongerThan(LONGEST_NAME)}
        wrong={`No more than ${LONGEST_NAME} characters`}
        suggestions={BROWSERS}
        change={(browsers) => {
          set({ browsers });
        }}
        testId="filter-browser"
      />
      <NamesFilter
        label="Operating system"
        values={filters.oses}
        read={noLongerThan(LONGEST_NAME)}
        wrong={`No more than ${LONGEST_NAME} characters`}
        suggestions={SYSTEMS}
        change={(oses) => {
          set({ oses });
        }}
        testId="filter-os"
      />
      <NamesFilter
        label="Country"
        values={filters.countries}
        read={countryOf}
        wrong="A country has a name or two letters: Netherlands, NL"
        suggestions={[...countries().values()].map(countryWords)}
        change={(found) => {
          set({ countries: found });
        }}
        testId="filter-country"
      />
      <TextFilter<string>
        label="Visitor"
        value={filters.visitor}
        write={same}
        read={noLongerThan(LONGEST_VISITOR)}
        wrong={`No more than ${LONGEST_VISITOR} characters`}
        hint="The whole id"
        change={(visitor) => {
          set({ visitor });
        }}
        testId="filter-visitor"
      />
      <TextFilter<number>
        label="Lasts at least"
        value={filters.minDurationMs}
        write={spanWords}
        read={spanOf}
        wrong="A length of time: 90 s, 2 min, 1 h"
        hint="30 s"
        change={(minDurationMs) => {
          set({ minDurationMs });
        }}
        testId="filter-min-duration"
      />
      <TextFilter<number>
        label="Events at least"
        value={filters.minEvents}
        write={String}
        read={countOf}
        wrong="A whole number"
        hint="10"
        change={(minEvents) => {
          set({ minEvents });
        }}
        testId="filter-min-events"
      />
      <div className="field">
        <label htmlFor={`${id}-replayable`}>Playable</label>
        <select
          id={`${id}-replayable`}
          data-testid="filter-replayable"
          value={filters.replayable === null ? "" : String(filters.replayable)}
          onChange={(event) => {
            set({ replayable: event.target.value === "" ? null : event.target.value === "true" });
          }}
        >
          <option value="">All</option>
          <option value="true">Can be played</option>
          <option value="false">Cannot be played</option>
        </select>
      </div>
      <fieldset className="field frictions">
        <legend>With</legend>
        {FRICTIONS.map((friction) => (
          <label key={friction}>
            <input
              type="checkbox"
              data-testid={`filter-has-${friction}`}
              checked={filters.has.includes(friction)}
              onChange={(event) => {
                const { checked } = event.target;
                set({
                  has: FRICTIONS.filter((each) => (each === friction ? checked : filters.has.includes(each))),
                });
              }}
            />
            {FRICTION_WORDS[friction]}
          </label>
        ))}
      </fieldset>
    </>
  );
}
