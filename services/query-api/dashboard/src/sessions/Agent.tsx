// Browser, operating system and country of a visitor, as signs that say their names.
import type { Session } from "../api/types";
import { BrowserIcon, OsIcon } from "../agent-icons";
import { browserSign, osSign } from "../format/agent";
import { browserName } from "../format/browser";
import { countryName } from "../format/country";
import "./agent.css";

export function Agent({ session }: { session: Session }) {
  const { browser, os, user_agent } = session;
  return (
    <span className="agent" title={user_agent} data-testid="user-agent">
      <BrowserIcon sign={browserSign(browser)} name={browser || "Unknown browser"} />
      <OsIcon sign={osSign(os)} name={os || "Unknown operating system"} />
      <span className="agent-name" aria-hidden="true">
        {browserName(session)}
      </span>
    </span>
  );
}

/** Nothing where the API knows none. */
export function Country({ code }: { code: string }) {
  if (code === "") return null;
  return (
    <abbr className="country" title={countryName(code)} data-testid="country">
      <span aria-hidden="true">{code}</span>
      <span className="unseen">{countryName(code)}</span>
    </abbr>
  );
}
