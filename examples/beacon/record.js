// Records the page with rrweb and sends the events as beacons. Copy this file and change what you like.
const { collector, key } = document.currentScript.dataset;

const newId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
// The visitor is the browser. The window is this page's recording: another page has other node ids.
const visitor = (localStorage.visitor ??= newId());
const recording = newId();

let events = []; // not in a batch yet
let seq = 0;
const packing = new Set(); // batches that are being compressed

function cut() {
  if (events.length > 0) packing.add({ seq: seq++, body: JSON.stringify(events) });
  events = [];
}

const gzip = (text) =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).blob();

// A beacon has no headers of ours, so the query says who sends, and how the body is compressed. Text, and a blob
// without a type, are what browsers send without a CORS preflight.
function hand(batch, body, encoding) {
  const query = new URLSearchParams({ key, visitor, window: recording, seq: batch.seq, sent_at: Date.now() });
  if (encoding) query.set("encoding", encoding);
  const url = `${collector}/v1/batches?${query}`;
  // A browser takes 64 KiB of beacons at a time; what does not fit goes by fetch, which needs the page to stay.
  if (!navigator.sendBeacon(url, body)) fetch(url, { method: "POST", body }).catch(() => {});
}

async function send() {
  cut();
  for (const batch of packing) {
    const packed = await gzip(batch.body);
    if (packing.delete(batch)) hand(batch, packed, "gzip");
  }
}

// A page that goes has no time to compress.
addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  cut();
  for (const batch of packing) hand(batch, batch.body);
  packing.clear();
});

rrweb.record({ emit: (event) => events.push(event), maskAllInputs: true });
send();
setInterval(send, 2_000);
