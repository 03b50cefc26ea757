// What the keyboard does in a replay, and how the dashboard looks.
import { Modal } from "../modal/Modal";
import { ColoursChoice } from "../style/ColoursChoice";
import { isCharacter, SHORTCUTS } from "./keyboard";
import "./help-dialog.css";

interface Props {
  characterKeys: boolean;
  turnCharacterKeys: (on: boolean) => void;
  /** Whether there is a list behind the replay; who has only a link has none, and makes none. */
  guest: boolean;
  close: () => void;
}

export function HelpDialog({ characterKeys, turnCharacterKeys, guest, close }: Props) {
  const shortcuts = SHORTCUTS.filter(
    ({ command }) => !guest || !["previous", "next", "share"].includes(command.do),
  );
  return (
    <Modal title="Keyboard and colours" testId="help-dialog" close={close}>
      <dl className="shortcuts">
        {shortcuts.map(({ keys, shown, says }) => (
          <div key={says} className={!characterKeys && keys.every(isCharacter) ? "shortcut-off" : undefined}>
            <dt>
              {shown.map((key, index) => (
                <span key={key}>
                  {index > 0 && " or "}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>{guest ? "Close what is open over the replay" : "Close the replay"}</dd>
        </div>
      </dl>
      <label className="check">
        <input
          type="checkbox"
          data-testid="character-keys"
          checked={characterKeys}
          onChange={(event) => {
            turnCharacterKeys(event.target.checked);
          }}
        />
        Letters and signs are shortcuts
      </label>
      <ColoursChoice />
    </Modal>
  );
}
