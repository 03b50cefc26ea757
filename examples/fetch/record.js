// Records the page with rrweb and posts the events in batches. Copy this file and change what you like.
const { collector, key } = document.currentScript.dataset;

const newId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
// The visitor is the browser. The window is this page's recording: another page has other node ids.
const visitor = (localStorage.visitor ??= newId());
const recording = newId();

let events = []; // not in a batch yet
let seq = 0;
const batches = []; // not taken by the collector yet

function cut() {
  if (events.length > 0) batches.push({ seq: seq++, body: JSON.stringify(events) });
  events = [];
}

function post(batch, options) {
  const query = new URLSearchParams({ key, visitor, window: recording, seq: batch.seq, sent_at: Date.now() });
  // Text goes as text/plain, and for that browsers ask no CORS preflight.
  return fetch(`${collector}/v1/batches?${query}`, { method: "POST", body: batch.body, ...options });
}

const AGAIN = [408, 429, 502, 503, 504];
async function send() {
  cut();
  let waitMs = 2_000;
  while (batches.length > 0) {
    try {
      const answer = await post(batches[0]);
      if (AGAIN.includes(answer.status)) {
        waitMs = 1_000 * (Number(answer.headers.get("Retry-After")) || 2);
        break;
      }
      // It is taken, or refused for good: see the answer's `reason`.
      batches.shift();
    } catch {
      break; // There is no network. The same batch is sent again with its seq, and counts once.
    }
  }
  setTimeout(send, waitMs);
}

// A page that goes sends what is left at once; the browser lets that outlive the page, up to 64 KiB.
addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  cut();
  for (const batch of batches) post(batch, { keepalive: true }).catch(() => {});
});

rrweb.record({ emit: (event) => events.push(event), maskAllInputs: true });
send();
