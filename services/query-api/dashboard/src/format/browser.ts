// Which browser a session was recorded in, in few words.
import type { Session } from "../api/types";

/** "Chrome on Mac OS X"; the raw user agent where it was not recognised. */
export function browserName(session: Pick<Session, "browser" | "os" | "user_agent">): string {
  if (session.browser !== "" && session.os !== "") return `${session.browser} on ${session.os}`;
  return session.browser || session.os || session.user_agent || "Unknown browser";
}
