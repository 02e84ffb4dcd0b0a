/**
 * The field to write in: slash commands, people, channels and emoji are offered while one types.
 * A mention that was picked is sent as Slack's `<@U…>`; everything else is escaped, but for a command,
 * which goes as typed.
 */

import { h, icon, uid } from "./dom.js";
import { emojiLike } from "./emoji.js";
import { shortcuts } from "./shortcuts.js";
import { plain } from "./text.js";

export class Composer {
  /**
   * `send(text, alsoToChannel)` gives back the server's answer, and so does `use(callbackId)`, which
   * chooses a shortcut; without it none are offered here.
   */
  constructor(world, { label, send, use = null, inThread = false }) {
    Object.assign(this, { world, send, use, inThread });
    this.picked = new Map();
    this.offers = [];
    this.at = -1;
    this.list = h("div", {
      class: "offers",
      id: uid("offers"),
      role: "listbox",
      "aria-label": "Suggestions",
      hidden: true,
    });
    this.hint = h("div", { class: "usage", hidden: true });
    this.field = h("textarea", {
      rows: 1,
      "aria-label": label,
      placeholder: label,
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      "aria-haspopup": "listbox",
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onblur: () => this.offer([]),
    });
    this.trouble = h("div", { class: "trouble", role: "alert" });
    this.also =
      inThread &&
      h("label", { class: "also" }, h("input", { type: "checkbox" }), "Also send to channel");
    const go = h(
      "button",
      { type: "submit", class: "bare go", "aria-label": "Send" },
      icon("send"),
    );
    this.node = h(
      "form",
      { class: "composer", onsubmit: (event) => (event.preventDefault(), this.submit()) },
      this.list,
      this.hint,
      h("div", { class: "box" }, (this.plus = h("span", {})), this.field, go),
      this.also,
      this.trouble,
    );
    // What the app offers is known once the world is.
    if (use) world.on("reset", () => this.plus.replaceChildren(this.shortcuts() ?? ""));
  }

  shortcuts() {
    return shortcuts(this.world, "global", {
      label: "Shortcuts",
      look: "plus",
      use: this.use,
      troubled: (words) => this.trouble.replaceChildren(...(words ? [icon("alert"), words] : [])),
    });
  }

  relabel(label) {
    this.field.setAttribute("aria-label", label);
    this.field.placeholder = label;
  }

  /** Put a text in, ready to be sent. */
  put(text) {
    this.field.value = text;
    this.typed();
    this.field.focus();
  }

  typed() {
    this.grow();
    const before = this.field.value.slice(0, this.field.selectionStart);
    const command =
      !this.inThread && this.world.commands.find((one) => before.startsWith(`${one.command} `));
    this.hint.hidden = !command;
    if (command)
      this.hint.replaceChildren(h("b", {}, command.command), ` ${command.usage_hint ?? ""}`);
    this.offer(this.found(before));
  }

  /** Find what could be meant by the word before the cursor. */
  found(before) {
    if (!this.inThread && /^\/\S*$/.test(before)) {
      return this.world.commands
        .filter((one) => one.command.startsWith(before))
        .map((one) => ({
          text: `${one.command} `,
          shown: [h("b", {}, one.command), h("span", {}, one.usage_hint ?? "")],
          note: one.description,
          length: before.length,
        }));
    }
    const word = /(?:^|\s)([@#:])([\w.+-]*)$/.exec(before);
    if (!word) return [];
    const [, mark, stem] = word;
    const length = stem.length + 1;
    const fits = (one) => one.name.toLowerCase().startsWith(stem.toLowerCase());
    if (mark === ":")
      return stem.length < 2
        ? []
        : emojiLike(stem).map((name) => ({
            text: `:${name}: `,
            shown: [plain(`:${name}:`), `:${name}:`],
            length,
          }));
    const things =
      mark === "@"
        ? this.world.people().filter(fits)
        : this.world.channels().filter((one) => one.kind !== "im" && fits(one));
    return things.slice(0, 8).map((one) => ({
      text: `${mark}${one.name} `,
      shown: [`${mark}${one.name}`],
      note: one.real_name,
      length,
      picks: [`${mark}${one.name}`, `<${mark}${one.id}>`],
    }));
  }

  offer(offers) {
    this.offers = offers;
    this.list.hidden = !offers.length;
    this.list.replaceChildren(
      ...offers.map((offer, index) =>
        h(
          "div",
          {
            role: "option",
            id: `${this.list.id}-${index}`,
            "aria-selected": "false",
            onpointerdown: (event) => event.preventDefault(),
            onclick: () => this.take(offer),
          },
          h("span", {}, offer.shown),
          offer.note && h("small", {}, offer.note),
        ),
      ),
    );
    this.move(offers.length ? 0 : -1);
  }

  move(to) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = this.offers.length ? (to + this.offers.length) % this.offers.length : -1;
    const row = this.list.children[this.at];
    row?.setAttribute("aria-selected", "true");
    if (row) this.field.setAttribute("aria-activedescendant", row.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  take(offer) {
    const { selectionStart: to, value } = this.field;
    this.field.value = value.slice(0, to - offer.length) + offer.text + value.slice(to);
    const cursor = to - offer.length + offer.text.length;
    this.field.setSelectionRange(cursor, cursor);
    if (offer.picks) this.picked.set(...offer.picks);
    this.field.focus();
    this.typed();
  }

  key(event) {
    if (event.isComposing) return;
    const open = this.offers.length > 0;
    const typedOut = open && this.field.value.endsWith(this.offers[this.at].text.trimEnd());
    if (open && ["ArrowDown", "ArrowUp"].includes(event.key))
      this.move(this.at + (event.key === "ArrowDown" ? 1 : -1));
    else if (open && (event.key === "Tab" || (event.key === "Enter" && !typedOut)))
      this.take(this.offers[this.at]);
    else if (open && event.key === "Escape") this.offer([]);
    else if (event.key === "Enter" && !event.shiftKey) this.submit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async submit() {
    const typed = this.field.value.trim();
    if (!typed) return;
    this.field.value = "";
    this.trouble.textContent = "";
    this.typed();
    const also = this.also && this.also.firstChild.checked;
    if (this.also) this.also.firstChild.checked = false;
    const answer = await this.send(typed.startsWith("/") ? typed : this.written(typed), also);
    // A command that failed is told in the channel, by Slack itself; what never got there is not lost.
    if (answer.ok || !answer.message) return;
    this.trouble.replaceChildren(icon("alert"), answer.message);
    if (!this.field.value) this.put(typed);
  }

  written(typed) {
    const escaped = typed.replace(
      /[&<>]/g,
      (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[letter],
    );
    const mention = (text, [shown, meant]) =>
      text.replace(new RegExp(`${shown}(?![\\w-])`, "g"), meant);
    return [...this.picked].reduce(mention, escaped);
  }

  grow() {
    this.field.style.setProperty("height", "auto");
    this.field.style.setProperty("height", `${Math.min(this.field.scrollHeight, 180)}px`);
  }
}
