/**
 * Shows modals: the one on top of a person's stack, in the browser's own dialog, which holds the
 * focus and closes on Escape. What was typed outlives an update where the ids stay.
 */

import { drawBlocks } from "./blocks.js";
import { h, icon, uid } from "./dom.js";
import { keepers, stateOf } from "./states.js";
import { Surface } from "./surface.js";
import { plain } from "./text.js";

export class Modals {
  constructor(world, server) {
    this.world = world;
    this.server = server;
    this.stack = [];
    this.surfaces = new Map();
    this.drawn = "";
    const title = uid("title");
    this.title = h("h2", { id: title });
    this.back = h(
      "button",
      { type: "button", class: "bare", "aria-label": "Back", onclick: () => this.close(1) },
      icon("back"),
    );
    const away = h(
      "button",
      {
        type: "button",
        class: "bare",
        "aria-label": "Close",
        onclick: () => this.close(this.stack.length),
      },
      icon("close"),
    );
    this.body = h("div", { class: "body", tabindex: -1 });
    this.trouble = h("div", { class: "trouble", role: "alert" });
    this.foot = h("footer", {});
    const form = h(
      "form",
      {
        method: "dialog",
        novalidate: true,
        onsubmit: (event) => (event.preventDefault(), this.submit()),
      },
      this.body,
      this.trouble,
      this.foot,
    );
    this.dialog = h(
      "dialog",
      { class: "modal", "aria-labelledby": title },
      h("header", {}, this.back, this.title, away),
      form,
    );
    this.dialog.addEventListener("cancel", (event) => (event.preventDefault(), this.close(1)));
    document.body.append(this.dialog);
  }

  get top() {
    return this.stack.at(-1);
  }

  get surface() {
    return this.surfaces.get(this.top.id);
  }

  /** Take the whole stack as it is now, the bottom first. */
  show(views) {
    const before = this.stack;
    this.stack = views;
    const open = new Set(views.map((view) => view.id));
    for (const id of this.surfaces.keys()) if (!open.has(id)) this.surfaces.delete(id);
    if (!views.length) return this.dialog.open && this.dialog.close();
    if (!this.surfaces.has(this.top.id)) {
      const surface = new Surface(this.world, this.server, { view: this.top.id });
      surface.values = structuredClone(this.top.state.values);
      this.surfaces.set(this.top.id, surface);
    }
    const drawn = JSON.stringify([
      this.top.id,
      this.top.title,
      this.top.submit,
      this.top.close,
      this.top.blocks,
    ]);
    if (this.dialog.open && drawn === this.drawn) return;
    this.drawn = drawn;
    if (before.at(-1)?.id === this.top.id) this.surface.problems = {};
    this.dialog.classList.toggle("pushed", before.length > 0 && views.length > before.length);
    this.draw(before.at(-1)?.id !== this.top.id);
  }

  draw(isNew) {
    const view = this.top;
    const focused = keyOfFocus(this.dialog);
    this.back.hidden = this.stack.length < 2;
    this.title.replaceChildren(plain(view.title?.text ?? ""));
    this.body.replaceChildren(...drawBlocks(view.blocks, this.surface));
    this.trouble.replaceChildren(
      ...(this.surface.problems[""] ? [icon("alert"), this.surface.problems[""]] : []),
    );
    this.foot.replaceChildren(
      h(
        "button",
        { type: "button", class: "button", onclick: () => this.close(1) },
        plain(view.close?.text ?? "Cancel"),
      ),
      ...(view.submit
        ? [
            h(
              "button",
              { type: "submit", class: "button primary", disabled: view.submit_disabled },
              plain(view.submit.text),
            ),
          ]
        : []),
    );
    if (!this.dialog.open) this.dialog.showModal();
    if (isNew) this.body.scrollTop = 0;
    const wants = view.blocks.find((block) => block.element?.focus_on_load);
    const field =
      wants &&
      this.dialog.querySelector(
        `[data-key="${CSS.escape(`${wants.block_id} ${wants.element.action_id}`)}"]`,
      );
    const first = () => this.body.querySelector("input, textarea, button") ?? this.foot.lastChild;
    (isNew ? (field ?? first()) : (restored(this.dialog, focused) ?? first())).focus();
  }

  /** Send the view; what was wrong with it comes back, the rest as a new stack. */
  async submit() {
    const { top: view, surface } = this;
    const button = this.foot.querySelector('[type="submit"]');
    if (!button || button.getAttribute("aria-busy") === "true") return;
    const values = {};
    for (const { block, element } of keepers(view.blocks)) {
      (values[block.block_id] ??= {})[element.action_id] = stateOf(block, element, surface.values);
    }
    button.setAttribute("aria-busy", "true");
    const answer = await this.server.submit(view.id, values);
    button.setAttribute("aria-busy", "false");
    if (this.top?.id !== view.id) return;
    const errors = answer.errors ?? {};
    if (!answer.ok && !Object.keys(errors).length)
      errors[""] = answer.message ?? "We had some trouble connecting. Try again?";
    if (!Object.keys(errors).length && !Object.keys(surface.problems).length) return;
    surface.problems = errors;
    this.draw(false);
    this.body.querySelector('[aria-invalid="true"]')?.focus();
  }

  /** Close as many as this from the top, without sending them. */
  async close(count) {
    for (const view of this.stack.slice(-count).reverse()) await this.server.close(view.id);
  }
}

/** Tell which element holds the focus, and where in its text. */
export function keyOfFocus(root) {
  const node = root.contains(document.activeElement) ? document.activeElement : null;
  const key = node?.closest("[data-key]")?.dataset.key;
  return key && { key, from: node.selectionStart, to: node.selectionEnd };
}

/** Find that element again after a redrawing, with the cursor where it was. */
export function restored(root, focused) {
  const holder = focused && root.querySelector(`[data-key="${CSS.escape(focused.key)}"]`);
  const node = holder?.matches("input, textarea, button")
    ? holder
    : holder?.querySelector("input, button");
  if (
    node &&
    focused.from != null &&
    node.setSelectionRange &&
    /^(text|search|url|tel|textarea)$/.test(node.type)
  )
    node.setSelectionRange(focused.from, focused.to);
  return node;
}
