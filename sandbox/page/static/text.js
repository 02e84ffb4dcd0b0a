/**
 * Draws text as Slack does: mrkdwn, plain text, rich text, moments.
 *
 * mrkdwn is not Markdown. The rules are those of the table `tests/page/mrkdwn.json`; where a name
 * is needed, the `world` is asked: `user(id)`, `channel(id)`, `me`, `now()`, `zone`.
 */

import { h } from "./dom.js";
import { emoji } from "./emoji.js";

const FENCE = /```\n?([\s\S]+?)\n?```\n?/;
const QUOTED = /^(?:>|&gt;) ?/;
const REST_QUOTED = /(^|\n)(?:>>>|&gt;&gt;&gt;) ?/;

/** A mark opens beside no letter and before no space, and closes likewise; code and `<…>` are passed over. */
function styled(mark) {
  const inside = `(?:[^${mark}\\n\`<]|\`[^\`\\n]+\`|<[^<>\\n]+>|\`(?![^\`\\n]+\`)|<(?![^<>\\n]+>))+?`;
  return `(?<![\\p{L}\\p{N}_${mark}])${mark}(?=\\S)(${inside})(?<=\\S)${mark}(?![\\p{L}\\p{N}_${mark}])`;
}
const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "<([^<>\\n]+)>",
    ":([\\w+'-]+(?:::skin-tone-[2-6])?):",
    styled("\\*"),
    styled("_"),
    styled("~"),
  ].join("|"),
  "gu",
);
const STYLES = ["strong", "em", "s"];
const BARE =
  /(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"\]])|(?<![\p{L}\p{N}_@/])@(channel|here|everyone)\b/gu;
const SCHEMES = ["http:", "https:", "mailto:", "tel:"];

/** Draw mrkdwn. Unless it is `verbatim`, Slack also links bare addresses and `@here` by itself. */
export function mrkdwn(source, world, verbatim = true) {
  const inline = (text) => spans(text, world, verbatim);
  const whole = document.createDocumentFragment();
  whole.append(...paragraphs(source, inline).flat(Infinity));
  return whole;
}

/** Draw a text object, mrkdwn or plain, as its `type` says. */
export function text(object, world) {
  if (object.type === "mrkdwn") return mrkdwn(object.text, world, object.verbatim === true);
  return plain(object.text, object.emoji !== false);
}

/** Draw plain text: only names of emoji are more than letters. */
export function plain(source, withEmoji = true) {
  const whole = document.createDocumentFragment();
  const parts = withEmoji ? source.split(/:([\w+'-]+(?:::skin-tone-[2-6])?):/) : [source];
  parts.forEach((part, index) => whole.append(index % 2 ? (emoji(part) ?? `:${part}:`) : part));
  return whole;
}

/** Undo the three escapes of mrkdwn. */
function unescape(source) {
  return source.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** Take apart what stands on lines of its own: fenced code and quotes. */
function paragraphs(source, inline) {
  const rest = REST_QUOTED.exec(source);
  const fence = FENCE.exec(source);
  if (rest && !(fence && fence.index < rest.index)) {
    const quoted = source.slice(rest.index + rest[0].length);
    return [
      ...lines(source.slice(0, rest.index), inline),
      h("blockquote", {}, paragraphs(quoted, inline)),
    ];
  }
  if (!fence) return lines(source, inline);
  const after = source.slice(fence.index + fence[0].length);
  const before = source.slice(0, fence.index).replace(/\n$/, "");
  return [
    ...lines(before, inline),
    h("pre", { tabindex: 0 }, code(fence[1], inline)),
    ...paragraphs(after, inline),
  ];
}

function lines(source, inline) {
  const groups = [];
  for (const line of source ? source.split("\n") : []) {
    const quoted = QUOTED.test(line);
    if (groups.at(-1)?.quoted !== quoted) groups.push({ quoted, lines: [] });
    groups.at(-1).lines.push(quoted ? line.replace(QUOTED, "") : line);
  }
  return groups.map((group) => {
    const drawn = inline(group.lines.join("\n"));
    return group.quoted ? h("blockquote", {}, drawn) : drawn;
  });
}

/** Inside code nothing is markup but `<…>`. */
function code(source, inline) {
  return source
    .split(/(<[^<>\n]+>)/)
    .map((part, index) => (index % 2 ? inline(part) : unescape(part)));
}

function spans(source, world, verbatim) {
  const inline = (part) => spans(part, world, verbatim);
  const drawn = [];
  let from = 0;
  for (const found of source.matchAll(INLINE)) {
    const [whole, inCode, inside, name, ...marked] = found;
    drawn.push(bare(source.slice(from, found.index), verbatim));
    from = found.index + whole.length;
    const style = marked.findIndex((part) => part !== undefined);
    if (inCode !== undefined) drawn.push(h("code", {}, code(inCode, inline)));
    else if (inside !== undefined) drawn.push(entity(inside, world) ?? unescape(whole));
    else if (name !== undefined) drawn.push(emoji(name) ?? whole);
    else drawn.push(h(STYLES[style], {}, inline(marked[style])));
  }
  drawn.push(bare(source.slice(from), verbatim));
  return drawn;
}

function bare(source, verbatim) {
  if (verbatim) return unescape(source);
  const drawn = [];
  let from = 0;
  for (const found of source.matchAll(BARE)) {
    const [whole, url, range] = found;
    drawn.push(
      unescape(source.slice(from, found.index)),
      url ? link(unescape(url), unescape(url)) : mention(`@${range}`),
    );
    from = found.index + whole.length;
  }
  return [...drawn, unescape(source.slice(from))];
}

/** Draw what stands in `<…>`; null for what is neither a mention, nor a moment, nor a link. */
function entity(inside, world) {
  const bar = inside.indexOf("|");
  const [target, label] = bar < 0 ? [inside, ""] : [inside.slice(0, bar), inside.slice(bar + 1)];
  const rest = target.slice(1);
  if (target.startsWith("@")) return person(rest, world, unescape(label));
  if (target.startsWith("#"))
    return mention(`#${world.channel(rest)?.name ?? (unescape(label) || rest)}`);
  if (target.startsWith("!date^")) return moment(target.split("^"), unescape(label), world);
  if (target.startsWith("!subteam^")) return mention(unescape(label) || `@${target.slice(9)}`);
  if (["!here", "!channel", "!everyone"].includes(target)) return mention(`@${rest}`);
  return link(
    unescape(target),
    label ? plain(unescape(label)) : unescape(target).replace(/^mailto:/, ""),
  );
}

/** Link an address that a click may follow; null for every other. */
export function link(url, label) {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (!address || !SCHEMES.includes(address.protocol)) return null;
  return h("a", { href: address.href, target: "_blank", rel: "noopener noreferrer" }, label);
}

function mention(label, mine = false) {
  return h("span", { class: mine ? "mention mine" : "mention" }, label);
}

function person(id, world, label = "") {
  return mention(`@${world.user(id)?.name ?? (label || id)}`, id === world.me);
}

/** Write a moment in the reader's own zone. Source: Slack, «Formatting text», «Date formatting». */
function moment([, stamp, format, url], fallback, world) {
  if (!/^-?\d+$/.test(stamp) || !format) return fallback;
  const at = new Date(Number(stamp) * 1000);
  const shown = format.replace(/\{(\w+)\}/g, (whole, token) =>
    (MOMENTS[token] ?? (() => whole))(at, world),
  );
  const time = h(
    "time",
    { datetime: at.toISOString(), title: fallback || at.toISOString() },
    shown,
  );
  return (url && link(url, time)) || time;
}

/** Formats are kept: making one takes longer than a hundred uses of it. */
const formats = new Map();
function words(at, world, options, locale = "en-US") {
  const key = JSON.stringify([world.zone, options, locale]);
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: world.zone, ...options }));
  }
  return formats.get(key).format(at);
}

const numbered = (at, world) => words(at, world, {}, "en-CA");
const ORDINALS = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinals = new Intl.PluralRules("en-US", { type: "ordinal" });
const day = (month, weekday) => (at, world) => {
  const shown = words(at, world, { year: "numeric", month, day: "numeric", weekday });
  return month === "short"
    ? shown
    : shown.replace(/\d+(?=,)/, (number) => number + ORDINALS[ordinals.select(number)]);
};
const pretty = (otherwise) => (at, world) => {
  const near = { 0: "today", "-1": "yesterday", 1: "tomorrow" };
  const days = Math.round(
    (Date.parse(numbered(at, world)) - Date.parse(numbered(world.now(), world))) / 86_400_000,
  );
  return near[days] ?? otherwise(at, world);
};
const ago = (at, world) => {
  const seconds = (at - world.now()) / 1000;
  const [size, unit] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ].find(([size]) => Math.abs(seconds) >= size) ?? [1, "second"];
  return new Intl.RelativeTimeFormat("en-US").format(Math.trunc(seconds / size), unit);
};
export const MOMENTS = {
  date_num: numbered,
  date: day("long"),
  date_short: day("short"),
  date_long: day("long", "long"),
  date_pretty: pretty(day("long")),
  date_short_pretty: pretty(day("short")),
  date_long_pretty: pretty(day("long", "long")),
  time: (at, world) => words(at, world, { hour: "numeric", minute: "2-digit" }),
  time_secs: (at, world) =>
    words(at, world, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

/** What a rich text is made of; each draws one piece of a line. */
export const RICH = {
  text: (part) => part.text,
  link: (part) => link(part.url, part.text || part.url) ?? (part.text || part.url),
  emoji: (part) =>
    emoji(part.skin_tone ? `${part.name}::skin-tone-${part.skin_tone}` : part.name) ??
    `:${part.name}:`,
  user: (part, world) => person(part.user_id, world),
  usergroup: (part) => mention(`@${part.usergroup_id}`),
  channel: (part, world) => mention(`#${world.channel(part.channel_id)?.name ?? part.channel_id}`),
  broadcast: (part) => mention(`@${part.range}`),
  date: (part, world) =>
    moment(["", String(part.timestamp), part.format, part.url], part.fallback ?? "", world),
  color: (part) => [
    h("span", { class: "swatch", style: { "background-color": part.value } }),
    part.value,
  ],
};
const MARKS = { bold: "strong", italic: "em", strike: "s", underline: "u", code: "code" };

/** The parts of a rich text that stand on lines of their own. */
export const RICH_PARTS = {
  rich_text_section: (part, world) => h("p", {}, run(part.elements, world)),
  rich_text_quote: (part, world) => h("blockquote", {}, run(part.elements, world)),
  rich_text_preformatted: (part, world) => h("pre", { tabindex: 0 }, run(part.elements, world)),
  rich_text_list: (part, world) =>
    h(
      part.style === "ordered" ? "ol" : "ul",
      {
        start: part.style === "ordered" ? (part.offset ?? 0) + 1 : null,
        style: { "margin-inline-start": `${(part.indent ?? 0) * 1.75}em` },
      },
      part.elements.map((item) => h("li", {}, run(item.elements, world))),
    ),
};

function run(parts, world) {
  return parts.map((part) => {
    const drawn = RICH[part.type] ? RICH[part.type](part, world) : unknown(part.type);
    const marks = Object.entries(MARKS).filter(([name]) => part.style?.[name]);
    return marks.reduce((inner, [, tag]) => h(tag, {}, inner), drawn);
  });
}

/** Draw a `rich_text` block or object. */
export function richText(block, world) {
  return h(
    "div",
    { class: "rich" },
    block.elements.map((part) =>
      (RICH_PARTS[part.type] ?? ((it) => unknown(it.type)))(part, world),
    ),
  );
}

/** Show what nothing here can draw, by its name, so that nobody overlooks it. */
export function unknown(type) {
  return h("div", { class: "unknown", role: "note" }, `No renderer for “${type}”`);
}
