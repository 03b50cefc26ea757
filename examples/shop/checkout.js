// The basket's lines and the order form. Nothing is sent anywhere.
import { basket, countOf, setCount } from "./basket.js";
import { picture, price, teaOf } from "./catalogue.js";

const show = () => {
  const lines = basket();
  document.getElementById("lines").innerHTML =
    lines.map(({ tea, count }) => line(teaOf(tea), count)).join("") ||
    `<li class="empty">Nothing in it yet.</li>`;
  const cents = lines.reduce((sum, { tea, count }) => sum + teaOf(tea).cents * count, 0);
  document.getElementById("total").textContent = price(cents);
};
const line = (tea, count) => `<li>
  ${picture(tea)}
  <span>${tea.name}</span>
  <span class="stepper">
    <button data-tea="${tea.id}" data-step="-1" aria-label="One ${tea.name} less">−</button>
    <b>${count}</b>
    <button data-tea="${tea.id}" data-step="1" aria-label="One ${tea.name} more">+</button>
  </span>
  <span class="price">${price(tea.cents * count)}</span>
</li>`;

document.getElementById("lines").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button === null) return;
  setCount(button.dataset.tea, countOf(button.dataset.tea) + Number(button.dataset.step));
  show();
});

document.getElementById("order").addEventListener("submit", (event) => {
  event.preventDefault();
  if (basket().length === 0) {
    document.getElementById("problem").textContent = "Put a tea into the basket first.";
    return;
  }
  localStorage.removeItem("lantern.basket");
  location.href = "thanks.html";
});
show();
