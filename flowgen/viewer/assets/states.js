// The states of a machine with their status: as a diagram, and as a list for the keyboard and for screen readers.

import { h, statusMark, statusName } from "./dom.js";
import { diagramView } from "./diagram.js";

/** The diagram and the list of the states. Returns `{elements, show(states, current)}`. */
export function statesView(machine, choose) {
  const diagram = diagramView(machine.diagram, choose);
  const list = listView(machine.outline, choose);
  return {
    elements: [diagram.element, h("details", { class: "state-list" }, h("summary", {}, "List of states"), list.element)],
    show(states, current) {
      diagram.show(states, current);
      list.show(states, current);
    },
  };
}

function listView(states, choose) {
  const buttons = new Map();
  const element = h("div", { class: "states" }, outline(states, buttons, choose));

  /** `states` has what `statesAt` returns, `current` is the name of the current state or null. */
  function show(states, current) {
    for (const [name, { button, mark, note }] of buttons) {
      const found = states.get(name);
      const status = found?.status ?? "waiting";
      const text = counts(found);
      const key = `${status} ${text}`;
      if (button.dataset.shown !== key) {
        button.dataset.shown = key;
        mark.replaceChildren(statusMark(status));
        note.textContent = text;
        button.title = statusName(status);
        button.className = `state status-${status}`;
      }
      if (name === current) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
  }

  return { element, show };
}

/** How often a state was entered and retried; "" for once and never. */
function counts(found) {
  const { visits = 0, retries = 0 } = found ?? {};
  const retried = retries > 0 ? `${retries} ${retries === 1 ? "retry" : "retries"}` : "";
  return [visits > 1 ? `${visits}×` : "", retried].filter(Boolean).join(", ");
}

function outline(states, buttons, choose) {
  return h(
    "ul",
    {},
    states.map(({ name, type, inner }) => {
      const mark = h("span");
      const note = h("span", { class: "note" });
      const button = h(
        "button",
        { type: "button", class: "state", onclick: () => choose(name) },
        mark,
        h("span", { class: "name" }, name),
        h("span", { class: "type" }, type),
        note,
      );
      buttons.set(name, { button, mark, note });
      return h("li", {}, button, inner.map((branch) => outline(branch, buttons, choose)));
    }),
  );
}
