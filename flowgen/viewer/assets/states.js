// The states of a machine with their status.

import { h, statusMark, statusName } from "./dom.js";

/** Lists of the states, one inside the other. Returns `{element, show(states, current)}`. */
export function statesView(machine, choose) {
  const buttons = new Map();
  const element = h("div", { class: "states" }, outline(machine.outline, buttons, choose));

  /** `states` has what `statesAt` returns, `current` is the name of the current state or null. */
  function show(states, current) {
    for (const [name, { button, mark, note }] of buttons) {
      const found = states.get(name);
      const status = found?.status ?? "waiting";
      const times = [
        found && found.visits > 1 ? `${found.visits}×` : "",
        found && found.retries > 0 ? `${found.retries} ${found.retries === 1 ? "retry" : "retries"}` : "",
      ];
      const text = times.filter(Boolean).join(", ");
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
