// A chat widget that is recorded while it is open, and not before: what a visitor does on the page without it is
// nobody's business. Messages are added as events, so a timeline shows them and SQL finds them.

const ANSWERS = [
  [/puncture|flat|tube/i, "A puncture takes us twenty minutes."],
  [/when|open|hour/i, "We are open from eight to six, every day but Monday."],
  [/./, "Bring it along, and we will have a look."],
];

/** The recorder loads by itself, and may come later than the visitor, or not at all. */
const recorder = new Promise((found) => {
  if (window.playhead) found(window.playhead);
  const tag = document.querySelector("#recorder");
  tag.addEventListener("load", () => window.playhead && found(window.playhead));
});
const record = (name, payload) => recorder.then((playhead) => playhead.event(name, payload));

const root = document.createElement("aside");
root.innerHTML = `
  <section class="panel" aria-label="Chat" hidden>
    <p>This conversation is recorded, so that we can help you better.</p>
    <ol aria-live="polite"></ol>
    <form><input name="message" aria-label="Your message" autocomplete="off" /><button>Send</button></form>
  </section>
  <button class="launcher" aria-expanded="false">Ask us</button>`;
document.body.append(root);

const panel = root.querySelector(".panel");
const list = root.querySelector("ol");
const launcher = root.querySelector(".launcher");
const input = root.querySelector("input");

launcher.addEventListener("click", () => {
  panel.hidden = !panel.hidden;
  launcher.setAttribute("aria-expanded", String(!panel.hidden));
  if (panel.hidden) {
    record("chat-closed");
    recorder.then((playhead) => playhead.stop());
  } else {
    recorder.then((playhead) => playhead.start());
    record("chat-opened");
    input.focus();
  }
});

const say = (from, text) => {
  const item = document.createElement("li");
  item.className = from;
  item.textContent = text;
  list.append(item);
  record("chat-message", { from, text });
};

root.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (text === "") return;
  input.value = "";
  say("visitor", text);
  setTimeout(() => say("shop", ANSWERS.find(([pattern]) => pattern.test(text))[1]), 400);
});
