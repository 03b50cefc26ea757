// Chooses a connection among many: a combobox with a list, after the pattern of the ARIA Authoring Practices Guide.
// The focus stays in the field; what the arrows point at is told by aria-activedescendant.
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Connection } from "../api/types";
import { count, counted } from "../format/number";
import "./connection-picker.css";
import { matching } from "./matching";

interface Props {
  connections: readonly Connection[];
  chosen: Connection | null;
  choose: (connection: string) => void;
}

/** Nobody reads on; who types on finds the others. */
const MOST_SHOWN = 100;

export function ConnectionPicker({ connections, chosen, choose }: Props) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [pointed, setPointed] = useState(0);
  const list = useRef<HTMLUListElement>(null);

  const found = open ? matching(connections, typed) : [];
  const shown = found.slice(0, MOST_SHOWN);
  const at = Math.min(pointed, shown.length - 1);
  const optionId = (index: number) => `${id}-option-${index}`;

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [open, at]);

  const show = () => {
    if (open) return;
    setOpen(true);
    setTyped("");
    setPointed(
      Math.max(
        0,
        connections.slice(0, MOST_SHOWN).findIndex(({ id }) => id === chosen?.id),
      ),
    );
  };
  const hide = () => {
    setOpen(false);
    setTyped("");
  };
  const take = (connection: Connection | undefined) => {
    if (connection === undefined) return;
    hide();
    choose(connection.id);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (!open) show();
      else if (event.altKey && step === -1) hide();
      else if (shown.length > 0) setPointed((at + step + shown.length) % shown.length);
    } else if (open && (event.key === "PageDown" || event.key === "PageUp")) {
      setPointed(Math.min(Math.max(0, at + (event.key === "PageDown" ? 10 : -10)), shown.length - 1));
    } else if (open && event.key === "Enter") {
      take(shown[at]);
    } else if (open && event.key === "Escape") {
      hide();
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <div className="picker">
      <label className="unseen" htmlFor={id}>
        Connection
      </label>
      <input
        id={id}
        data-testid="connection-picker"
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-activedescendant={open && shown.length > 0 ? optionId(at) : undefined}
        placeholder={chosen?.name ?? "Choose a connection"}
        value={open ? typed : (chosen?.name ?? "")}
        onChange={(event) => {
          // The first letter may have come on top of the name that stood there.
          const text = event.target.value;
          setTyped(open || chosen === null ? text : text.replace(chosen.name, ""));
          setPointed(0);
          setOpen(true);
        }}
        onClick={show}
        onKeyDown={onKey}
        onFocus={(event) => {
          event.target.select();
        }}
        onBlur={hide}
      />
      <div className="picker-list" hidden={!open}>
        <ul id={`${id}-list`} role="listbox" aria-label="Connections" ref={list}>
          {shown.map((connection, index) => (
            <li
              key={connection.id}
              id={optionId(index)}
              role="option"
              aria-selected={index === at}
              data-testid="connection-option"
              onPointerDown={(event) => {
                event.preventDefault(); // The focus stays in the field.
              }}
              onClick={() => {
                take(connection);
              }}
            >
              <span>{connection.name}</span>
              <code>{connection.id}</code>
            </li>
          ))}
        </ul>
        {found.length > shown.length && (
          <p>{count(found.length - shown.length)} more: type a part of a name</p>
        )}
        {found.length === 0 && <p>No connection has that in its name</p>}
      </div>
      <span className="unseen" role="status">
        {open ? counted(found.length, "connection") : ""}
      </span>
    </div>
  );
}
