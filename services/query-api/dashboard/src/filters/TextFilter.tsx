// One field of the filter bar. What is typed counts when it is done: at Enter, or when the field is left.
import { type KeyboardEvent, useId, useState } from "react";

interface Props<Value> {
  label: string;
  /** What is asked for now. */
  value: Value | null;
  write: (value: Value) => string;
  /** Null where the text is no such value. */
  read: (text: string) => Value | null;
  /** What is said then. */
  wrong: string;
  /** Called with null when the field is emptied. */
  change: (value: Value | null) => void;
  /** What was taken is shown elsewhere, and the field is for the next. */
  empties?: boolean;
  hint?: string;
  suggestions?: readonly string[];
  testId: string;
}

export function TextFilter<Value>(props: Props<Value>) {
  const { label, value, write, read, wrong, change, empties = false, hint, suggestions, testId } = props;
  const id = useId();
  const settled = value === null ? "" : write(value);
  const [draft, setDraft] = useState(settled);
  const [from, setFrom] = useState(settled);
  const [refused, setRefused] = useState(false);
  if (from !== settled) {
    // It was changed elsewhere: by a chip, by the back button.
    setFrom(settled);
    setDraft(settled);
    setRefused(false);
  }

  const done = () => {
    const text = draft.trim();
    if (text === settled) {
      setDraft(settled);
      setRefused(false);
      return;
    }
    const next = text === "" ? null : read(text);
    setRefused(text !== "" && next === null);
    if (text !== "" && next === null) return;
    setDraft(next === null || empties ? "" : write(next));
    change(next);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") done();
    else if (event.key === "Escape" && draft !== settled) {
      setDraft(settled);
      setRefused(false);
    }
  };

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        data-testid={testId}
        type="text"
        autoComplete="off"
        spellCheck={false}
        placeholder={hint}
        list={suggestions === undefined ? undefined : `${id}-known`}
        value={draft}
        aria-invalid={refused}
        aria-describedby={refused ? `${id}-wrong` : undefined}
        onChange={(event) => {
          setDraft(event.target.value);
        }}
        onKeyDown={onKey}
        onBlur={done}
      />
      {suggestions !== undefined && (
        <datalist id={`${id}-known`}>
          {suggestions.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
      {refused && (
        <p className="wrong" id={`${id}-wrong`} role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
