// A recorded page's address, cut to what tells pages apart.

export interface PageName {
  host: string;
  path: string;
}

/** "https://shop.example/cart?x=1" → host "shop.example", path "/cart?x=1". What is no URL is shown as it is. */
export function pageName(href: string): PageName {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return { host: "", path: href === "" ? "Unknown page" : href };
  }
  return { host: url.host, path: `${url.pathname}${url.search}${url.hash}` };
}
