// A list box that renders only the visible rows, so that 25,000 of them scroll without a stall.

import { h } from "./dom.js";

const OVERSCAN = 8;
const PAGE = 10;

let lists = 0;

/**
 * A list of rows with the same height. `row` returns the children of the row at an index, `choose` is called with the
 * index that the user selects, `open` with the one that the user clicks or confirms with Enter. Returns `{element, show(count, selected)}`.
 */
export function virtualList({ label, height, row, choose, open = choose }) {
  lists += 1;
  const id = `list-${lists}`;
  const filler = h("div", { class: "filler", role: "presentation" });
  const element = h("div", { class: "list", role: "listbox", tabindex: "0", "aria-label": label }, filler);
  let count = 0;
  let selected = -1;
  let asked = false;

  function draw() {
    asked = false;
    // After a list became shorter, the browser corrects the position later.
    const top = Math.min(element.scrollTop, Math.max(0, count * height - element.clientHeight));
    const first = Math.max(0, Math.floor(top / height) - OVERSCAN);
    const last = Math.min(count, Math.ceil((top + element.clientHeight) / height) + OVERSCAN);
    const rows = [];
    for (let index = first; index < last; index += 1) {
      const option = h(
        "div",
        {
          id: `${id}-${index}`,
          class: "row",
          role: "option",
          "aria-selected": index === selected ? "true" : "false",
          "aria-setsize": count,
          "aria-posinset": index + 1,
        },
        row(index),
      );
      option.style.top = `${index * height}px`;
      option.addEventListener("click", () => open(index));
      rows.push(option);
    }
    filler.replaceChildren(...rows);
    if (selected >= first && selected < last) element.setAttribute("aria-activedescendant", `${id}-${selected}`);
    else element.removeAttribute("aria-activedescendant");
  }

  function drawSoon() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  }

  function show(newCount, newSelected) {
    const moved = newSelected !== selected || newCount !== count;
    count = newCount;
    selected = newSelected;
    filler.style.height = `${count * height}px`;
    element.style.height = `${count * height}px`;
    element.hidden = count === 0;
    if (moved && selected >= 0) {
      const top = selected * height;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + height > element.scrollTop + element.clientHeight) {
        element.scrollTop = top + height - element.clientHeight;
      }
    }
    draw();
  }

  element.addEventListener("scroll", drawSoon, { passive: true });
  new ResizeObserver(drawSoon).observe(element);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && selected >= 0) open(selected);
    const moves = {
      ArrowDown: selected + 1,
      ArrowUp: selected - 1,
      PageDown: selected + PAGE,
      PageUp: selected - PAGE,
      Home: 0,
      End: count - 1,
    };
    if (!(event.key in moves) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    choose(Math.min(Math.max(moves[event.key], 0), count - 1));
  });
  return { element, show };
}
