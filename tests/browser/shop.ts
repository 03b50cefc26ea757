// The shop of examples/shop.
import { openExample, type Example } from "./example";

export type Shop = Example;

export function openShop(recorderUrl: string, writeKey: string): Promise<Shop> {
  return openExample("shop", writeKey, { recorder: recorderUrl });
}
