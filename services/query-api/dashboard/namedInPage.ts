// Names in the built page what its first script will import, so that both are loaded at the same time.
import type { HtmlTagDescriptor, Plugin } from "vite";

/** @param end how the module's path ends */
export function namedInPage(end: string): Plugin {
  return {
    name: "named-in-page",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        if (bundle === undefined) return [];
        const chunk = Object.values(bundle).find(
          (file) => file.type === "chunk" && file.facadeModuleId?.endsWith(end) === true,
        );
        if (chunk?.type !== "chunk") throw new Error(`Nothing is built of ${end}.`);
        const tag = (rel: string, file: string): HtmlTagDescriptor => ({
          tag: "link",
          attrs: { rel, crossorigin: true, href: `/${file}` },
          injectTo: "head",
        });
        const styles = [...(chunk.viteMetadata?.importedCss ?? [])];
        return [tag("modulepreload", chunk.fileName), ...styles.map((file) => tag("stylesheet", file))];
      },
    },
  };
}
