// Answers that were asked for before the code that shows them had come. Each is handed out once.

/** After so long an answer tells of another time; it is asked for again. */
const KEPT_MS = 30_000;

const asked = new Map<string, { response: Promise<Response>; askedAt: number }>();

/** Asks now, as who is signed in; nobody is told where it fails. */
export function askEarly(address: string): Promise<Response> {
  const response = fetch(address, {
    credentials: "same-origin",
    headers: { accept: "application/json" },
  });
  response.catch(() => undefined);
  asked.set(address, { response, askedAt: performance.now() });
  return response;
}

/** What was asked for early, null where it went wrong; without a promise where it was not asked for. */
export function earlyAnswer(address: string): Promise<Response | null> | null {
  const found = asked.get(address);
  if (found === undefined) return null;
  asked.delete(address);
  if (performance.now() - found.askedAt > KEPT_MS) return null;
  return found.response.then(
    (response) => (response.ok ? response : null),
    () => null,
  );
}
