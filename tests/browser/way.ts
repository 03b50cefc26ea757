// A way to a server that a test can block: what goes through it is cut or refused while the server itself goes on.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export class Way {
  /** Connections that were asked for. */
  asked = 0;
  /** Requests for a WebSocket. */
  sockets = 0;
  private open = true;
  private openToSockets = true;
  private readonly ends = new Set<Socket>();
  private readonly server = createServer((here) => {
    this.lead(here);
  });

  private constructor(private readonly toPort: number) {
    this.server.listen(0, "127.0.0.1");
  }

  static async to(url: string): Promise<Way> {
    const way = new Way(Number(new URL(url).port));
    await once(way.server, "listening");
    return way;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Cut all connections that there are. */
  cut(): void {
    for (const end of this.ends) end.resetAndDestroy();
  }

  /** Cut them, and each new one. */
  refuse(): void {
    this.open = false;
    this.cut();
  }

  /** Let posts through and no WebSocket. */
  refuseSockets(): void {
    this.openToSockets = false;
    this.cut();
  }

  letThrough(): void {
    this.open = true;
    this.openToSockets = true;
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }

  private lead(here: Socket): void {
    this.asked += 1;
    if (!this.open) {
      here.resetAndDestroy();
      return;
    }
    const there = connect(this.toPort, "127.0.0.1");
    for (const [end, other] of [
      [here, there],
      [there, here],
    ] as const) {
      this.ends.add(end);
      end.on("error", () => other.destroy());
      end.on("close", () => {
        this.ends.delete(end);
        other.destroy();
      });
    }
    // A handshake is the first that comes on its connection.
    here.once("data", (first: Buffer) => {
      if (first.toString("latin1").startsWith("GET /recordings/")) {
        this.sockets += 1;
        if (!this.openToSockets) {
          here.resetAndDestroy();
          return;
        }
      }
      there.write(first);
      here.pipe(there);
    });
    there.pipe(here);
  }
}
