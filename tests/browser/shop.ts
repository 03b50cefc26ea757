// The shop of examples/shop, as its own server serves it.
import { start } from "./child";
import { root } from "./paths";

export interface Shop {
  url: string;
  stop(): Promise<void>;
}

export async function openShop(recorderUrl: string, writeKey: string): Promise<Shop> {
  const args = [root("examples/shop/serve.mjs"), "--port", "0", "--recorder", recorderUrl, "--key", writeKey];
  const server = await start(process.execPath, args, { cwd: root() });
  return { url: server.firstLine, stop: () => server.stop() };
}
