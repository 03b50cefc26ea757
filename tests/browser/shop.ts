// The shop of examples/shop, or another example, as the shop's server serves it.
import { start } from "./child";
import { root } from "./paths";

export interface Shop {
  url: string;
  stop(): Promise<void>;
}

export async function openShop(recorderUrl: string, writeKey: string, example = "shop"): Promise<Shop> {
  const args = [root("examples/shop/serve.mjs"), "--port", "0", "--recorder", recorderUrl, "--key", writeKey];
  args.push("--folder", root("examples", example));
  const server = await start(process.execPath, args, { cwd: root() });
  return { url: server.firstLine, stop: () => server.stop() };
}
