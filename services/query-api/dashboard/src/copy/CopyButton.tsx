// Copies a text, and says whether it could.
import { useState } from "react";
import { CheckIcon, CopyIcon } from "../icons";
import { copyText } from "./copyText";

/** @param what what is copied, as in "Copy session id" */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState<{ text: string; well: boolean } | null>(null);
  const said = copied?.text !== text ? null : copied.well ? "Copied" : "The browser refused to copy";
  const name = said ?? `Copy ${what}`;
  const copy = async () => {
    setCopied({ text, well: await copyText(text) });
  };
  return (
    <>
      <button type="button" className="small-icon" aria-label={name} title={name} onClick={() => void copy()}>
        {copied?.text === text && copied.well ? <CheckIcon /> : <CopyIcon />}
      </button>
      <span className="unseen" role="status">
        {said}
      </span>
    </>
  );
}
