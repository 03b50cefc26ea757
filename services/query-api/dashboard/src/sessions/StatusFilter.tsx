// All, Active, Completed.
import type { SessionStatus } from "../api/types";

const CHOICES: { status: SessionStatus | null; name: string }[] = [
  { status: null, name: "All" },
  { status: "active", name: "Active" },
  { status: "completed", name: "Completed" },
];

interface Props {
  chosen: SessionStatus | null;
  choose: (status: SessionStatus | null) => void;
}

export function StatusFilter({ chosen, choose }: Props) {
  return (
    <fieldset className="choice" data-testid="status-filter">
      <legend className="unseen">Status</legend>
      {CHOICES.map(({ status, name }) => (
        <label key={name}>
          <input
            type="radio"
            name="status"
            value={status ?? "all"}
            checked={status === chosen}
            onChange={() => {
              choose(status);
            }}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
}
