/** The conversation in the middle: its messages, and the field to write in. */

import { Composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { List } from "./messages.js";
import { keyOf } from "./world.js";

export class Room {
  /** `opened(channelId)` is called when another conversation is shown. */
  constructor(world, server, painter, opened) {
    Object.assign(this, { world, server, opened });
    this.list = new List(painter, "Messages");
    this.heading = h("h1", { id: "place" });
    this.composer = new Composer(world, {
      label: "Message",
      send: (text) => server.post("say", { channel: this.id, text }),
      use: (name) => server.post("shortcut", { callback_id: name }),
    });
    const join = () => server.post("join", { channel: this.id });
    this.join = h(
      "div",
      { class: "join" },
      h("p", {}),
      h("button", { type: "button", class: "button primary", onclick: join }, "Join channel"),
    );
    this.live = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.heard = new Map();
    this.above = h("div", {});
    this.node = h(
      "main",
      { "aria-labelledby": "place" },
      h("header", { class: "head" }, this.heading),
      this.above,
      this.list.node,
      h("div", { class: "foot" }, this.composer.node, this.join),
      this.live,
    );
    world.on("person", () => this.list.forget());
    world.on("message ephemeral channel person reset", () => this.draw());
    world.on("message", ({ messages }) => messages.forEach((one) => this.announce(one)));
    document.addEventListener("visibilitychange", () => this.read());
  }

  get place() {
    return this.world.channel(this.id);
  }

  open(id) {
    this.id = id;
    this.newFrom = this.place.unread ? this.place.last_read : "";
    this.opened(id);
    this.list.forget();
    this.draw();
    this.list.toEnd();
  }

  draw() {
    const { place, world } = this;
    if (!place) return;
    const isDirect = place.kind === "im";
    const name = isDirect ? world.app.name : place.name;
    const about = [
      place.is_shared && "shared with a partner company",
      !isDirect && `${place.members.length} members`,
    ];
    const mark = isDirect ? "light" : place.kind === "private" ? "lock" : "hash";
    this.heading.replaceChildren(
      icon(mark),
      name,
      h("small", {}, about.filter(Boolean).join(" · ")),
    );
    this.composer.relabel(isDirect ? `Message ${name}` : `Message #${name}`);
    this.composer.node.hidden = !place.is_member || place.is_archived;
    this.join.hidden = place.is_member || place.is_archived;
    this.join.firstChild.textContent = `You are looking at #${name}.`;
    this.list.show(world.timeline(this.id), { newFrom: this.newFrom });
    this.read();
  }

  /** Tell the server how far somebody has read, while the page is before their eyes. */
  read() {
    const { place } = this;
    const last = this.world.top(this.id).at(-1);
    if (
      !place?.is_member ||
      !last ||
      document.visibilityState !== "visible" ||
      place.last_read >= last.ts
    )
      return;
    const read = { channel: this.id, unread: 0, mentions: 0, last_read: last.ts };
    this.world.hear("unread", read);
    this.server.post("read", { channel: this.id, ts: last.ts });
  }

  /** Say an edit aloud by its summary; new messages are read out by the list itself. */
  announce(message) {
    const before = this.heard.get(keyOf(message));
    this.heard.set(keyOf(message), message.text);
    if (message.channel === this.id && before !== undefined && before !== message.text)
      this.live.textContent = message.text;
  }

  /** Bring a message into view, with the first thing in focus that can be done about it. */
  reveal(message) {
    if (message.channel !== this.id) this.open(message.channel);
    const node = this.list.node.querySelector(`[data-key="${CSS.escape(keyOf(message))}"]`);
    node?.scrollIntoView({ block: "center" });
    (node?.querySelector(".content button") ?? node)?.focus();
  }
}
