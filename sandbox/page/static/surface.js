/**
 * The message or view that elements stand in: what is filled in, what was pressed and is not yet
 * answered, what went wrong, what is folded. It outlives each drawing, so that an edit of the message
 * loses none of it.
 */

import { h, icon } from "./dom.js";

/** What Slack's client says beside a button. */
const WARNINGS = {
  operation_timeout: "Operation timed out. Apps need to respond within 3 seconds.",
  dispatch_failed: "This app responded with an error, or not at all.",
};

export class Surface {
  /** `on` is how the server names it; `server` sends. */
  constructor(world, server, on) {
    this.world = world;
    this.server = server;
    this.on = on;
    this.values = {};
    this.problems = {};
    this.folded = new Set();
    this.busy = new Set();
    this.warned = new Map();
    this.nodes = new Map();
  }

  keep(block, element, state) {
    (this.values[block.block_id] ??= {})[element.action_id] = state;
  }

  fold(blockId, isFolded) {
    if (isFolded) this.folded.add(blockId);
    else this.folded.delete(blockId);
  }

  /** Send what was pressed or chosen; until the answer is there the element is busy. */
  async act(block, element, state) {
    const key = keyOf(block, element);
    this.busy.add(key);
    this.warned.delete(key);
    this.paint(key);
    const answer = await this.server.press(
      this.on,
      block.block_id,
      element.action_id,
      state,
      this.on.view && this.values,
    );
    this.busy.delete(key);
    if (!answer.ok)
      this.warned.set(key, WARNINGS[answer.warning] ?? answer.message ?? answer.warning);
    this.paint(key);
  }

  /** Ask the bot for the options of a menu. Throws where it gave none. */
  async ask(block, element, typed) {
    const answer = await this.server.options(
      this.on,
      block.block_id,
      element.action_id,
      typed,
      this.on.view && this.values,
    );
    if (!answer.ok || answer.warning) throw new Error(answer.warning);
    return answer;
  }

  /** Take a freshly drawn element in: it shows at once what is known of it. */
  show(block, element, node) {
    const key = keyOf(block, element);
    const warning = h("span", { class: "warning", role: "alert", hidden: true });
    const known = (this.nodes.get(key) ?? []).filter(({ node: one }) => one.isConnected);
    node.dataset.key = key;
    this.nodes.set(key, [...known, { node, warning }]);
    this.paint(key);
    return [node, warning];
  }

  paint(key) {
    for (const { node, warning } of this.nodes.get(key) ?? []) {
      node.setAttribute("aria-busy", String(this.busy.has(key)));
      const words = this.warned.get(key);
      warning.hidden = !words;
      warning.replaceChildren(...(words ? [icon("alert"), words] : []));
    }
  }
}

function keyOf(block, element) {
  return `${block.block_id} ${element.action_id}`;
}
