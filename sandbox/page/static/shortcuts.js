/** The app's shortcuts: in the menu of a message, and at the field to write in. */

import { h, icon, uid } from "./dom.js";
import { opensMenu } from "./menu.js";

/**
 * Make a button that opens a menu of shortcuts; null where the app offers this person none.
 *
 * `kind` is the manifest's word, `message` or `global`; `use(callbackId)` gives back the server's
 * answer, and `troubled(words)` is told what went wrong.
 */
export function shortcuts(world, kind, { label, look, use, troubled }) {
  const offered = world.shortcuts.filter((one) => one.type === kind);
  if (!offered.length) return null;
  const menu = h("div", { class: "menu", role: "menu", popover: "manual", id: uid("menu") });
  const choose = async (one) => {
    close();
    opener.focus();
    troubled("");
    const answer = await use(one.callback_id);
    if (!answer.ok) troubled(answer.message ?? `${one.name}: ${answer.warning}`);
  };
  const items = offered.map((one) =>
    h(
      "button",
      { type: "button", role: "menuitem", tabindex: -1, onclick: () => choose(one) },
      h("span", {}, one.name),
      h("small", {}, world.app.name),
    ),
  );
  const opener = h(
    "button",
    {
      type: "button",
      class: "bare",
      "aria-label": label,
      title: label,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": menu.id,
    },
    icon(look),
  );
  menu.append(...items);
  const close = opensMenu(opener, menu, items);
  return h("span", { class: "overflow" }, opener, menu);
}
