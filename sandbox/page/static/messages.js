/**
 * Draws messages: grouped by author and five minutes, with a line for each day. Each has one node per
 * list, which is drawn anew only when its own message changed.
 */

import { drawBlocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { avatar, clockTime, dayOf, roleOf } from "./looks.js";
import { shortcuts } from "./shortcuts.js";
import { Surface } from "./surface.js";
import { mrkdwn } from "./text.js";
import { keyOfFocus, restored } from "./views.js";
import { keyOf } from "./world.js";

const GROUP_S = 5 * 60;

/** Draws messages for one window, and remembers what was done in each. */
export class Painter {
  /** `opens(message)` shows a thread, `raw(message)` its JSON, `dismiss(note)` takes a private one away. */
  constructor(world, server, { opens, raw, dismiss }) {
    Object.assign(this, { world, server, opens, raw, dismiss });
    this.surfaces = new Map();
  }

  surface(message) {
    const key = keyOf(message);
    if (!this.surfaces.has(key)) {
      const { kind, channel, ts } = message;
      this.surfaces.set(key, new Surface(this.world, this.server, { [kind]: { channel, ts } }));
    }
    return this.surfaces.get(key);
  }

  /** Draw a message; `leads` begins a group, with picture and name. */
  draw(message, { leads, inThread }) {
    const { world } = this;
    const author = world.user(message.user) ?? { id: message.user, name: message.user };
    const time = clockTime(message.ts, world);
    const isPrivate = message.kind === "ephemeral";
    const partner = author.is_partner && roleOf(author);
    return h(
      "article",
      {
        class: `message ${leads ? "leads" : ""} ${isPrivate ? "private" : ""}`,
        "data-key": keyOf(message),
        tabindex: -1,
        "aria-label": `${author.name}, ${time}${isPrivate ? ", only visible to you" : ""}`,
      },
      h("div", { class: "gutter" }, leads ? avatar(author) : h("time", { class: "hover" }, time)),
      h(
        "div",
        { class: "main" },
        isPrivate && h("div", { class: "only" }, icon("eye"), "Only visible to you"),
        leads &&
          h(
            "header",
            {},
            h("strong", { class: "author" }, author.name),
            author.is_bot && h("span", { class: "badge" }, "APP"),
            partner && h("span", { class: "badge" }, partner),
            h("time", {}, time),
          ),
        message.broadcast &&
          inThread !== true &&
          h("div", { class: "broadcast" }, "replied to a thread"),
        h("div", { class: "content", "aria-live": "off" }, this.content(message)),
        !inThread && message.reply_count > 0 && this.replies(message),
      ),
      this.tools(message, inThread),
    );
  }

  content(message) {
    if (message.deleted) return h("p", { class: "gone" }, "This message was deleted.");
    const edited = message.edited && h("span", { class: "edited" }, " (edited)");
    if (!message.blocks.length)
      return h("div", { class: "text" }, mrkdwn(message.text, this.world, message.by_bot), edited);
    return [drawBlocks(message.blocks, this.surface(message)), edited];
  }

  replies(message) {
    const { world } = this;
    const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
    const last =
      message.latest_reply &&
      `Last reply ${dayOf(message.latest_reply, world)
        .toLowerCase()
        .replace(/^(?!today|yesterday)/, "on ")} at ${clockTime(message.latest_reply, world)}`;
    return h(
      "button",
      {
        type: "button",
        class: "replies",
        "data-key": `replies ${message.ts}`,
        "aria-label": `${count}. Open thread`,
        onclick: () => this.opens(message),
      },
      message.reply_users.slice(0, 4).map((id) => avatar(world.user(id), "small")),
      h("span", { class: "count" }, count),
      h("span", { class: "last" }, last),
    );
  }

  tools(message, inThread) {
    const tool = (name, label, does) =>
      h(
        "button",
        { type: "button", class: "bare", "aria-label": label, title: label, onclick: does },
        icon(name),
      );
    const mine =
      message.kind === "ephemeral"
        ? [tool("close", "Dismiss", () => this.dismiss(message))]
        : [
            !inThread && tool("reply", "Reply in thread", () => this.opens(message)),
            tool("code", "Show JSON", () => this.raw(message)),
            !message.deleted && this.more(message),
          ];
    return h("div", { class: "tools", role: "group", "aria-label": "Message actions" }, mine);
  }

  /** The menu of a message: the app's shortcuts for it. What went wrong stands beside it. */
  more(message) {
    const trouble = h("span", { class: "trouble", role: "alert", hidden: true });
    const { channel, ts } = message;
    const menu = shortcuts(this.world, "message", {
      label: "More actions",
      look: "more",
      use: (name) => this.server.post("shortcut", { callback_id: name, message: { channel, ts } }),
      troubled: (words) => {
        trouble.hidden = !words;
        trouble.replaceChildren(words);
      },
    });
    return menu && [menu, trouble];
  }
}

/** A list of messages that stays at its end while one looks at its end. */
export class List {
  constructor(painter, label, inThread = false) {
    Object.assign(this, { painter, inThread });
    this.drawn = new Map();
    this.node = h("div", {
      class: "messages",
      role: "log",
      "aria-live": "polite",
      "aria-relevant": "additions",
      "aria-label": label,
      tabindex: 0,
    });
    this.node.addEventListener(
      "scroll",
      () =>
        (this.isAtEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 60),
    );
    this.isAtEnd = true;
    // Pictures of emoji, folded plans and the like change heights after the drawing.
    new ResizeObserver(() => this.isAtEnd && this.toEnd()).observe(this.node);
  }

  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
    this.isAtEnd = true;
  }

  /** Show exactly these; `newFrom` is the time stamp after which a line says «New»; `after` stands below the first. */
  show(messages, { newFrom = "", after = null } = {}) {
    const { world } = this.painter;
    const focused = keyOfFocus(this.node);
    const next = new Map();
    const nodes = [];
    let before = null;
    let isNew = false;
    for (const message of messages) {
      const day = dayOf(message.ts, world);
      if (!this.inThread && (!before || dayOf(before.ts, world) !== day))
        nodes.push(this.line(`day ${day}`, "day", day, next));
      if (newFrom && !isNew && message.ts > newFrom && before && message.user !== world.me) {
        isNew = true;
        nodes.push(this.line("new", "new", "New", next));
      }
      const leads = !before || !goesOn(before, message) || nodes.at(-1)?.classList.contains("line");
      const key = keyOf(message);
      const old = this.drawn.get(key);
      const same = old && old.message === message && old.leads === leads;
      next.set(
        key,
        same
          ? old
          : {
              message,
              leads,
              node: this.painter.draw(message, { leads, inThread: this.inThread }),
            },
      );
      nodes.push(next.get(key).node);
      if (!before && after) nodes.push(after);
      before = message;
    }
    this.drawn = next;
    if (!patch(this.node, nodes)) return;
    if (focused && !this.node.contains(document.activeElement))
      restored(this.node, focused)?.focus({ preventScroll: true });
    if (this.isAtEnd) this.toEnd();
  }

  line(key, look, words, next) {
    const old = this.drawn.get(key);
    const node =
      old?.node ??
      h(
        "div",
        { class: `line ${look}`, role: "separator", "aria-label": words },
        h("span", {}, words),
      );
    next.set(key, { node });
    return node;
  }

  /** Draw everything anew the next time. */
  forget() {
    this.drawn.clear();
  }
}

/** Make these the children of a node, touching only what differs; tell whether anything did. */
function patch(parent, nodes) {
  const wanted = new Set(nodes);
  let changed = false;
  for (const child of [...parent.childNodes]) {
    if (wanted.has(child)) continue;
    changed = true;
    child.remove();
  }
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] === node) return;
    changed = true;
    parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
  return changed;
}

function goesOn(before, message) {
  return (
    before.user === message.user &&
    before.kind === message.kind &&
    !message.broadcast &&
    Number(message.ts) - Number(before.ts) < GROUP_S
  );
}
