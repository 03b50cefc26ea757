// Hands what is pressed while a replay is open to who does it.
import { useEffect, useRef } from "react";
import { type Command, commandOf } from "./keyboard";

/** @param characters whether letters and signs are shortcuts, too */
export function useKeyboard(characters: boolean, run: (command: Command) => void): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const command = event.defaultPrevented ? null : commandOf(event, characters);
      if (command === null) return;
      event.preventDefault();
      latest.current(command);
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
    };
  }, [characters]);
}
