// A page of examples/, as its own server serves it.
import { start } from "./child";
import { root } from "./paths";

export interface Example {
  url: string;
  stop(): Promise<void>;
}

export async function openExample(
  name: "shop" | "widget" | "fetch" | "beacon",
  writeKey: string,
  options: { collector?: string; recorder?: string },
): Promise<Example> {
  const given = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  const args = [root("examples/serve.mjs"), name, "--port", "0", "--key", writeKey, ...given];
  const server = await start(process.execPath, args, { cwd: root() });
  return { url: server.firstLine, stop: () => server.stop() };
}
