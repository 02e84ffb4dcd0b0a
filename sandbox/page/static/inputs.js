/**
 * Draws what can be filled in: menus to search in, fields to type into, days and times, boxes.
 */

import { confirmed } from "./confirm.js";
import { h, uid } from "./dom.js";
import { select } from "./select.js";
import { FIELDS, stateOf } from "./states.js";
import { text } from "./text.js";

/** Keep what was filled in, and tell the app where it wants to know at once; false if refused. */
async function settle(block, element, surface, state) {
  const tells = block.type !== "input" || block.dispatch_action;
  if (tells && !(await confirmed(element.confirm, surface.world))) return false;
  surface.keep(block, element, state);
  if (tells) surface.act(block, element, state);
  return true;
}

const asOption = (option) => ({
  key: option.value,
  text: option.text.text,
  note: option.description?.text,
  value: option,
});
const asThing = (thing, mark) => ({ key: thing.id, text: `${mark}${thing.name}`, value: thing.id });
const groupsOf = ({ options, option_groups: groups }) =>
  groups
    ? groups.map((group) => ({ label: group.label.text, options: group.options.map(asOption) }))
    : [{ options: (options ?? []).map(asOption) }];

/** What each kind of menu offers: its own options, the bot's answer, people, or channels. */
const OFFERS = {
  static: (element) => groupsOf(element),
  external: async (element, block, surface, typed) =>
    groupsOf(await surface.ask(block, element, typed)),
  users: (_, __, { world }) => [{ options: world.people().map((one) => asThing(one, "@")) }],
  channels: (_, __, { world }) => [
    {
      options: world
        .channels()
        .filter((one) => one.kind === "channel")
        .map((one) => asThing(one, "#")),
    },
  ],
  conversations: (_, __, { world }) => [
    { options: world.channels().map((one) => asThing(one, one.kind === "im" ? "" : "#")) },
  ],
};

function menu(element, block, surface, name) {
  const several = element.type.startsWith("multi_");
  const kind = element.type.replace("multi_", "").replace("_select", "");
  const field = FIELDS[element.type];
  const kept = stateOf(block, element, surface.values)[field];
  const known =
    kind === "static" || kind === "external"
      ? asOption
      : (id) =>
          asThing(
            { id, name: (surface.world.user(id) ?? surface.world.channel(id))?.name ?? id },
            surface.world.user(id) ? "@" : "#",
          );
  const node = select({
    name: name ?? { "aria-label": element.placeholder?.text ?? "Choose" },
    placeholder: element.placeholder?.text ?? (several ? "Select options" : "Select an option"),
    chosen: (several ? kept : kept ? [kept] : []).map(known),
    several,
    most: element.max_selected_items,
    optional: block.optional === true,
    asks: kind === "external",
    least: element.min_query_length ?? 3,
    load: (typed) => OFFERS[kind](element, block, surface, typed),
    change: (options) => {
      const picked = options.map((option) => option.value);
      return settle(block, element, surface, {
        type: element.type,
        [field]: several ? picked : (picked[0] ?? null),
      });
    },
  });
  return surface.show(block, element, node);
}

/** A field to type into. Source of the two moments: Slack, «Dispatch action configuration». */
function typed(element, block, surface, name) {
  const kinds = { number_input: "number", email_text_input: "email", url_text_input: "url" };
  const moments = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const state = () => ({ type: element.type, value: node.value || null });
  const node = h(element.multiline ? "textarea" : "input", {
    ...(name ?? { "aria-label": element.placeholder?.text ?? "Text" }),
    type: element.multiline ? null : (kinds[element.type] ?? "text"),
    rows: element.multiline && 4,
    class: "field",
    maxlength: element.max_length,
    placeholder: element.placeholder?.text,
    step: element.is_decimal_allowed && "any",
    min: element.min_value,
    max: element.max_value,
    autocomplete: "off",
    oninput: () =>
      moments.includes("on_character_entered")
        ? settle(block, element, surface, state())
        : surface.keep(block, element, state()),
    onkeydown: (event) => {
      if (
        event.key !== "Enter" ||
        event.isComposing ||
        (element.multiline && !event.ctrlKey && !event.metaKey)
      )
        return;
      if (block.dispatch_action && moments.includes("on_enter_pressed")) {
        event.preventDefault();
        settle(block, element, surface, state());
      }
    },
  });
  node.value = stateOf(block, element, surface.values).value ?? "";
  return surface.show(block, element, node);
}

const two = (number) => String(number).padStart(2, "0");
const asLocal = (at) =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;

/** Days and times; a moment is kept as Unix seconds and shown in the reader's zone. */
function moment(element, block, surface, name) {
  const field = FIELDS[element.type];
  const isMoment = element.type === "datetimepicker";
  const kept = stateOf(block, element, surface.values)[field];
  const node = h("input", {
    ...(name ?? {
      "aria-label":
        element.placeholder?.text ??
        { datepicker: "Date", timepicker: "Time" }[element.type] ??
        "Date and time",
    }),
    type: { datepicker: "date", timepicker: "time" }[element.type] ?? "datetime-local",
    class: "field moment",
    onchange: async () => {
      const value =
        isMoment && node.value ? Math.floor(new Date(node.value).getTime() / 1000) : node.value;
      if (!(await settle(block, element, surface, { type: element.type, [field]: value || null })))
        node.value = shown;
    },
  });
  const shown = isMoment && kept ? asLocal(new Date(kept * 1000)) : (kept ?? "");
  node.value = shown;
  return surface.show(block, element, node);
}

function choices(element, block, surface, name) {
  const several = element.type === "checkboxes";
  const field = FIELDS[element.type];
  const kept = [stateOf(block, element, surface.values)[field] ?? []]
    .flat()
    .map((option) => option.value);
  const group = uid("choice");
  const boxes = element.options.map((option) => {
    const box = h("input", {
      type: several ? "checkbox" : "radio",
      name: group,
      value: option.value,
      checked: kept.includes(option.value),
      onchange: change,
    });
    return h(
      "label",
      {},
      box,
      h(
        "span",
        {},
        text(option.text, surface.world),
        option.description && h("small", {}, text(option.description, surface.world)),
      ),
    );
  });
  async function change() {
    const picked = element.options.filter(
      (_, index) => boxes[index].querySelector("input").checked,
    );
    const state = { type: element.type, [field]: several ? picked : picked[0] };
    if (await settle(block, element, surface, state)) return;
    for (const label of boxes) label.firstChild.checked = kept.includes(label.firstChild.value);
  }
  const node = h(
    "div",
    {
      role: several ? "group" : "radiogroup",
      ...(name ?? { "aria-label": element.placeholder?.text ?? "Options" }),
      class: "choices",
    },
    boxes,
  );
  return surface.show(block, element, node);
}

const MENUS = Object.keys(OFFERS).flatMap((kind) => [`${kind}_select`, `multi_${kind}_select`]);
const TYPED = ["plain_text_input", "number_input", "email_text_input", "url_text_input"];
const MOMENTS = ["datepicker", "timepicker", "datetimepicker"];
const each = (types, draw) => types.map((type) => [type, draw]);

/** Every element that keeps a value. */
export const INPUTS = Object.fromEntries([
  ...each(MENUS, menu),
  ...each(TYPED, typed),
  ...each(MOMENTS, moment),
  ...each(["checkboxes", "radio_buttons"], choices),
]);
