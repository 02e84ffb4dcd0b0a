/**
 * Draws blocks. What nothing here can draw shows as a dashed box that names its type.
 */

import { h, icon, uid } from "./dom.js";
import { ELEMENTS, picture } from "./elements.js";
import { mrkdwn, plain, richText, text, unknown } from "./text.js";

/** Draw all blocks of a message or view. */
export function drawBlocks(blocks, surface) {
  return blocks.map((block) => (BLOCKS[block.type] ?? ((it) => unknown(it.type)))(block, surface));
}

/** Draw an element of a block; `name` is what labels it for a screen reader. */
export function drawElement(element, block, surface, name) {
  return (ELEMENTS[element.type] ?? ((it) => unknown(it.type)))(element, block, surface, name);
}

const TEXTS = ["mrkdwn", "plain_text"];

function section(block, surface) {
  return h(
    "div",
    { class: block.accessory ? "block section split" : "block section" },
    h(
      "div",
      { class: "body" },
      block.text && h("div", { class: "text" }, text(block.text, surface.world)),
      block.fields &&
        h(
          "div",
          { class: "fields" },
          block.fields.map((field) => h("div", { class: "text" }, text(field, surface.world))),
        ),
    ),
    block.accessory &&
      h("div", { class: "accessory" }, drawElement(block.accessory, block, surface)),
  );
}

function context(block, surface) {
  const drawn = (element) =>
    TEXTS.includes(element.type)
      ? h("span", { class: "text" }, text(element, surface.world))
      : drawElement(element, block, surface);
  return h("div", { class: "block context" }, block.elements.map(drawn));
}

function actions(block, surface) {
  return h(
    "div",
    { class: "block actions" },
    block.elements.map((element) =>
      h("div", { class: "action" }, drawElement(element, block, surface)),
    ),
  );
}

function image(block) {
  return h(
    "figure",
    { class: "block" },
    block.title && h("figcaption", {}, plain(block.title.text)),
    picture(block),
  );
}

/** A field with its label, its hint, and room for what is wrong with it. */
function input(block, surface) {
  const [label, hint, problem] = [uid("label"), uid("hint"), uid("problem")];
  const required = block.optional ? {} : { "aria-required": "true" };
  const wrong = surface.problems?.[block.block_id];
  const name = {
    "aria-labelledby": label,
    "aria-describedby": `${problem} ${hint}`,
    ...required,
    "aria-invalid": wrong ? "true" : null,
  };
  return h(
    "div",
    { class: wrong ? "block input wrong" : "block input" },
    h(
      "div",
      { class: "label", id: label },
      plain(block.label.text),
      block.optional && h("span", { class: "optional" }, " (optional)"),
    ),
    drawElement(block.element, block, surface, name),
    h("div", { class: "problem", id: problem }, wrong && [icon("alert"), wrong]),
    h("div", { class: "hint", id: hint }, block.hint && plain(block.hint.text)),
  );
}

const STATES = {
  pending: "not begun",
  in_progress: "in progress",
  complete: "done",
  error: "failed",
};

/** A task's states and their marks; the words are for those who do not see the mark. */
function task(block, surface) {
  const state = block.status ?? "pending";
  const notes = ["details", "output"]
    .filter((part) => block[part])
    .map((part) => h("div", { class: "note" }, richText(block[part], surface.world)));
  const sources = (block.sources ?? []).map((source) =>
    mrkdwn(`<${source.url}|${source.text ?? source.url}>`, surface.world),
  );
  return h(
    "li",
    { class: `task ${state}` },
    h(
      "span",
      { class: "mark", role: "img", "aria-label": STATES[state] },
      { complete: icon("check"), error: icon("close") }[state],
    ),
    !block.hide_title && h("span", { class: "title" }, plain(block.title)),
    notes,
    sources,
  );
}

/** Slack derives a plan's state from its tasks. */
function plan(block, surface) {
  const tasks = block.tasks ?? [];
  const has = (state) => tasks.some((one) => one.status === state);
  const state = has("error")
    ? "error"
    : has("in_progress")
      ? "in_progress"
      : tasks.every((one) => one.status === "complete")
        ? "complete"
        : "pending";
  const done = tasks.filter((one) => one.status === "complete").length;
  const bar = h(
    "span",
    { class: "bar", "aria-hidden": "true" },
    tasks.map((one) => h("i", { class: one.status ?? "pending" })),
  );
  const folded = surface.folded?.has(block.block_id);
  return h(
    "details",
    {
      class: `block plan ${state}`,
      open: !folded,
      ontoggle: ({ target }) => surface.fold?.(block.block_id, !target.open),
    },
    h(
      "summary",
      { "data-done": `${done}/${tasks.length}` },
      h("span", { class: "title" }, plain(block.title)),
      bar,
      icon("down"),
    ),
    h(
      "ol",
      { class: "tasks" },
      tasks.map((one) => task(one, surface)),
    ),
  );
}

/** Every block that can be drawn. */
export const BLOCKS = {
  section,
  context,
  actions,
  image,
  input,
  plan,
  header: (block) =>
    h(`h${(block.level ?? 2) + 1}`, { class: "block header" }, plain(block.text.text)),
  divider: () => h("hr", { class: "block" }),
  rich_text: (block, surface) => h("div", { class: "block" }, richText(block, surface.world)),
  task_card: (block, surface) => h("ol", { class: "block tasks" }, task(block, surface)),
  alert: (block, surface) =>
    h(
      "div",
      { class: `block alert ${block.level ?? "default"}`, role: "note" },
      icon("alert"),
      h("div", { class: "text" }, text(block.text, surface.world)),
    ),
};
