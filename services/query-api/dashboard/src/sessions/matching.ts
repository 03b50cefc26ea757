// Which connections are meant by what was typed. Pure.
import type { Connection } from "../api/types";

/** Those whose name or id has all the words in it, in any case; first those that begin with them. */
export function matching(connections: readonly Connection[], typed: string): Connection[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [...connections];
  const [first = ""] = words;
  const found = connections
    .map((connection) => ({ connection, text: `${connection.name} ${connection.id}`.toLowerCase() }))
    .filter(({ text }) => words.every((word) => text.includes(word)));
  const begins = (text: string, id: string) => text.startsWith(first) || id.toLowerCase().startsWith(first);
  return [
    ...found.filter(({ connection, text }) => begins(text, connection.id)),
    ...found.filter(({ connection, text }) => !begins(text, connection.id)),
  ].map(({ connection }) => connection);
}
