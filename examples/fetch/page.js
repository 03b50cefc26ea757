// What the page itself does; nothing of it is about recording.
document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.elements.task;
  const item = document.createElement("li");
  item.textContent = field.value;
  document.querySelector("ul").append(item);
  field.value = "";
});
