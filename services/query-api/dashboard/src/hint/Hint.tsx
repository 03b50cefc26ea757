// A short explanation of one element, shown while that is pointed at or focused (WCAG 1.4.13: Escape hides
// it, the pointer may rest on it, it stays until one leaves). It is the element's description at any time.
import { type ReactNode, useId, useState } from "react";
import "./hint.css";

interface Props {
  text: string;
  /** Draws the element that the hint belongs to; it must be focusable. */
  children: (describedBy: string) => ReactNode;
}

export function Hint({ text, children }: Props) {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <span
      className="hinted"
      onPointerEnter={() => {
        setShown(true);
      }}
      onPointerLeave={() => {
        setShown(false);
      }}
      onFocus={() => {
        setShown(true);
      }}
      onBlur={() => {
        setShown(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !shown) return;
        event.stopPropagation();
        setShown(false);
      }}
    >
      {children(id)}
      <span role="tooltip" id={id} className="hint" hidden={!shown}>
        {text}
      </span>
    </span>
  );
}
