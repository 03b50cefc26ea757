// Signs of browsers and operating systems, drawn by hand on a 20 × 20 field. Each says its name.
import type { ReactNode } from "react";
import type { BrowserSign, OsSign } from "./format/agent";

const WHITE = "#fff";
const outline = { fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinecap: "round" } as const;

const BROWSERS: Record<BrowserSign, ReactNode> = {
  chrome: (
    <>
      <path d="M10 10 3.07 6a8 8 0 0 1 13.86 0z" fill="#ea4335" />
      <path d="M10 10 16.93 6A8 8 0 0 1 10 18z" fill="#fbbc04" />
      <path d="M10 10v8A8 8 0 0 1 3.07 6z" fill="#34a853" />
      <circle cx="10" cy="10" r="4" fill={WHITE} />
      <circle cx="10" cy="10" r="3.1" fill="#4285f4" />
    </>
  ),
  edge: (
    <>
      <circle cx="10" cy="10" r="8" fill="#0c62b8" />
      <path
        d="M3.4 11.6C3.6 7.2 6.6 4.6 10.4 4.6c3.5 0 6 2.3 6 4.9 0 1.9-1.5 2.9-3.2 2.9-1.1 0-1.7-.5-1.7-1.1 0-.6.5-.8.5-1.7 0-1.1-1.1-1.9-2.5-1.9-2.7 0-4.8 1.6-6.1 3.9z"
        fill="#4ad3b0"
      />
    </>
  ),
  firefox: (
    <>
      <path
        d="M10.2 2c.8 2 4 2.7 5.7 5.6A8 8 0 1 1 3.2 5.9c.7.8 1.3.9 1.7.4C5.6 4.2 7.8 3.3 10.2 2z"
        fill="#ff7139"
      />
      <circle cx="10.3" cy="11.2" r="3.7" fill="#7542e5" />
    </>
  ),
  opera: (
    <path
      d="M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16zm0 3c2 0 3.4 2.2 3.4 5s-1.4 5-3.4 5-3.4-2.2-3.4-5S8 5 10 5z"
      fill="#e81123"
    />
  ),
  safari: (
    <>
      <circle cx="10" cy="10" r="8" fill="#1d8cf0" />
      <path d="M15 5 11.1 11.1 8.9 8.9z" fill="#ff4b3e" />
      <path d="M5 15 8.9 8.9l2.2 2.2z" fill={WHITE} />
    </>
  ),
  samsung: (
    <>
      <circle cx="10" cy="10" r="8" fill="#5b3fd0" />
      <circle cx="10" cy="10" r="3.2" fill={WHITE} />
      <ellipse
        cx="10"
        cy="10"
        rx="6.8"
        ry="2"
        fill="none"
        stroke={WHITE}
        strokeWidth="1.2"
        transform="rotate(-28 10 10)"
      />
    </>
  ),
  other: (
    <path
      {...outline}
      d="M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4zM3 10h14M10 3c-4.5 4.5-4.5 9.5 0 14M10 3c4.5 4.5 4.5 9.5 0 14"
    />
  ),
};

const SYSTEMS: Record<OsSign, ReactNode> = {
  android: (
    <>
      <path d="M3.5 14a6.5 6.5 0 0 1 13 0z" fill="#30a852" />
      <path d="m5.2 5.6 1.5 2.6M14.8 5.6l-1.5 2.6" stroke="#30a852" strokeWidth="1.3" strokeLinecap="round" />
      <circle cx="7.3" cy="11.3" r=".9" fill={WHITE} />
      <circle cx="12.7" cy="11.3" r=".9" fill={WHITE} />
    </>
  ),
  apple: (
    <path
      d="M10 7C8.5 6 6.3 6.2 5.1 7.9c-1.6 2.4-.4 6.7 1.9 8.8 1 .9 2 .2 3-.1 1 .3 2 1 3 .1 1-.9 1.8-2.2 2.2-3.5-2-1-2.3-4-.2-5.2C13.7 6.3 11.5 6 10 7zM10.2 5.7c-.1-1.8 1-3.1 2.6-3.4.1 1.9-1 3.3-2.6 3.4z"
      fill="currentColor"
    />
  ),
  "chrome-os": (
    <>
      <circle cx="10" cy="10" r="6.5" fill="none" stroke="#669df6" strokeWidth="3" />
      <circle cx="10" cy="10" r="3" fill="#4285f4" />
    </>
  ),
  linux: (
    <>
      <path
        d="M10 2c-2.2 0-3.2 1.7-3.2 3.8 0 2.5-2.6 5-2.6 8.2h11.6c0-3.2-2.6-5.7-2.6-8.2C13.2 3.7 12.2 2 10 2z"
        fill="#33333d"
        stroke="#8c8c99"
        strokeWidth=".6"
      />
      <path d="M10 8.5c-1.9 0-3.2 2.6-3.2 6h6.4c0-3.4-1.3-6-3.2-6z" fill={WHITE} />
      <circle cx="8.8" cy="5" r=".8" fill={WHITE} />
      <circle cx="11.2" cy="5" r=".8" fill={WHITE} />
      <path d="m8.5 6.5 1.5 1.5 1.5-1.5z" fill="#f5b60d" />
      <path d="M3.6 14.5c1.8-.6 4.2.4 4.6 2.5H4.8zM16.4 14.5c-1.8-.6-4.2.4-4.6 2.5h3.4z" fill="#f5b60d" />
    </>
  ),
  windows: (
    <path
      d="M3 4.6 9.2 3.7v5.8H3zM10.2 3.6 17.5 2.5v7h-7.3zM3 10.5h6.2v5.8L3 15.4zM10.2 10.5h7.3v7l-7.3-1.1z"
      fill="#0f7bd6"
    />
  ),
  other: <path {...outline} d="M3 4.5h14v9H3zM7.5 16.5h5M10 13.5v3" />,
};

function NamedIcon({ name, children }: { name: string; children: ReactNode }) {
  return (
    <svg className="icon agent-icon" viewBox="0 0 20 20" role="img" aria-label={name} focusable="false">
      <title>{name}</title>
      {children}
    </svg>
  );
}

export function BrowserIcon({ sign, name }: { sign: BrowserSign; name: string }) {
  return <NamedIcon name={name}>{BROWSERS[sign]}</NamedIcon>;
}

export function OsIcon({ sign, name }: { sign: OsSign; name: string }) {
  return <NamedIcon name={name}>{SYSTEMS[sign]}</NamedIcon>;
}
