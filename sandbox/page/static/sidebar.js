/** The list of conversations: unread ones bold, with how often one was mentioned. */

import { h, icon } from "./dom.js";
import { avatar } from "./looks.js";

const KINDS = [
  ["Channels", (one) => one.kind !== "im"],
  ["Direct messages", (one) => one.kind === "im"],
];

export class Sidebar {
  /** `opens(channelId)` shows a conversation. */
  constructor(world, opens) {
    Object.assign(this, { world, opens });
    this.node = h("nav", { class: "sidebar", "aria-label": "Channels", id: "sidebar" });
    world.on("channel message unread person reset", () => this.draw());
    this.node.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const rows = [...this.node.querySelectorAll(".place")];
      if (!step || !rows.includes(document.activeElement)) return;
      event.preventDefault();
      rows[(rows.indexOf(document.activeElement) + step + rows.length) % rows.length].focus();
    });
  }

  draw(open = this.open) {
    this.open = open;
    const focused = this.node.contains(document.activeElement) && document.activeElement.dataset.id;
    const places = this.world.channels();
    this.node.replaceChildren(
      h("h2", { class: "team" }, this.world.team.name),
      ...KINDS.flatMap(([title, fits]) => {
        const inside = places.filter(fits);
        return inside.length
          ? [
              h("h3", {}, title),
              h(
                "ul",
                {},
                inside.map((one) => h("li", {}, this.place(one))),
              ),
            ]
          : [];
      }),
    );
    if (focused) this.node.querySelector(`[data-id="${focused}"]`)?.focus();
  }

  place(channel) {
    const isOpen = channel.id === this.open;
    const unread = channel.unread > 0 && !isOpen;
    const mark =
      { private: icon("lock"), channel: icon("hash") }[channel.kind] ??
      avatar(this.world.user(this.world.app.user), "small");
    const name = channel.kind === "im" ? this.world.app.name : channel.name;
    const said = [
      name,
      channel.kind === "private" && "private channel",
      channel.kind === "im" && "app",
      unread && `${channel.unread} unread`,
      channel.mentions && `${channel.mentions} ${channel.mentions === 1 ? "mention" : "mentions"}`,
    ]
      .filter(Boolean)
      .join(", ");
    return h(
      "button",
      {
        type: "button",
        class: unread ? "place unread" : "place",
        "data-id": channel.id,
        "aria-current": isOpen ? "page" : null,
        "aria-label": said,
        onclick: () => this.opens(channel.id),
      },
      mark,
      h("span", { class: "name" }, name),
      channel.kind === "im" && h("span", { class: "badge" }, "APP"),
      channel.is_shared &&
        h("span", { class: "shared", title: "Shared with a partner company" }, icon("out")),
      channel.mentions > 0 && !isOpen && h("span", { class: "count" }, channel.mentions),
    );
  }
}
