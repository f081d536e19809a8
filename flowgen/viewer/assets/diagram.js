// The diagram of a machine with the status of its states.

import { h, statusName } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const SMALLEST = 0.6;

/** The diagram, `svg`, whose boxes have `data-state`. Returns `{element, show(states, current)}`. */
export function diagramView(svg, choose) {
  const picture = document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
  const width = picture.viewBox.baseVal.width;
  picture.removeAttribute("height");
  picture.setAttribute("width", "100%");
  picture.style.minWidth = `${width * SMALLEST}px`;
  picture.style.maxWidth = `${width}px`;
  const element = h("div", { class: "diagram", tabindex: "0", role: "group", "aria-label": "Diagram" }, picture);
  const boxes = [...picture.querySelectorAll("[data-state]")].map((box) => ({
    box,
    name: box.dataset.state,
    kind: box.getAttribute("class"),
    badge: null,
    shown: "",
  }));
  let current = null;
  picture.addEventListener("click", (event) => {
    const box = event.target.closest("[data-state]");
    if (box !== null) choose(box.dataset.state);
  });

  function show(states, name) {
    for (const item of boxes) {
      const found = states.get(item.name);
      const status = found?.status ?? "waiting";
      const text = badgeText(found);
      const shown = `${status} ${text} ${item.name === name}`;
      if (shown === item.shown) continue;
      item.shown = shown;
      item.box.setAttribute("class", `${item.kind} status-${status}${item.name === name ? " current" : ""}`);
      item.box.setAttribute("aria-label", `${item.name}: ${statusName(status)}`);
      item.badge?.remove();
      item.badge = text === "" ? null : badge(item.box, text);
    }
    if (name !== current) reveal(boxes.find((item) => item.name === name)?.box);
    current = name;
  }

  /** Scroll the diagram, not the page, to a box. */
  function reveal(box) {
    if (box === undefined) return;
    const inner = box.getBoundingClientRect();
    const outer = element.getBoundingClientRect();
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      element.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
    }
    if (inner.left < outer.left || inner.right > outer.right) {
      element.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
    }
  }

  return { element, show };
}

/** How often a state was entered and retried. */
function badgeText(found) {
  const { visits = 0, retries = 0 } = found ?? {};
  return [visits > 1 ? `${visits}×` : "", retries > 0 ? `↻${retries}` : ""].filter(Boolean).join(" ");
}

/** A mark on the upper right corner of a box. */
function badge(box, text) {
  const { x, y, width } = box.querySelector("rect");
  const wide = 8 + 7 * text.length;
  const right = x.baseVal.value + width.baseVal.value + 4;
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", "badge");
  const back = document.createElementNS(SVG, "rect");
  const label = document.createElementNS(SVG, "text");
  for (const [name, value] of Object.entries({ x: right - wide, y: y.baseVal.value - 7, width: wide, height: 15, rx: 7 })) {
    back.setAttribute(name, value);
  }
  label.setAttribute("x", right - wide / 2);
  label.setAttribute("y", y.baseVal.value + 4.5);
  label.textContent = text;
  group.append(back, label);
  box.append(group);
  return group;
}
