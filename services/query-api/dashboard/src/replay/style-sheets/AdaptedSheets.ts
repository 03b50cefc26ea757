// Style sheets as rrweb adapts them for a replay (so that a recorded `:hover` can be shown), by their recorded text. To
// parse them is the most of what drawing a page takes, and the sessions of one site mostly have the same ones: so they
// are kept from one player to the next, and the ones longest unused go.

const MI = 1024 * 1024;
/** UTF-16 units of recorded and adapted texts together. */
const MOST_CHARACTERS = 8 * MI;

export class AdaptedSheets extends Map<string, string> {
  private characters = 0;

  constructor(private readonly mostCharacters = MOST_CHARACTERS) {
    super();
  }

  override get(sheet: string): string | undefined {
    const adapted = super.get(sheet);
    if (adapted === undefined) return undefined;
    // A Map gives its keys in the order in which they were put there.
    super.delete(sheet);
    super.set(sheet, adapted);
    return adapted;
  }

  override set(sheet: string, adapted: string): this {
    this.delete(sheet);
    this.characters += sheet.length + adapted.length;
    super.set(sheet, adapted);
    for (const oldest of this.keys()) {
      if (this.characters <= this.mostCharacters) break;
      this.delete(oldest);
    }
    return this;
  }

  override delete(sheet: string): boolean {
    const adapted = super.get(sheet);
    if (adapted === undefined) return false;
    this.characters -= sheet.length + adapted.length;
    return super.delete(sheet);
  }

  override clear(): void {
    this.characters = 0;
    super.clear();
  }
}

/** Of all players of this page. */
export const adaptedSheets = new AdaptedSheets();
