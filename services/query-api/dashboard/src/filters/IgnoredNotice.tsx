// Says what the address asks for and cannot have.
import type { Ignored } from "../address/filtersInAddress";

export function IgnoredNotice({ ignored, settle }: { ignored: Ignored[]; settle: () => void }) {
  if (ignored.length === 0) return null;
  return (
    <div className="ignored" role="alert" data-testid="ignored">
      <p>Some of the address was not understood. The sessions are shown without it:</p>
      <ul>
        {ignored.map(({ name, value, why }) => (
          <li key={`${name}=${value}`}>
            <code>
              {name}={short(value)}
            </code>
            : {why}
          </li>
        ))}
      </ul>
      <button type="button" className="button" onClick={settle}>
        Understood
      </button>
    </div>
  );
}

function short(value: string): string {
  return value.length <= 60 ? value : `${value.slice(0, 60)}…`;
}
