// Takes out of rrweb's recorder what we never switch on, for the script that pages load: the recording of canvases
// with its worker, of fonts, of frames from elsewhere, and remains of older interfaces. By the declarations' names: where rrweb
// no longer has one, or has it twice, the build ends and says so.
import type { Plugin } from "vite";

/** Each declaration at the top level of @rrweb/record, and what stands in for it. */
const STAND_INS: Record<string, string> = {
  CanvasManager:
    "class CanvasManager { constructor() {} reset() {} freeze() {} unfreeze() {} lock() {} unlock() {} }",
  jsContent: "",
  blob: "",
  WorkerWrapper: "",
  is2DCanvasBlank: "const is2DCanvasBlank = () => true;",
  initFontObserver: "const initFontObserver = () => () => {};",
  BaseRRNode: "class BaseRRNode {}",
  _mirror: "",
  CrossOriginIframeMirror: "class CrossOriginIframeMirror { reset() {} }",
};

interface Declaration {
  start: number;
  end: number;
  id?: { name?: string } | null;
  declarations?: { id: { name?: string } }[];
}

export function stripped(): Plugin {
  let found = false;
  return {
    name: "playhead-strip-record",
    transform(code, id) {
      if (!/[\\/]@rrweb[\\/]record[\\/]dist[\\/]record\.js$/.test(id)) return null;
      found = true;
      const body = this.parse(code).body as unknown as Declaration[];
      const places = Object.entries(STAND_INS).map(([name, standIn]) => {
        const declared = body.filter((node) => (node.id ?? node.declarations?.[0]?.id)?.name === name);
        const [only] = declared;
        if (only === undefined || declared.length > 1)
          throw new Error(`@rrweb/record declares ${name} ${declared.length} times: look at stripped.ts`);
        return { ...only, standIn };
      });
      let text = code;
      for (const { start, end, standIn } of places.sort((a, b) => b.start - a.start))
        text = text.slice(0, start) + standIn + text.slice(end);
      return { code: text, map: null };
    },
    buildEnd(error) {
      if (error === undefined && !found)
        this.error("@rrweb/record was not in the build: look at stripped.ts");
    },
  };
}
