/**
 * Draws elements: what can be pressed, here, and what can be filled in.
 *
 * A `surface` is the message or view that an element stands in: it keeps `values`, carries out
 * `act(block, element, state)` and `ask(block, element, typed)`, and shows on the node given to
 * `show(block, element, node)` what came of an act.
 */

import { confirmed } from "./confirm.js";
import { h, icon, uid } from "./dom.js";
import { INPUTS } from "./inputs.js";
import { opensMenu } from "./menu.js";
import { plain } from "./text.js";

function button(element, block, surface) {
  const press = async () => {
    if (
      node.getAttribute("aria-busy") === "true" ||
      !(await confirmed(element.confirm, surface.world))
    )
      return;
    if (element.url) surface.world.visit(element.url);
    surface.act(block, element);
  };
  const node = h(
    "button",
    {
      type: "button",
      class: `button ${element.style ?? ""}`,
      "aria-label": element.accessibility_label,
      "aria-haspopup": element.confirm && "dialog",
      onclick: press,
    },
    h("span", { class: "label" }, plain(element.text.text, element.text.emoji !== false)),
    element.url && icon("out"),
  );
  return surface.show(block, element, node);
}

function overflow(element, block, surface) {
  const menu = h("div", { class: "menu", role: "menu", popover: "manual", id: uid("menu") });
  const choose = async (option) => {
    close();
    opener.focus();
    if (option.url) surface.world.visit(option.url);
    if (await confirmed(element.confirm, surface.world))
      surface.act(block, element, { type: "overflow", selected_option: option });
  };
  const items = element.options.map((option) =>
    h(
      "button",
      { type: "button", role: "menuitem", tabindex: -1, onclick: () => choose(option) },
      plain(option.text.text),
      option.description && h("small", {}, plain(option.description.text)),
    ),
  );
  const opener = h(
    "button",
    {
      type: "button",
      class: "button",
      "aria-label": "More options",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": menu.id,
    },
    icon("more"),
  );
  menu.append(...items);
  const close = opensMenu(opener, menu, items);
  return surface.show(block, element, h("span", { class: "overflow" }, opener, menu));
}

/** Stands for a picture: the page loads nothing from elsewhere. */
export function picture(element) {
  return h(
    "span",
    { class: "picture", role: "img", "aria-label": element.alt_text, title: element.image_url },
    icon("image"),
    element.alt_text,
  );
}

/** Every element that can be drawn. */
export const ELEMENTS = { button, overflow, image: picture, ...INPUTS };
