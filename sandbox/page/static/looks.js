/** Draws people: their picture, name and role, and moments beside messages. */

import { h, icon } from "./dom.js";
import { MOMENTS } from "./text.js";

const COLOURS = [
  "#7a3e9d",
  "#b0413e",
  "#1f6f8b",
  "#8a5a00",
  "#2f6b3a",
  "#a23b72",
  "#3d5a9e",
  "#5b5f66",
];

/** Draw somebody's picture: initials on a colour of their own. */
export function avatar(person, size = "") {
  const sum = [...(person?.id ?? "?")].reduce(
    (before, letter) => (before * 31 + letter.codePointAt(0)) % 997,
    7,
  );
  const colour = person?.is_bot ? "var(--brand)" : COLOURS[sum % COLOURS.length];
  const name = person?.real_name || person?.name || "?";
  const letters = name
    .split(/\s+/)
    .map((word) => [...word][0])
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return h(
    "span",
    { class: `avatar ${size}`, "aria-hidden": "true", style: { "background-color": colour } },
    person?.is_bot ? icon("light") : letters,
  );
}

/** Say what a role means, where it matters. */
export function roleOf(person) {
  return (
    { guest: "guest", "single-channel guest": "guest", stranger: "other company", admin: "admin" }[
      person?.role
    ] ?? ""
  );
}

/** Name a moment of the day: `9:01 AM`. */
export function clockTime(ts, world) {
  return MOMENTS.time(new Date(Number(ts) * 1000), world);
}

/** Name a day as a line between messages does. */
export function dayOf(ts, world) {
  const day = MOMENTS.date_long_pretty(new Date(Number(ts) * 1000), world);
  return day[0].toUpperCase() + day.slice(1).replace(/, \d{4}$/, "");
}
