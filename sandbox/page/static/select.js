/**
 * A menu to search and choose in, for one option or several. It is a combobox in the sense of the
 * ARIA practices: the focus stays in the field, arrows move through the list. The list is a popover,
 * so that no scrolling form cuts it off.
 */

import { h, icon, uid } from "./dom.js";

const PAUSE_MS = 250;

/**
 * Make a menu.
 *
 * `load(typed)` gives `[{label, options: [{key, text, note, value}]}]` or a promise of it; a menu whose
 * `asks` is true is loaded anew with each pause in typing, once `least` characters stand there.
 * `chosen` are options; `change(options)` is told each choice and may refuse it with false.
 */
export function select({
  name,
  placeholder,
  chosen = [],
  several = false,
  most = Infinity,
  optional = false,
  asks = false,
  least = 0,
  load,
  change,
}) {
  const list = h("div", {
    class: "options",
    role: "listbox",
    popover: "manual",
    id: uid("options"),
    "aria-multiselectable": several,
  });
  const status = h("span", { class: "unseen", role: "status" });
  const field = h("input", {
    ...name,
    role: "combobox",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-autocomplete": "list",
  });
  const chips = h("span", { class: "chips" });
  const clear = h(
    "button",
    { type: "button", class: "bare", "aria-label": "Clear", onclick: () => pick([]) },
    icon("close"),
  );
  const box = h(
    "div",
    { class: several ? "select several" : "select" },
    chips,
    field,
    clear,
    icon("down"),
    list,
    status,
  );
  let shown = [];
  let at = -1;
  let asked = 0;
  let timer = 0;
  const isOpen = () => list.matches(":popover-open");
  const follow = (event) => event.target !== list && (box.isConnected ? place() : close());

  function paint() {
    const has = chosen.length > 0;
    clear.hidden = several || !optional || !has;
    field.placeholder = several && has ? "" : placeholder;
    if (!several) field.value = chosen[0]?.text ?? "";
    const removal = (option) => () => pick(chosen.filter((one) => one.key !== option.key));
    chips.replaceChildren(
      ...(several ? chosen : []).map((option) =>
        h(
          "span",
          { class: "chip" },
          option.text,
          h(
            "button",
            {
              type: "button",
              class: "bare",
              "aria-label": `Remove ${option.text}`,
              onclick: removal(option),
            },
            icon("close"),
          ),
        ),
      ),
    );
  }

  async function pick(options) {
    const before = chosen;
    chosen = options.slice(0, most);
    paint();
    if ((await change(chosen)) !== false) return;
    chosen = before;
    paint();
  }

  function toggle(option) {
    const has = chosen.some((one) => one.key === option.key);
    if (!several) close();
    else field.value = "";
    pick(
      several
        ? has
          ? chosen.filter((one) => one.key !== option.key)
          : [...chosen, option]
        : [option],
    );
    if (several) open("");
    field.focus();
  }

  function say(text) {
    shown = [];
    at = -1;
    list.replaceChildren(
      h(
        "div",
        { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" },
        text,
      ),
    );
    status.textContent = text;
  }

  function fill(groups, typed) {
    const fits = (option) => asks || option.text.toLowerCase().includes(typed.toLowerCase());
    shown = [];
    at = -1;
    const rows = groups.map(({ label, options }) => {
      const inside = options.filter(fits).map((option) => {
        const index = shown.push(option) - 1;
        const selected = String(chosen.some((one) => one.key === option.key));
        return h(
          "div",
          {
            role: "option",
            id: `${list.id}-${index}`,
            "aria-selected": selected,
            onpointerdown: (event) => event.preventDefault(),
            onclick: () => toggle(option),
          },
          h("span", {}, option.text),
          option.note && h("small", {}, option.note),
          icon("check"),
        );
      });
      return label && inside.length
        ? h(
            "div",
            { role: "group", "aria-label": label },
            h("div", { class: "group", "aria-hidden": "true" }, label),
            inside,
          )
        : inside;
    });
    if (!shown.length) return say("No results");
    list.replaceChildren(...rows.flat());
    status.textContent = `${shown.length} options`;
    move(
      Math.max(
        0,
        shown.findIndex((option) => chosen.some((one) => one.key === option.key)),
      ),
    );
  }

  /** A later question makes the answer to an earlier one worthless, however late that comes. */
  async function open(typed = "") {
    const mine = (asked += 1);
    show();
    if (asks && typed.length < least)
      return say(`Type at least ${least} ${least === 1 ? "character" : "characters"}`);
    if (asks) say("Loading…");
    const groups = await Promise.resolve(load(typed)).catch(() => null);
    if (mine !== asked || !isOpen()) return;
    if (groups) fill(groups, typed);
    else say("The options could not be loaded");
    place();
  }

  function show() {
    if (!isOpen()) list.showPopover();
    // What scrolls or changes its size moves the field away from its list.
    addEventListener("scroll", follow, { capture: true, passive: true });
    addEventListener("resize", follow);
    field.setAttribute("aria-expanded", "true");
    place();
  }

  function place() {
    const { left, top, bottom, width } = box.getBoundingClientRect();
    const room = innerHeight - bottom;
    const height = Math.min(list.scrollHeight + 2, 280);
    const above = room < height && top > room;
    list.style.setProperty("left", `${left}px`);
    list.style.setProperty("width", `${width}px`);
    list.style.setProperty("max-height", `${Math.min(280, (above ? top : room) - 12)}px`);
    list.style.setProperty(
      "top",
      above ? `${top - Math.min(height, top - 12) - 4}px` : `${bottom + 4}px`,
    );
  }

  function close() {
    asked += 1;
    clearTimeout(timer);
    if (isOpen()) list.hidePopover();
    removeEventListener("scroll", follow, { capture: true });
    removeEventListener("resize", follow);
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    if (several) field.value = "";
    else field.value = chosen[0]?.text ?? "";
  }

  function move(to) {
    const rows = [...list.querySelectorAll('[role="option"]:not([aria-disabled])')];
    rows[at]?.classList.remove("at");
    at = (to + rows.length) % rows.length;
    rows[at]?.classList.add("at");
    rows[at]?.scrollIntoView({ block: "nearest" });
    if (rows[at]) field.setAttribute("aria-activedescendant", rows[at].id);
  }

  const keys = {
    ArrowDown: () => (isOpen() ? move(at + 1) : open()),
    ArrowUp: () => (isOpen() ? move(at - 1) : open()),
    Enter: () => (isOpen() ? shown[at] && toggle(shown[at]) : open()),
    Escape: () => isOpen() && (close(), true),
    Backspace: () => several && !field.value && chosen.length && (pick(chosen.slice(0, -1)), true),
  };
  field.addEventListener("keydown", (event) => {
    const does = keys[event.key];
    if (!does) return;
    if (["Escape", "Backspace"].includes(event.key) ? does() : (does(), true)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  field.addEventListener("input", () => {
    const typed = field.value;
    clearTimeout(timer);
    if (asks) {
      asked += 1;
      timer = setTimeout(() => open(typed), PAUSE_MS);
    } else open(typed);
  });
  field.addEventListener("click", () => (isOpen() ? null : (field.select(), open())));
  field.addEventListener("blur", close);
  box.addEventListener("pointerdown", (event) => {
    if (
      event.target.closest(".select") === box &&
      event.target !== field &&
      !event.target.closest("button, [role=listbox]")
    ) {
      event.preventDefault();
      field.focus();
      if (!isOpen()) open();
    }
  });
  paint();
  return box;
}
