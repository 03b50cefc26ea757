// @vitest-environment jsdom
// Nothing that the recorder loads or asks for has a name that ad blockers look for.
import { afterEach, expect, it, vi } from "vitest";
import manifest from "../package.json";
import { Recorder } from "../src/recorder";
import { noStore } from "../src/storage";
import { config, settings } from "./builders";

/**
 * Of EasyPrivacy's general rules those that come nearest to what a recorder might be called or ask for, and some of
 * the usual ones: easylist/easylist on GitHub, easyprivacy/easyprivacy_general.txt at 000296b3f671. `*` is anything,
 * `^` a separator, `|` the address's end, as Adblock Plus writes filters.
 */
const LISTED = [
  ..."/rrweb.js /rrweb.min.js /rrweb-record- /rrweb-script. /rrweb/* /sessioncam.recorder.js /sessioncam/*".split(
    " ",
  ),
  ..."/?record&key= /trace/record? /record.do? /record_visitor. /record-stats? /RecordHit? /stats/record/*".split(
    " ",
  ),
  ..."/session-hit. /session-tracker/tracking- /session/update-beacon /ajax/heatmap- /tealeaf.min.js".split(
    " ",
  ),
  ..."/batch.gif? /track/batch? /trackBatchEvents? /tracker/eventBatch/* /collector/event /api/v1/collector".split(
    " ",
  ),
  ..."/api/v2/collector /relay/events| /rum/events /ahoy/events /ahoy/visits /beacon.js /beacon.min.js".split(
    " ",
  ),
  ..."&visitorUuid= /sync?visitor_id= /track?*&event= /track?data= /tracker/?key= /miner?key= /inject.js?key=".split(
    " ",
  ),
  ..."&event=view& &t=pageview& ?event=log& ?log=stats- /t/event? /t?referer= /pusher/info? /telemetry/log/*".split(
    " ",
  ),
  ..."/analytics/collect? /analytics/event /analytics/v1/* /analytics.js? /analytics?token= /api/analytics?".split(
    " ",
  ),
  ..."/stats/collect? /stat/event? /stats.gif? /track.js?pixelId= /tracker.min.js /tracker-config.js".split(
    " ",
  ),
  ..."/tracking/events? /public/visitor.json? /stats/visitors /tracker/visitor/* /api/log?".split(" "),
];

function matches(pattern: string, address: string): boolean {
  const source = pattern
    .replace(/[.+?${}()[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\^/g, "(?:[^\\w.%-]|$)")
    .replace(/\|$/, "$");
  return new RegExp(source, "i").test(address);
}

const blockedBy = (address: string) => LISTED.filter((pattern) => matches(pattern, address));

/** Every address that a recorder asks for, from its start to its page's end. */
async function addresses(): Promise<string[]> {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    return Promise.resolve(
      url.includes("recorder-config") ? Response.json(config) : new Response("{}", { status: 202 }),
    );
  });
  const recorder = new Recorder(settings, { local: noStore, session: noStore }, false);
  recorder.consent(true);
  recorder.start();
  await vi.waitFor(() => {
    expect(asked.some((url) => url.includes("/v1/batches"))).toBe(true);
  }, 20_000);
  recorder.event("chat", 1);
  recorder.leave();
  recorder.stop();
  // jsdom compresses nothing; browsers do, and say so.
  asked.push(...asked.filter((url) => url.includes("/v1/batches")).map((url) => `${url}&encoding=gzip`));
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

it.each([
  "https://site.example/rrweb.min.js",
  "https://site.example/track?x=1&event=click",
  "https://site.example/relay/events",
  "https://site.example/analytics/collect?v=1",
])("knows what is blocked: %s", (address) => {
  expect(blockedBy(address)).not.toEqual([]);
});

it("is called nothing that is blocked, nor is what it asks for", async () => {
  const asked = await addresses();
  const paths = asked.map((address) => new URL(address).pathname);
  expect(new Set(paths)).toEqual(new Set(["/v1/recorder-config", "/v1/batches"]));
  const files = Object.keys(manifest.exports).filter((name) => name.endsWith(".js"));
  const scripts = files.map((name) => new URL(name, `${settings.endpoint}/`).href);
  expect(scripts).toEqual([`${settings.endpoint}/recorder.js`]);
  for (const address of [...asked, ...scripts]) expect(blockedBy(address), address).toEqual([]);
}, 30_000);

it("is called nothing that is blocked where a collector stands behind a path of the site", () => {
  for (const path of ["playhead/", "r/", "help/"])
    for (const name of [
      "recorder.js",
      "v1/recorder-config?key=k",
      "v1/batches?key=k&visitor=v&window=w&seq=0",
    ])
      expect(blockedBy(`https://site.example/${path}${name}`)).toEqual([]);
});
