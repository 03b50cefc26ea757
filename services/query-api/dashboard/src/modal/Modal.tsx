// A dialog over the page: the browser keeps the focus in it, and gives it back at the end.
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { CloseIcon } from "../icons";
import "./modal.css";

interface Props {
  title: string;
  close: () => void;
  testId: string;
  children: ReactNode;
}

export function Modal({ title, close, testId, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className="modal"
      data-testid={testId}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClose={(event) => {
        // The browser may close a dialog without asking, and says so a moment later.
        if (event.currentTarget.isConnected && !event.currentTarget.open) close();
      }}
      onClick={(event) => {
        // A click beside it is one on the dialog itself, which its content fills.
        if (event.target === event.currentTarget) close();
      }}
    >
      <div className="modal-content">
        <header className="modal-top">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="round" aria-label="Close" title="Close (Esc)" onClick={close}>
            <CloseIcon />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
