// What a site's developer must hear of, said once each in the page's console. Never throws.

const said = new Set<string>();

export function notice(text: string, cause?: unknown): void {
  if (said.has(text)) return;
  said.add(text);
  try {
    // The console is the only place where a recorder may speak: it must not touch the page.
    // eslint-disable-next-line no-console
    console.warn(`playhead: ${text}`, ...(cause === undefined ? [] : [cause]));
  } catch {
    // A page may have broken its own console; there is nobody left to tell.
  }
}
