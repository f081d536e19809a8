// The workflow's file with the line of the current step.

import { h } from "./dom.js";

/** Shows sources of the document. Returns `{element, show(place)}`; `place` is `{source, line}` or undefined. */
export function sourceView(sources) {
  const title = h("h2", { id: "source-title" }, "Workflow");
  const body = h("div", { class: "source", tabindex: "0", role: "group", "aria-label": "Source" });
  const element = h("section", { class: "panel source-panel", "aria-labelledby": "source-title" }, title, body);
  element.hidden = sources.length === 0;
  let shown = -1;
  let current = null;

  function draw(index) {
    shown = index;
    const lines = sources[index].text.replace(/\r?\n$/, "").split(/\r?\n/);
    body.replaceChildren(
      h("ol", {}, lines.map((line) => h("li", {}, h("code", {}, line === "" ? "\u00a0" : line)))),
    );
  }

  function show(place) {
    if (sources.length === 0) return;
    const index = place === undefined ? Math.max(shown, 0) : place.source;
    if (index !== shown) draw(index);
    current?.removeAttribute("aria-current");
    current = place === undefined ? null : (body.querySelectorAll("li")[place.line - 1] ?? null);
    title.textContent = place === undefined ? sources[index].file : `${sources[index].file}:${place.line}`;
    if (current === null) return;
    current.setAttribute("aria-current", "true");
    const top = current.offsetTop - body.clientHeight / 3;
    if (current.offsetTop < body.scrollTop || current.offsetTop > body.scrollTop + body.clientHeight - 40) {
      body.scrollTop = top;
    }
  }

  return { element, show };
}
