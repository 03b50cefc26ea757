// A collector beside the stack's, on the same log, which a test may stop and start again.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { root } from "./paths";
import { until } from "./waiting";

export class OwnCollector {
  private process: ChildProcess | undefined;
  private log = "";

  private constructor(
    readonly url: string,
    private readonly settings: Record<string, string>,
  ) {}

  /** @param settings without their prefix */
  static async start(settings: Record<string, string>): Promise<OwnCollector> {
    const port = String(await freePort());
    const collector = new OwnCollector(`http://127.0.0.1:${port}`, { ...settings, PORT: port });
    await collector.startAgain();
    return collector;
  }

  async startAgain(): Promise<void> {
    const given = Object.entries(this.settings).map(([name, value]) => [`PLAYHEAD_COLLECTOR_${name}`, value]);
    this.process = spawn(root(".venv/bin/playhead-collector"), {
      cwd: root(),
      env: { ...process.env, ...(Object.fromEntries(given) as Record<string, string>) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.log = (this.log + text).slice(-8_000);
    });
    try {
      await until("the collector is ready", () => this.isReady(), 90_000);
    } catch (error) {
      throw new Error(`${String(error)}\n${this.log}`, { cause: error });
    }
  }

  /** As an operator stops it; gives its exit code. */
  async stop(): Promise<number | null> {
    const running = this.process;
    if (running === undefined) return null;
    this.process = undefined;
    const closed = once(running, "close");
    running.kill("SIGTERM");
    await closed;
    return running.exitCode;
  }

  /** The value of a metric, summed over its labels. */
  async metric(name: string): Promise<number> {
    return metricOf(this.url, name);
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }
}

export async function metricOf(collectorUrl: string, name: string): Promise<number> {
  const lines = (await (await fetch(`${collectorUrl}/metrics`)).text()).split("\n");
  return lines
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
