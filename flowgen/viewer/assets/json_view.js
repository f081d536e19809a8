// Shows JSON values.

import { h } from "./dom.js";
import { jsonText } from "./json_text.js";

const TOO_DEEP = "(nested too deeply to show)";
const LONGEST = 20000;

/** A value as indented JSON, with colors. A long one is cut, with a button that shows the rest. */
export function jsonView(value, label) {
  const text = value === undefined ? "" : (jsonText(value, 2) ?? TOO_DEEP);
  const view = h("pre", { class: "json", tabindex: "0", role: "region", "aria-label": label });
  if (text.length <= LONGEST) {
    view.append(...colored(text));
    return view;
  }
  const more = h("button", { type: "button", class: "more" }, `Show all ${text.length.toLocaleString("en")} characters`);
  more.addEventListener("click", () => {
    view.replaceChildren(text);
    view.focus();
  });
  view.append(...colored(text.slice(0, LONGEST)), "\n", more);
  return view;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function colored(text) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(at, match.index));
    const [whole, quoted, colon, word] = match;
    if (quoted !== undefined) {
      parts.push(h("span", { class: colon === undefined ? "string" : "key" }, quoted), colon ?? "");
    } else {
      parts.push(h("span", { class: word === undefined ? "number" : "word" }, whole));
    }
    at = match.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** A value on one line, cut after `most` characters. */
export function brief(value, most = 80) {
  if (value === undefined) return "";
  const text = jsonText(value) ?? TOO_DEEP;
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
