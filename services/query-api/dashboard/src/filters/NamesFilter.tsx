// A field that takes one name after the other; those that were taken stand among the filters in use.
import { distinct, MOST_NAMES } from "./filters";
import { TextFilter } from "./TextFilter";

interface Props {
  label: string;
  values: readonly string[];
  /** The name that is meant, or null where there is none. */
  read: (text: string) => string | null;
  wrong: string;
  suggestions: readonly string[];
  change: (values: string[]) => void;
  testId: string;
}

export function NamesFilter({ label, values, read, wrong, suggestions, change, testId }: Props) {
  const full = values.length >= MOST_NAMES;
  return (
    <TextFilter<string>
      label={label}
      value={null}
      empties
      write={(name) => name}
      read={(text) => (full ? null : read(text))}
      wrong={full ? `No more than ${MOST_NAMES} can be asked for` : wrong}
      hint={values.length === 0 ? "Any" : "or another one"}
      suggestions={suggestions}
      change={(name) => {
        if (name !== null) change(distinct([...values, name]));
      }}
      testId={testId}
    />
  );
}
