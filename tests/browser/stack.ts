// The whole stack as an operator starts it, on temporary data and free ports, with a connection whose gap is short.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { start } from "./child";
import { OwnCollector } from "./ownCollector";
import { root } from "./paths";
import { until } from "./waiting";

export interface Stack {
  collectorUrl: string;
  dashboardUrl: string;
  token: string;
  connection: string;
  writeKey: string;
  /** A token of somebody else who may see the same sessions. */
  addToken(name: string, role: "reader" | "admin"): Promise<string>;
  /** Play the example recordings into the connection, each as a visitor whose visit ends now. */
  playRecordings(): Promise<void>;
  /** The broker lives, and answers nothing until it is resumed. */
  suspendBroker(): void;
  resumeBroker(): void;
  /** One more collector on the same log, with settings of its own. */
  collectorBeside(settings: Record<string, string>): Promise<OwnCollector>;
  stop(): Promise<void>;
}

const PLAYHEAD = root(".venv/bin/playhead");
const CONNECTION = "lantern-tea";
/** What a session waits for batches that are late; here none is. */
const GRACE_MS = 1_000;

/** @param settings of its services, beside the usual ones: by their names in the environment, without PLAYHEAD_ */
export async function startStack(gapMs: number, settings: Record<string, string> = {}): Promise<Stack> {
  for (const built of [
    "services/collector/recorder/dist/recorder.js",
    "services/query-api/dashboard/dist/index.html",
  ]) {
    if (!existsSync(root(built))) throw new Error(`${built} is not built: \`make build\``);
  }
  const data = await mkdtemp(join(tmpdir(), "playhead-browser-"));
  const changed = Object.entries({ SESSIONIZER_GRACE_MS: String(GRACE_MS), ...settings });
  const env = {
    ...process.env,
    ...Object.fromEntries(changed.map(([name, value]) => [`PLAYHEAD_${name}`, value])),
  };
  const running = await start(PLAYHEAD, ["run", "--free-ports", "--data", data], { cwd: root(), env });
  let resumeBroker: () => void = () => undefined;
  const stop = async () => {
    resumeBroker();
    await running.stop();
    await rm(data, { recursive: true, force: true });
  };
  try {
    // The file is there once everything serves.
    const announced = join(data, "running.json");
    await Promise.race([running.ended, until("the stack serves", () => existsSync(announced), 120_000)]);
    const { pid, addresses } = JSON.parse(await readFile(announced, "utf8")) as {
      pid: number;
      addresses: Record<string, number>;
    };
    const broker = childOf(pid, "kafka.Kafka");
    resumeBroker = () => void process.kill(broker, "SIGCONT");
    const secrets = JSON.parse(await readFile(join(data, "secrets.json"), "utf8")) as {
      dashboard_token: string;
    };
    const playhead = (...args: string[]) =>
      promisify(execFile)(PLAYHEAD, [...args, "--data", data], { cwd: root() });
    const add = ["connections", "add", CONNECTION, "--name", "Lantern Tea", "--gap-ms", String(gapMs)];
    const writeKey = (await playhead(...add)).stdout.trim();
    return {
      collectorUrl: urlOf(addresses, "collector_port"),
      dashboardUrl: urlOf(addresses, "query_api_port"),
      token: secrets.dashboard_token,
      connection: CONNECTION,
      writeKey,
      addToken: async (name, role) => (await playhead("tokens", "add", name, "--role", role)).stdout.trim(),
      playRecordings: async () => {
        await playhead("play", "--key", writeKey);
      },
      suspendBroker: () => void process.kill(broker, "SIGSTOP"),
      resumeBroker,
      collectorBeside: (settings) =>
        OwnCollector.start({
          KAFKA_BOOTSTRAP: new URL(urlOf(addresses, "kafka_port")).host,
          ...settings,
        }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function urlOf(addresses: Record<string, number>, name: string): string {
  const port = addresses[name];
  if (port === undefined) throw new Error(`the stack announced no ${name}`);
  return `http://127.0.0.1:${port}`;
}

/** The id of a process's child whose command has this word in it. */
function childOf(parent: number, word: string): number {
  const isIt = (pid: string) => {
    try {
      // The state and then the parent stand behind the name, which is in brackets and may hold anything.
      const [, itsParent] = readFileSync(`/proc/${pid}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .split(" ");
      return (
        Number(itsParent) === parent &&
        readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").includes(word)
      );
    } catch {
      // It has ended meanwhile.
      return false;
    }
  };
  const found = readdirSync("/proc").find((name) => /^\d+$/.test(name) && isIt(name));
  if (found === undefined) throw new Error(`process ${parent} runs no ${word}`);
  return Number(found);
}
