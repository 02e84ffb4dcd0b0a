/**
 * Knows emoji by their names. The names are those of the npm package emoji-datasource 16.0.0,
 * under the MIT licence in `emoji-licence.txt`; `emoji.json` keeps nothing else of it.
 */

import { h } from "./dom.js";

const UNICODE = await (await fetch(new URL("emoji.json", import.meta.url))).json();
const TONES = { 2: "🏻", 3: "🏼", 4: "🏽", 5: "🏾", 6: "🏿" };

/** Draw an emoji by its name, such as `wave` or `wave::skin-tone-3`; null for an unknown name. */
export function emoji(name) {
  const [stem, tone] = name.split("::skin-tone-");
  const shown = Object.hasOwn(UNICODE, stem) ? UNICODE[stem] + (TONES[tone] ?? "") : null;
  return (
    shown &&
    h("span", { class: "emoji", role: "img", "aria-label": stem.replaceAll("_", " ") }, shown)
  );
}

/** Name a few emoji that begin like this. */
export function emojiLike(stem) {
  return Object.keys(UNICODE)
    .filter((name) => name.startsWith(stem))
    .slice(0, 6);
}
