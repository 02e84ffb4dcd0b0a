/** The switch for who one is. Two windows with different addresses are two people. */

import { h, icon, uid } from "./dom.js";

import { avatar } from "./looks.js";
import { opensMenu } from "./menu.js";

/** Make the switch; choosing somebody goes to their own address. */
export function peopleSwitch(world) {
  const me = world.switch.find((one) => one.id === world.me) ?? world.user(world.me);
  const menu = h("div", {
    class: "menu people",
    role: "menu",
    popover: "manual",
    id: uid("people"),
    "aria-label": "Be somebody else",
  });
  const address = (id) => `${location.pathname}?as=${encodeURIComponent(id)}`;
  const entry = (one) => [
    h(
      "a",
      {
        role: "menuitemradio",
        "aria-checked": String(one.id === world.me),
        tabindex: -1,
        href: address(one.id),
      },
      avatar(world.user(one.id)),
      h("span", {}, h("b", {}, one.name), h("small", {}, one.about)),
      one.id === world.me && icon("check"),
    ),
    one.id !== world.me &&
      h(
        "a",
        {
          role: "menuitem",
          class: "window",
          tabindex: -1,
          href: address(one.id),
          target: "_blank",
          rel: "noopener",
          "aria-label": `Open ${one.name}'s window`,
          title: `Open ${one.name}'s window beside this one`,
        },
        icon("out"),
      ),
  ];
  const rows = world.switch.map((one) => h("div", { class: "row", role: "none" }, entry(one)));
  const opener = h(
    "button",
    {
      type: "button",
      class: "me",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": menu.id,
      "aria-label": `You are ${me.name}. Be somebody else`,
    },
    avatar(world.user(world.me)),
    h("span", { class: "name" }, me.name),
    icon("down"),
  );
  menu.append(h("p", { role: "none" }, "Be somebody else"), ...rows);
  opensMenu(opener, menu, [...menu.querySelectorAll("a")]);
  return h("div", { class: "switch" }, opener, menu);
}
