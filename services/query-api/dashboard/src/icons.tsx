// The few signs that the dashboard uses, drawn on a 20 × 20 field in the colour of the text around them.
import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

const line = {
  fill: "none",
  stroke: "currentColor",
  strokeWidth: 1.7,
  strokeLinecap: "round",
  strokeLinejoin: "round",
} as const;

export const PlayIcon = () => (
  <Icon>
    <path
      d="M6.5 4.2v11.6a.8.8 0 0 0 1.22.68l9.3-5.8a.8.8 0 0 0 0-1.36l-9.3-5.8a.8.8 0 0 0-1.22.68z"
      fill="currentColor"
    />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M5.5 4h3v12h-3zM11.5 4h3v12h-3z" fill="currentColor" />
  </Icon>
);
export const RestartIcon = () => (
  <Icon>
    <path {...line} d="M4.2 10a5.8 5.8 0 1 0 1.9-4.3L4.2 7.4M4.2 3.6v3.8H8" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path {...line} d="m5 5 10 10M15 5 5 15" />
  </Icon>
);
export const CopyIcon = () => (
  <Icon>
    <path {...line} d="M7.5 7.5h8v8h-8zM12.5 7.5v-3h-8v8h3" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path {...line} d="m4.5 10.5 3.5 3.5 7.5-8" />
  </Icon>
);
export const PanelIcon = () => (
  <Icon>
    <path {...line} d="M3.5 4.5h13v11h-13zM12 4.5v11" />
  </Icon>
);
export const UpIcon = () => (
  <Icon>
    <path {...line} d="M10 15.5v-11M5.5 9 10 4.5 14.5 9" />
  </Icon>
);
export const RageIcon = () => (
  <Icon>
    <path {...line} d="m11 2.5-6 8.5h4.5L8.5 17.5l6.5-9h-4.5z" />
  </Icon>
);
export const DeadIcon = () => (
  <Icon>
    <path {...line} d="M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM5.5 5.5l9 9" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path {...line} d="M7.5 4.5 4 8l3.5 3.5M4 8h8a4 4 0 0 1 0 8H8" />
  </Icon>
);
export const ErrorIcon = () => (
  <Icon>
    <path {...line} d="M10 3.5 2.5 16.5h15zM10 8.5v3.5M10 14.3v.1" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path {...line} d="M10 4.5v11M5.5 11 10 15.5 14.5 11" />
  </Icon>
);
export const ShareIcon = () => (
  <Icon>
    <path {...line} d="M10 12.5v-9M6.5 6.5 10 3l3.5 3.5M5 9.5H4v7h12v-7h-1" />
  </Icon>
);
export const HelpIcon = () => (
  <Icon>
    <path {...line} d="M7.4 7.3a2.7 2.7 0 1 1 3.9 2.5c-.8.4-1.3 1-1.3 1.9M10 14.6v.1" />
    <circle {...line} cx="10" cy="10" r="7.5" />
  </Icon>
);
