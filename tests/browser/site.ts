// A site of one test's own: the same page at every path, and the built recorder as a module.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { root } from "./paths";

const MODULE = root("services/collector/recorder/dist/index.js");

export class Site {
  /** What every path shows. */
  html = "";
  private readonly server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    if (pathname !== "/recorder/index.js") {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      response.end(`<!doctype html><title>A site</title>${this.html}`);
      return;
    }
    void readFile(MODULE).then((content) => {
      response.writeHead(200, { "Content-Type": "text/javascript" });
      response.end(content);
    });
  });

  static async open(): Promise<Site> {
    const site = new Site();
    site.server.listen(0, "127.0.0.1");
    await once(site.server, "listening");
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
