/** The strip on top, which says that all of this is simulated, and what opens beside the messages. */

import { h, icon } from "./dom.js";
import { peopleSwitch } from "./people.js";

const THEME = "greenlight.theme";

/** Make the strip. `does` has `side(isShown)`, `buddy()` and `inspector()`. */
export function strip(world, does) {
  const button = (label, shape, onclick, more = {}) =>
    h(
      "button",
      { type: "button", class: "bare", "aria-label": label, title: label, onclick, ...more },
      icon(shape),
      more["aria-pressed"] && h("span", { class: "word" }, label),
    );
  const side = button(
    "Channels",
    "menu",
    () => does.side(side.getAttribute("aria-expanded") !== "true"),
    { class: "bare side", "aria-expanded": "false", "aria-controls": "sidebar" },
  );
  const buddy = button("Buddy", "pipe", does.buddy, {
    class: "bare toggle",
    "aria-pressed": "false",
  });
  const inspector = button("Inspector", "code", does.inspector, {
    class: "bare toggle",
    "aria-pressed": "false",
  });
  const status = h("span", { class: "offline", role: "status" });
  const node = h(
    "header",
    { class: "strip" },
    side,
    h("span", { class: "simulated" }, "Simulated workspace"),
    h("span", { class: "detail" }, "nothing here reaches Slack or Buddy"),
    status,
    h("span", { class: "space" }),
    buddy,
    inspector,
    button("Light or dark", "theme", () => turn(isDark() ? "light" : "dark")),
    peopleSwitch(world),
  );
  turn(localStorage.getItem(THEME) ?? "");
  return {
    node,
    /** Say that the connection is lost, or found again. */
    lost: (isLost) => (status.textContent = isLost ? "Reconnecting…" : ""),
    /** Show which of the panes are open. */
    press(open) {
      side.setAttribute("aria-expanded", String(open.side));
      buddy.setAttribute("aria-pressed", String(open.buddy));
      inspector.setAttribute("aria-pressed", String(open.inspector));
    },
  };
}

function isDark() {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Choose light or dark; the empty theme is the system's. */
function turn(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(THEME, theme);
}
