/**
 * What is filled in, in Slack's words: the state objects of `state.values`.
 */

/** Under which key an element of a type keeps its value, and what stands there when it is empty. */
export const FIELDS = {
  plain_text_input: "value",
  number_input: "value",
  email_text_input: "value",
  url_text_input: "value",
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  checkboxes: "selected_options",
  multi_static_select: "selected_options",
  multi_external_select: "selected_options",
  users_select: "selected_user",
  multi_users_select: "selected_users",
  channels_select: "selected_channel",
  multi_channels_select: "selected_channels",
  conversations_select: "selected_conversation",
  multi_conversations_select: "selected_conversations",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
};

/** Say what is filled in: what was typed, else what the app put there; null for what keeps no value. */
export function stateOf(block, element, values) {
  const field = FIELDS[element.type];
  if (!field) return null;
  const kept = values[block.block_id]?.[element.action_id];
  if (kept && field in kept) return { type: element.type, [field]: kept[field] };
  const initial =
    element[field === "value" ? "initial_value" : field.replace("selected", "initial")];
  return { type: element.type, [field]: initial ?? (field.endsWith("s") ? [] : null) };
}

/** Find every element that keeps a value, with its block. */
export function keepers(blocks) {
  const inside = (block) => [
    block.accessory,
    block.element,
    ...(block.type === "actions" ? block.elements : []),
  ];
  return blocks.flatMap((block) =>
    inside(block)
      .filter((one) => one && FIELDS[one.type])
      .map((element) => ({ block, element })),
  );
}
