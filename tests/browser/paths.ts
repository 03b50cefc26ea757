// Where things are, from the project's root.
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

export const root = (...parts: string[]) => join(ROOT, ...parts);
export const RECORDER = root("services/collector/recorder/dist/recorder.js");
