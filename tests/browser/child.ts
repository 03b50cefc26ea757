// A process that a test starts: its first line says where it is, and it is always ended.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Child {
  firstLine: string;
  /** Rejects, with the end of its log, when the process ends. */
  ended: Promise<never>;
  stop(): Promise<void>;
}

/** Resolves when the process has printed a line; rejects, with the end of its log, when it ends before that. */
export async function start(
  command: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Child> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const keep = (text: string) => {
    log = (log + text).slice(-8_000);
  };
  child.stderr.setEncoding("utf8").on("data", keep);
  child.stdout.setEncoding("utf8").on("data", keep);
  const ended = once(child, "close").then((): never => {
    throw new Error(`${command} ${args.join(" ")} ended (${child.exitCode ?? child.signalCode}):\n${log}`);
  });
  const line = once(createInterface(child.stdout), "line") as Promise<[string]>;
  const [firstLine] = await Promise.race([line, ended]);
  ended.catch(() => undefined);
  return { firstLine, ended, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGTERM");
  await closed;
}
