// A site that records with @rrweb/browser-client, its own bundle, as its users put it into a page.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

const ENTRY = createRequire(import.meta.url).resolve("@rrweb/browser-client");
const BUNDLE = join(dirname(ENTRY), "..", "umd", "browser-client.min.js");

export interface Site {
  /** The address of a page whose client sends to this collector. */
  pageFor(name: "first" | "second" | "large", collectorUrl: string): string;
  stop(): Promise<void>;
}

export async function openSite(writeKey: string): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://site");
    const send = (type: string, body: string | Buffer) => {
      response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` });
      response.end(body);
    };
    if (pathname === "/client.js") {
      void readFile(BUNDLE).then((bundle) => {
        send("text/javascript", bundle);
      });
    } else if (pathname === "/favicon.ico") response.writeHead(204).end();
    else send("text/html", page(pathname.slice(1), searchParams.get("to") ?? "", writeKey));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    pageFor: (name, collectorUrl) => `${url}/${name}?to=${encodeURIComponent(collectorUrl)}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** `keep` is the page's own function that is told each event; the tests put it there. */
function page(name: string, collectorUrl: string, writeKey: string): string {
  const config = {
    serverUrl: `${collectorUrl}/recordings/{recordingId}/events/ws`,
    publicApiKey: writeKey,
    emit: "keep",
  };
  const large = name === "large" ? `<p>${"A very long text. ".repeat(70_000)}</p>` : "";
  return `<!doctype html>
<html lang="en">
  <head>
    <title>The ${name} page</title>
    <script src="/client.js" autostart>${JSON.stringify(config)}</script>
  </head>
  <body>
    <h1>The ${name} page</h1>
    <label>Name <input name="name"></label>
    <button id="more">More</button>
    <ul id="list"></ul>${large}
    <script>
      window.add = (text) => {
        const item = document.createElement("li");
        item.textContent = text;
        document.getElementById("list").append(item);
      };
      let count = 0;
      document.getElementById("more").addEventListener("click", () => add("One more: " + ++count));
    </script>
  </body>
</html>`;
}
