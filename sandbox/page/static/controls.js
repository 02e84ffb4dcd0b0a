/** What breaks things for a while, and the clock. */

import { h } from "./dom.js";

const TROUBLES = {
  slack: [
    "Slack",
    { well: "well", slow: "slow", limited: "rate limited", down: "down", revoked: "token revoked" },
  ],
  buddy: ["Buddy", { well: "well", slow: "slow", failing: "failing (503)", down: "down" }],
  bot: ["Slack → bot", { well: "well", slow: "slow", lost: "lost" }],
};
const DELAY_MS = 2000;
const HEALS_AFTER_S = 30;

export class Controls {
  constructor(world, server) {
    Object.assign(this, { world, server, isOpen: false });
    this.node = h("div", { class: "controls" });
    world.on("trouble clock reset", () => this.draw());
  }

  draw() {
    const { trouble, clock } = this.world;
    const focused = this.node.contains(document.activeElement) ? document.activeElement.id : null;
    const set = (where, state, seconds) =>
      this.server.post("trouble", { where, state, for_s: seconds, delay_ms: DELAY_MS });
    const row = ([where, [name, states]]) => {
      const menu = h(
        "select",
        {
          class: "field",
          id: `trouble-${where}`,
          onchange: () => set(where, menu.value, menu.value === "well" ? null : HEALS_AFTER_S),
        },
        Object.entries(states).map(([state, words]) =>
          h("option", { value: state, selected: trouble[where] === state }, words),
        ),
      );
      return h(
        "div",
        { class: trouble[where] === "well" ? "row" : "row broken" },
        h("label", { for: menu.id }, name),
        menu,
      );
    };
    const pace = (name) =>
      h(
        "label",
        {},
        h("input", {
          type: "radio",
          name: "pace",
          id: `pace-${name}`,
          checked: clock.name === name,
          onchange: () => this.server.post("clock", { name }),
        }),
        name,
      );
    this.node.replaceChildren(
      h(
        "details",
        {
          class: "trouble-box",
          open: this.isOpen,
          ontoggle: ({ target }) => (this.isOpen = target.open),
        },
        h(
          "summary",
          {},
          "Make trouble",
          Object.values(trouble).some((one) => one !== "well") &&
            h("span", { class: "badge" }, "on"),
        ),
        h("p", { class: "by" }, `It heals by itself after ${HEALS_AFTER_S} seconds.`),
        Object.entries(TROUBLES).map(row),
      ),
      h(
        "fieldset",
        { class: "clock" },
        h("legend", {}, "Time"),
        Object.keys(clock.names).map(pace),
        h(
          "button",
          {
            type: "button",
            class: "button small",
            id: "wait",
            "aria-label": "Wait a minute",
            title: "Wait a minute",
            onclick: () => this.server.post("clock", { wait_s: 60 }),
          },
          "+1 min",
        ),
      ),
    );
    if (focused) this.node.querySelector(`#${focused}`)?.focus();
  }
}
