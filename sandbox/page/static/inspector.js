/**
 * The drawer for developers: every request and its answer, with secrets masked by the server, and the
 * JSON of a message.
 */

import { h, icon } from "./dom.js";

const MOST = 300;

export class Inspector {
  /** `toggled(isOpen)` is called so that the stream can carry exchanges, or stop to. */
  constructor(world, server, toggled) {
    Object.assign(this, { world, server, toggled });
    this.rows = h("tbody", {});
    this.filter = h("input", {
      type: "search",
      class: "field",
      "aria-label": "Filter requests",
      placeholder: "Filter",
      oninput: () => this.sift(),
    });
    this.raw = h("div", { class: "raw" });
    const heads = ["Time", "From", "What", "Who", "Status", "ms"].map((title) =>
      h("th", { scope: "col" }, title),
    );
    this.table = h(
      "div",
      { class: "rows", tabindex: 0, role: "region", "aria-label": "Requests" },
      h("table", {}, h("thead", {}, h("tr", {}, heads)), this.rows),
    );
    const close = h(
      "button",
      {
        type: "button",
        class: "bare",
        "aria-label": "Close inspector",
        onclick: () => this.toggle(false),
      },
      icon("close"),
    );
    this.node = h(
      "section",
      {
        class: "inspector",
        "aria-label": "Inspector",
        hidden: true,
        onkeydown: (event) => event.key === "Escape" && this.toggle(false),
      },
      h(
        "header",
        {},
        h("h2", {}, "Inspector"),
        h("span", { class: "where" }, "requests and answers, secrets masked"),
        this.filter,
        close,
      ),
      h("div", { class: "halves" }, this.table, this.raw),
    );
    world.on("exchange", ({ exchange }) => this.add(exchange));
  }

  get isOpen() {
    return !this.node.hidden;
  }

  async toggle(open = !this.isOpen) {
    if (open === this.isOpen) return;
    this.from = open ? document.activeElement : this.from;
    this.node.hidden = !open;
    this.toggled(open);
    if (!open) return this.from?.focus();
    this.filter.focus();
    const { exchanges } = await this.server.get("exchanges");
    this.rows.replaceChildren();
    this.known = new Set();
    exchanges.forEach((one) => this.add(one));
  }

  add(exchange) {
    if (!this.known || this.known.has(exchange.id)) return;
    this.known.add(exchange.id);
    const isAtEnd = this.table.scrollHeight - this.table.scrollTop - this.table.clientHeight < 40;
    const bad = exchange.note || exchange.status === 0 || exchange.status >= 400;
    const what = exchange.what.startsWith("/")
      ? `${exchange.method} ${exchange.what}`
      : exchange.what;
    const row = h(
      "tr",
      { class: bad ? "bad" : "" },
      h("td", {}, exchange.at.slice(11, 19)),
      h("td", {}, `${exchange.from} → ${exchange.to}`),
      h(
        "td",
        {},
        h(
          "button",
          { type: "button", class: "link", onclick: () => this.show(what, exchange) },
          what,
        ),
        exchange.note && h("span", { class: "note" }, ` ${exchange.note}`),
      ),
      h("td", {}, exchange.who),
      h("td", {}, exchange.status || "none"),
      h("td", {}, exchange.ms == null ? "" : exchange.ms.toFixed(exchange.ms < 10 ? 1 : 0)),
    );
    row.dataset.text = `${row.textContent} ${exchange.path} ${exchange.method}`.toLowerCase();
    this.rows.append(row);
    while (this.rows.children.length > MOST) this.rows.firstChild.remove();
    this.sift();
    if (isAtEnd) this.table.scrollTop = this.table.scrollHeight;
  }

  sift() {
    const wanted = this.filter.value.toLowerCase();
    for (const row of this.rows.children) row.hidden = !row.dataset.text.includes(wanted);
  }

  /** Show one exchange, or any other JSON, with a way to copy it. */
  show(title, json) {
    const written = JSON.stringify(json, null, 2);
    const said = h("span", { role: "status" });
    const copy = h(
      "button",
      {
        type: "button",
        class: "button small",
        onclick: async () => (
          await navigator.clipboard.writeText(written),
          said.replaceChildren("Copied")
        ),
      },
      "Copy",
    );
    this.raw.replaceChildren(
      h("header", {}, h("h3", {}, title), said, copy),
      h("pre", { tabindex: 0 }, written),
    );
  }

  /** Show a message as Slack's Web API would give it. */
  async message({ channel, ts }) {
    await this.toggle(true);
    const { raw } = await this.server.get("raw", { channel, ts });
    this.show(`Message ${ts}`, raw);
    this.raw.querySelector("button").focus();
  }
}
