// Builds the recorder as it is now, so that no test passes on yesterday's.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { root } from "./paths";

export default async function build(): Promise<void> {
  await promisify(execFile)("npm", ["run", "build", "--workspace", "@playhead/recorder"], { cwd: root() });
}
