/** Whether the text is on the clipboard. It is refused on plain HTTP except on this machine; what was to be copied must
 * therefore be somewhere as text that can be selected. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
