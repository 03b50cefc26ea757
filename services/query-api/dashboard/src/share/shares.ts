// The calls about share links, and what is kept of them.
import { queryOptions } from "@tanstack/react-query";
import { part } from "../api/addresses";
import { get, send } from "../api/client";
import type { MadeShare, Share } from "../api/types";

export const sharesQuery = (session: string) =>
  queryOptions({
    queryKey: ["shares", session] as const,
    queryFn: async ({ signal }) => {
      const answer = await get<{ shares: Share[] }>(`/v1/sessions/${part(session)}/shares`, {}, signal);
      return answer.shares;
    },
  });

export async function makeShare(
  session: string,
  wanted: { valid_for_hours: number; at: number | null },
): Promise<MadeShare> {
  const response = await send(`/v1/sessions/${part(session)}/shares`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(wanted),
  });
  return (await response.json()) as MadeShare;
}

export async function revokeShare(session: string, share: string): Promise<void> {
  await send(`/v1/sessions/${part(session)}/shares/${part(share)}`, { method: "DELETE" });
}
