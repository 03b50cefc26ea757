// Takes the values of telling parameters out of addresses: their query, what stands behind #, and a user's name and
// password in front of the host. Pure.
import { matcherOf } from "./patterns";

/** Parameters that are keys to something or name a person, whatever the site. data-scrub adds to them. */
export const ALWAYS_SCRUBBED = [
  "*token*",
  "*secret*",
  "*passw*",
  "pwd",
  "auth",
  "*authorization*",
  "code",
  "otp",
  "jwt",
  "*session*",
  "sid",
  "*api_key*",
  "*api-key*",
  "*apikey*",
  "*signature*",
  "sig",
  "*email*",
  "e-mail",
  "mail",
  "*phone*",
];

const PARAMETER = /([?&;#])([^?&;#=\s"'<>]+)=([^&;#\s"'<>]*)/g;
const USER = /(\/\/)[^/?#@\s"'<>]+@/g;

/** A function that scrubs every address in a text. The parameter's name stays, its value becomes `***`. */
export function scrubber(more: readonly string[]): (text: string) => string {
  const telling = matcherOf([...ALWAYS_SCRUBBED, ...more]);
  return (text) => {
    // Most texts are no addresses with parameters: they cost a look.
    const named = text.includes("@") ? text.replace(USER, "$1") : text;
    if (!named.includes("=")) return named;
    return named.replace(PARAMETER, (all: string, mark: string, name: string, value: string) =>
      value !== "" && telling(decoded(name)) ? `${mark}${name}=***` : all,
    );
  };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
