// A browser's first formatter takes as long to make as a tenth of the page's start: so each is made when something
// is written by it.

/** Gives what `make` gave the first time. */
export function onFirstUse<Made>(make: () => Made): () => Made {
  let made: { value: Made } | null = null;
  return () => (made ??= { value: make() }).value;
}
