/**
 * Makes elements. Text becomes text nodes and nothing is ever parsed as markup, so what somebody
 * else wrote cannot become part of the page.
 */

/**
 * Make an element.
 *
 * `class` and every other attribute are set as text; true means an empty attribute, and false, null
 * and undefined none. `on…` are listeners. `style` holds properties, set one by one, since the
 * page's policy forbids style attributes. Children are nodes, text, lists of them, or nothing.
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style")
      for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

let last = 0;

/** Name an element, for the attributes that point at one. */
export function uid(stem = "n") {
  return `${stem}-${(last += 1)}`;
}

const SHAPES = {
  lock: "M5 7V5a3 3 0 0 1 6 0v2h1v6H4V7zm1.5 0h3V5a1.5 1.5 0 0 0-3 0z",
  hash: "M6.4 2 5.9 5H3v1.4h2.7l-.5 3.2H2.5V11H5l-.5 3h1.4l.5-3h3l-.5 3h1.4l.5-3h2.7V9.6h-2.5l.5-3.2h2.5V5h-2.3l.5-3h-1.4l-.5 3h-3l.5-3zm.7 4.4h3l-.5 3.2h-3z",
  close: "m4 3 4 4 4-4 1 1-4 4 4 4-1 1-4-4-4 4-1-1 4-4-4-4z",
  back: "M10 2.5 4.5 8l5.5 5.5 1.1-1.1L6.7 8l4.4-4.4z",
  down: "m3 5.5 5 5 5-5-1-1-4 4-4-4z",
  more: "M3 6.7a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6m5 0a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6m5 0a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6",
  send: "M2 2.5 14.5 8 2 13.5l1.5-4.8L9 8 3.5 7.3z",
  eye: "M8 3C4.5 3 2 5.5 1 8c1 2.5 3.5 5 7 5s6-2.5 7-5c-1-2.5-3.5-5-7-5m0 8.5A3.5 3.5 0 1 1 8 4.5a3.5 3.5 0 0 1 0 7M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  menu: "M2 4h12v1.5H2zm0 3.3h12v1.5H2zm0 3.3h12V12H2z",
  reply: "M2 3h12v8H7.5L4.5 14v-3H2zm1.5 1.5v5h9v-5z",
  code: "M5.5 4 1.5 8l4 4 1-1-3-3 3-3zm5 0-1 1 3 3-3 3 1 1 4-4z",
  pipe: "M3 2a2 2 0 0 1 .75 3.85V10.1A2 2 0 1 1 2.25 10.1V5.85A2 2 0 0 1 3 2m10 0a2 2 0 0 1 .75 3.85V8A2.5 2.5 0 0 1 11.25 10.5H9.85A2 2 0 1 1 9.85 9h1.4a1 1 0 0 0 1-1V5.85A2 2 0 0 1 13 2",
  theme: "M8 1.5a6.5 6.5 0 1 0 0 13zm0-1a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15",
  out: "M9 2h5v5h-1.5V4.6L7 10.1 5.9 9l5.5-5.5H9zM3 4h4v1.5H4.5v6h6V9H12v4H3z",
  image:
    "M2 3h12v10H2zm1.5 1.5v5.2l2.7-2.7 2.3 2.3 1.5-1.5 2.5 2.5V4.5zM11 5.5a1 1 0 1 1 0 2 1 1 0 0 1 0-2",
  light:
    "M8 1.5a3 3 0 0 1 3 3v7a3 3 0 0 1-6 0v-7a3 3 0 0 1 3-3m0 1.7a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6m0 3.5a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6m0 3.5a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6",
  plus: "M7.2 2.5h1.6v4.7h4.7v1.6H8.8v4.7H7.2V8.8H2.5V7.2h4.7z",
  check: "m3 8.5 3.5 3.5L13 5l-1.1-1-5.4 5.8L4 7.4z",
  alert: "M8 1.5 15 14H1zm-.75 4.5v4h1.5V6zm0 5v1.5h1.5V11z",
};

/** Draw one of the page's own icons; it says nothing to a screen reader. */
export function icon(name) {
  const made = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const svg = made("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" });
  svg.append(made("path", { d: SHAPES[name], fill: "currentColor", "fill-rule": "evenodd" }));
  return svg;
}
