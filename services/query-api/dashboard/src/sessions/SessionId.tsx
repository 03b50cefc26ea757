// A session's id, short where room is short; all of it is in the text, so that it is found, selected and
// copied whole.
import { useContext, useState } from "react";
import { copyText } from "../copy/copyText";
import { idParts } from "../format/session-id";
import { CheckIcon, CopyIcon } from "../icons";
import { RowTools } from "./rowTools";
import "./session-id.css";

export function SessionId({ id }: { id: string }) {
  const { start, middle, end } = idParts(id);
  return (
    <span className="session-id">
      <code title={id} data-testid="session-id">
        {start}
        {middle !== "" && <span className="session-id-middle">{middle}</span>}
        {end}
      </code>
      <CopyId id={id} />
    </span>
  );
}

function CopyId({ id }: { id: string }) {
  const { tabIndex } = useContext(RowTools);
  const [copied, setCopied] = useState<"yes" | "no" | null>(null);
  const copy = async () => {
    setCopied((await copyText(id)) ? "yes" : "no");
  };
  const name =
    copied === "yes" ? "Copied" : copied === "no" ? "The browser refused to copy" : "Copy session id";
  return (
    <button
      type="button"
      className="small-icon copy-id"
      data-testid="copy-id"
      data-stop
      aria-label={name}
      title={name}
      tabIndex={tabIndex}
      onClick={(event) => {
        event.stopPropagation();
        void copy();
      }}
    >
      {copied === "yes" ? <CheckIcon /> : <CopyIcon />}
      <span role="status" className="unseen">
        {copied !== null && name}
      </span>
    </button>
  );
}
