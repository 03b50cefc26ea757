// The chat widget: opens, takes messages, gives canned answers, and goes on from page to page of a tab.

const ANSWERS = [
  [/deliver|post|when|ship/i, "We post every day at four. It takes three days, or one by courier."],
  [/smok|strong|breakfast/i, "Then try the Ember Lapsang: smoky, and it stands up to milk."],
  [/green|light|morning/i, "Jade Sencha is a gentle start to a morning."],
  [/thank|bye/i, "You are welcome. Enjoy the first cup!"],
  [/./, "Good question! I will ask in the shop and come back to you."],
];

const stored = () => {
  try {
    return JSON.parse(sessionStorage.getItem("lantern.chat")) ?? { open: false, messages: [] };
  } catch {
    return { open: false, messages: [] };
  }
};
const chat = stored();
if (chat.messages.length === 0)
  chat.messages.push({ from: "shop", text: "Hello! Which tea are you looking for?" });

const root = document.createElement("aside");
root.className = "chat";
root.innerHTML = `
  <section class="panel" aria-label="Chat" hidden>
    <header>Ask us about tea <button class="close" aria-label="Close the chat">×</button></header>
    <ol class="messages" aria-live="polite"></ol>
    <form><input name="message" placeholder="Your message" aria-label="Your message" autocomplete="off" />
      <button>Send</button></form>
  </section>
  <button class="launcher" aria-expanded="false">Chat with us</button>`;
document.body.append(root);

const panel = root.querySelector(".panel");
const list = root.querySelector(".messages");
const launcher = root.querySelector(".launcher");
const input = root.querySelector("input");

const save = () => sessionStorage.setItem("lantern.chat", JSON.stringify(chat));

const append = ({ from, text }) => {
  const item = document.createElement("li");
  item.className = from;
  item.textContent = text;
  list.append(item);
  list.scrollTop = list.scrollHeight;
};

const say = (message) => {
  chat.messages.push(message);
  save();
  append(message);
  window.playhead?.event("chat-message", message);
};

const setOpen = (open) => {
  chat.open = open;
  save();
  panel.hidden = !open;
  launcher.setAttribute("aria-expanded", String(open));
};

launcher.addEventListener("click", () => {
  setOpen(panel.hidden);
  if (!panel.hidden) input.focus();
});
root.querySelector(".close").addEventListener("click", () => setOpen(false));
root.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (text === "") return;
  input.value = "";
  say({ from: "visitor", text });
  const [, answer] = ANSWERS.find(([pattern]) => pattern.test(text));
  setTimeout(() => say({ from: "shop", text: answer }), 600);
});

chat.messages.forEach(append);
setOpen(chat.open);
