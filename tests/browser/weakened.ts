// A viewer whose recorded pages are not held in any more: without the sandbox, without the policy, or without both. It
// shows that the tests about hostile pages see what they are to see.
import type { BrowserContext } from "playwright-core";

export interface Weakness {
  sandbox: boolean;
  policy: boolean;
}

export async function weaken(context: BrowserContext, { sandbox, policy }: Weakness): Promise<void> {
  await context.addInitScript(
    ([noSandbox, noPolicy]) => {
      const setAttribute = Reflect.get(Element.prototype, "setAttribute");
      Object.defineProperty(Element.prototype, "setAttribute", {
        value: new Proxy(setAttribute, {
          apply(target, element: Element, given: [string, string]) {
            if (noSandbox && element.tagName === "IFRAME" && given[0] === "sandbox") return;
            if (noPolicy && element.tagName === "META" && given[0] === "http-equiv") return;
            Reflect.apply(target, element, given);
          },
        }),
      });
      if (!noSandbox) return;
      // rrweb looks whether its frame is in a sandbox.
      Object.defineProperty(HTMLIFrameElement.prototype, "sandbox", { get: () => ["allow-same-origin"] });
    },
    [sandbox, policy] as const,
  );
  if (!policy) return;
  await context.route(
    // Of the viewer, which is on this machine; where its code leads to is for the network.
    (url) => url.hostname === "127.0.0.1" && !/\/(v1|assets)\//.test(url.pathname),
    async (route) => {
      if (!route.request().isNavigationRequest()) {
        await route.continue();
        return;
      }
      const response = await route.fetch();
      const headers = Object.fromEntries(
        Object.entries(response.headers()).filter(([name]) => name !== "content-security-policy"),
      );
      await route.fulfill({ response, headers });
    },
  );
}
