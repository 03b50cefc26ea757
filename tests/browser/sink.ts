// Where every foreign host leads in a test's browser: it takes connections, answers with nothing, and remembers who
// was called. Each host has an address of its own on this machine, so that a connection on which nothing is said
// (a preconnect) is known by it, too.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface Call {
  host: string;
  /** The request's head; empty where nothing was said. */
  head: string;
}

export class Sink {
  readonly calls: Call[] = [];
  /** For `launchChromium`: host -> address. */
  readonly hosts: Record<string, string> = {};
  private readonly hostOf = new Map<string, string>();
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    const call = { host: this.hostOf.get(socket.localAddress ?? "") ?? "a host that nobody knows", head: "" };
    this.calls.push(call);
    this.sockets.add(socket);
    socket.on("data", (text: Buffer) => {
      call.head += text.toString("latin1");
      socket.end("HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => this.sockets.delete(socket));
  });

  static async open(hosts: string[]): Promise<Sink> {
    const sink = new Sink();
    sink.server.listen(0, "0.0.0.0");
    await once(sink.server, "listening");
    const { port } = sink.server.address() as AddressInfo;
    hosts.forEach((host, at) => {
      const address = `127.1.${at >> 8}.${at & 255}`;
      sink.hostOf.set(address, host);
      sink.hosts[host] = `${address}:${port}`;
    });
    return sink;
  }

  /** What was called of a host: the first line of each request. */
  of(host: string): string[] {
    return this.calls
      .filter((call) => call.host === host)
      .map(({ head }) => (head === "" ? "a connection" : head.slice(0, head.indexOf("\r\n"))));
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}
