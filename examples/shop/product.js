// One tea: its story, how many, and into the basket.
import { countOf, setCount } from "./basket.js";
import { card, picture, price, teaOf, TEAS } from "./catalogue.js";

const tea = teaOf(new URLSearchParams(location.search).get("tea")) ?? TEAS[0];
document.title = `${tea.name} · Lantern Tea`;
document.getElementById("product").innerHTML = `
  <div class="portrait">${picture(tea)}</div>
  <div>
    <p class="kind">${tea.kind} tea</p>
    <h1>${tea.name}</h1>
    <p class="note">${tea.note}</p>
    <p>${tea.text}</p>
    <p class="price">${price(tea.cents)} <small>for 100 g</small></p>
    <label class="count">How many <input id="count" type="number" min="1" max="9" value="1" /></label>
    <button class="buy" id="add">Add to basket</button>
    <p class="added" id="added" aria-live="polite"></p>
  </div>`;
document.getElementById("add").addEventListener("click", () => {
  const count = Math.min(9, Math.max(1, Number(document.getElementById("count").value) || 1));
  setCount(tea.id, countOf(tea.id) + count);
  document.getElementById("added").innerHTML =
    `${count} × ${tea.name} added. <a href="checkout.html">To the basket</a>`;
});
document.getElementById("beside").innerHTML = TEAS.filter((other) => other !== tea)
  .slice(0, 3)
  .map(card)
  .join("");
