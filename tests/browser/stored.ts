// What the query API gives of a visitor, as any developer would ask it.
import type { Stack } from "./stack";

export interface StoredEvent {
  type: number;
  data: Record<string, unknown>;
  timestamp: number;
}

export interface StoredSession {
  session_id: string;
  visitor_id: string;
  events: number;
  replayable: boolean;
}

export class Stored {
  constructor(private readonly stack: Stack) {}

  /** The sessions of a visitor, the newest first. */
  async sessionsOf(visitor: string): Promise<StoredSession[]> {
    const { sessions } = await this.get<{ sessions: StoredSession[] }>(
      `/v1/connections/${this.stack.connection}/sessions?limit=200`,
    );
    return sessions.filter(({ visitor_id }) => visitor_id === visitor);
  }

  /** The ordered events of each window of a session. */
  async windowsOf(session: string): Promise<Map<string, StoredEvent[]>> {
    const { windows } = await this.get<{ windows: { window_id: string }[] }>(`/v1/sessions/${session}`);
    const found = new Map<string, StoredEvent[]>();
    for (const { window_id } of windows) found.set(window_id, await this.eventsOf(session, window_id));
    return found;
  }

  private async eventsOf(session: string, window: string): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ window, ...(cursor === null ? {} : { cursor }) });
      const page: { events: StoredEvent[]; next_cursor: string | null } = await this.get(
        `/v1/sessions/${session}/events?${query}`,
      );
      events.push(...page.events);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return events;
  }

  private async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.stack.dashboardUrl}${path}`, {
      headers: { Authorization: `Bearer ${this.stack.token}` },
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
