// A site that the recorder's script tag is on: the shop, or the chat widget's page.
import { openExample, type Example } from "./example";

export type Shop = Example;

export function openShop(
  recorderUrl: string,
  writeKey: string,
  example: "shop" | "widget" = "shop",
): Promise<Shop> {
  return openExample(example, writeKey, { recorder: recorderUrl });
}
