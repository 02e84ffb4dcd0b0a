/** The pane of a thread: its message, the replies, a composer of its own. */

import { Composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { List } from "./messages.js";

export class Thread {
  /** `closed()` is called when somebody closes it. */
  constructor(world, server, painter, closed) {
    Object.assign(this, { world, server, painter, closed });
    this.list = new List(painter, "Thread", true);
    this.where = h("span", { class: "where" });
    this.composer = new Composer(world, {
      label: "Reply…",
      inThread: true,
      send: (text, also) => this.say(text, also),
    });
    this.node = h(
      "section",
      {
        class: "pane thread",
        "aria-label": "Thread",
        hidden: true,
        onkeydown: (event) => event.key === "Escape" && this.close(),
      },
      h(
        "header",
        {},
        h("h2", {}, "Thread"),
        this.where,
        h(
          "button",
          {
            type: "button",
            class: "bare",
            "aria-label": "Close thread",
            onclick: () => this.close(),
          },
          icon("close"),
        ),
      ),
      this.list.node,
      this.composer.node,
    );
    world.on("message ephemeral person reset channel", () => this.draw());
  }

  open(channel, ts, from = document.activeElement) {
    Object.assign(this, { channel, ts, from });
    this.list.forget();
    this.node.hidden = false;
    this.draw();
    this.composer.field.focus();
  }

  close() {
    this.node.hidden = true;
    this.channel = null;
    this.closed();
    if (this.from?.isConnected) this.from.focus();
  }

  draw() {
    if (!this.channel) return;
    const parent = this.world.message(this.channel, this.ts);
    const place = this.world.channel(this.channel);
    if (!place || !parent) return this.close();
    this.where.textContent = place.kind === "im" ? this.world.app.name : `#${place.name}`;
    const replies = this.world.thread(this.channel, this.ts);
    const count = replies.filter((one) => one.kind === "message").length;
    this.rule ??= h("div", { class: "line count", role: "separator" }, h("span", {}));
    const words = `${count} ${count === 1 ? "reply" : "replies"}`;
    if (this.rule.textContent !== words) {
      this.rule.firstChild.textContent = words;
      this.rule.setAttribute("aria-label", words);
    }
    this.list.show([parent, ...replies], { after: count ? this.rule : null });
  }

  say(text, also) {
    return this.server.post("say", {
      channel: this.channel,
      text,
      thread_ts: this.ts,
      broadcast: Boolean(also),
    });
  }
}
