// Asks for what the page will show, while the code that shows it is still on its way.
import { parseAddress, shareOf, tokenOf } from "./address/address";
import { ACCOUNT, CONNECTIONS, sessionAddress, sessionsAddress, statsAddress } from "./api/addresses";
import { askEarly } from "./api/early";
import type { Connection } from "./api/types";
import { parametersOf } from "./filters/filters";
import { readersZone } from "./filters/zone";

export async function askForPage(location: Pick<Location, "pathname" | "search" | "hash">): Promise<void> {
  // Who brings a token is to be signed in first; who brings a link is nobody.
  if (tokenOf(location.hash) !== null || shareOf(location.hash) !== null) return;
  const { connection, filters, order, session } = parseAddress(location);
  void askEarly(ACCOUNT);
  const connections = askEarly(CONNECTIONS);
  if (session !== null) void askEarly(sessionAddress(session));
  // "The last hour" is another one a moment later, so its answer would be asked for again.
  if (filters.time?.kind === "last") return;
  const shown = connection ?? (await firstOf(connections));
  if (shown === null) return;
  const asked = parametersOf(filters, 0);
  void askEarly(sessionsAddress(shown, { ...asked, ...order }));
  void askEarly(statsAddress(shown, { ...asked, time_zone: readersZone() }));
}

/** The tenant's first connection, which is shown where the address names none. */
async function firstOf(answer: Promise<Response>): Promise<string | null> {
  try {
    const { connections } = (await (await answer).clone().json()) as { connections?: Connection[] };
    return connections?.[0]?.id ?? null;
  } catch {
    // It is asked for again, and then is said what is wrong.
    return null;
  }
}
