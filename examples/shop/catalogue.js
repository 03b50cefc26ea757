// The teas, and how one looks. Pictures are drawn in the page, so that a replay needs nothing from this server.
export const TEAS = [
  {
    id: "ember",
    name: "Ember Lapsang",
    kind: "black",
    cents: 1290,
    leaf: "#7c3f2b",
    note: "Smoky, pine, dried plum",
    text: "Withered over cypress embers for a night. Strong enough for milk, better without.",
  },
  {
    id: "orchard",
    name: "Orchard Darjeeling",
    kind: "black",
    cents: 1480,
    leaf: "#b4632d",
    note: "Muscatel, apricot, bright",
    text: "Second flush from a garden that faces the morning. Two minutes, no longer.",
  },
  {
    id: "jade",
    name: "Jade Sencha",
    kind: "green",
    cents: 1150,
    leaf: "#5c8a4a",
    note: "Grassy, sea air, sweet",
    text: "Steamed within the hour. Let the kettle rest before you pour.",
  },
  {
    id: "cloud",
    name: "Cloud Long Jing",
    kind: "green",
    cents: 1890,
    leaf: "#8fa84f",
    note: "Chestnut, soft, floral",
    text: "Pan-fired by hand. The leaves stand up in the glass, which is half of the pleasure.",
  },
  {
    id: "amber",
    name: "Amber Oolong",
    kind: "oolong",
    cents: 1640,
    leaf: "#c98a2e",
    note: "Honey, toast, orchid",
    text: "Half way between green and black. Five infusions, each another tea.",
  },
  {
    id: "cliff",
    name: "Cliff Oolong",
    kind: "oolong",
    cents: 2100,
    leaf: "#6b4a34",
    note: "Mineral, cocoa, long",
    text: "From the rocks of Wuyi. Roasted three times, with a month of rest in between.",
  },
  {
    id: "moon",
    name: "Moonlight White",
    kind: "white",
    cents: 1720,
    leaf: "#a9a48d",
    note: "Melon, hay, silk",
    text: "Dried in the dark, hence the name and the two colours of the leaf.",
  },
  {
    id: "meadow",
    name: "Meadow Camomile",
    kind: "herbal",
    cents: 890,
    leaf: "#d9b23c",
    note: "Apple, honey, calm",
    text: "Whole flowers and nothing else. For the end of the day.",
  },
];

export const price = (cents) => `€ ${(cents / 100).toFixed(2)}`;

export const teaOf = (id) => TEAS.find((tea) => tea.id === id) ?? null;

export function picture(tea) {
  return `<svg viewBox="0 0 120 120" role="img" aria-label="${tea.name}">
    <circle cx="60" cy="60" r="56" fill="${tea.leaf}" opacity=".14"/>
    <path d="M34 42h52v40a14 14 0 0 1-14 14H48a14 14 0 0 1-14-14z" fill="#fff" stroke="#3a3330" stroke-width="3"/>
    <path d="M86 52c18-2 18 24 0 24" fill="none" stroke="#3a3330" stroke-width="3"/>
    <path d="M37 56h46v26a12 12 0 0 1-12 12H49a12 12 0 0 1-12-12z" fill="${tea.leaf}"/>
    <path d="M50 34c-4-8 5-9 1-18M66 34c-4-8 5-9 1-18" fill="none" stroke="${tea.leaf}" stroke-width="3" stroke-linecap="round"/>
  </svg>`;
}

export function card(tea) {
  return `<li class="card"><a href="product.html?tea=${tea.id}">
    ${picture(tea)}
    <h3>${tea.name}</h3>
    <p class="note">${tea.note}</p>
    <p class="price">${price(tea.cents)}</p>
  </a></li>`;
}
