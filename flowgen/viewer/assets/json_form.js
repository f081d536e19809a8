// A form for a JSON value: fields for simple types, and an editor that checks the value against its type.

import { h } from "./dom.js";

const CHECK_AFTER = 250;

let forms = 0;

/**
 * A form for a value. `type` is `{name, schema, example}` or null, `examples` are further values, `{name, value}`.
 * `check` returns why a value does not have its type (a promise), or null. `buttons` are `{text, send}`; `send` is called
 * with the value, and its errors are shown.
 */
export function jsonForm({ label, type, examples = [], check, buttons }) {
  forms += 1;
  const id = `form-${forms}`;
  const first = type === null ? {} : type.example;
  const editor = h("textarea", { id, rows: "7", spellcheck: "false", "aria-describedby": `${id}-problem`, class: "json" });
  const problem = h("p", { id: `${id}-problem`, class: "problem", role: "status" });
  const fields = fieldsOf(type?.schema ?? null, () => write(fields.value()));
  const choices = [...(type === null ? [] : [{ name: "example of the type", value: first }]), ...examples];
  const select = h(
    "select",
    { "aria-label": "Examples" },
    h("option", { value: "" }, "Examples"),
    choices.map(({ name }, index) => h("option", { value: String(index) }, name)),
  );
  select.addEventListener("change", () => {
    const chosen = choices[Number(select.value)];
    if (select.value !== "" && chosen !== undefined) write(chosen.value);
    select.value = "";
  });
  let timer = 0;
  let turn = 0;

  function write(value) {
    editor.value = JSON.stringify(value, null, 2);
    changed();
  }

  /** The value in the editor; undefined if it is not JSON, and then the problem is shown. */
  function read() {
    try {
      return JSON.parse(editor.value);
    } catch (error) {
      show(`This is not valid JSON: ${error.message}`);
      return undefined;
    }
  }

  function show(text) {
    problem.textContent = text;
    problem.classList.toggle("is-bad", text !== "" && text !== FITS);
    editor.setAttribute("aria-invalid", problem.classList.contains("is-bad") ? "true" : "false");
  }

  function changed() {
    clearTimeout(timer);
    turn += 1;
    const value = read();
    if (value === undefined) return;
    fields.show(value);
    timer = setTimeout(checked, CHECK_AFTER, value, turn);
  }

  async function checked(value, mine) {
    if (type === null) return show("");
    try {
      const found = await check(value);
      if (mine === turn) show(found === null ? FITS : found);
    } catch (error) {
      if (mine === turn) show(error.message);
    }
    return undefined;
  }

  editor.addEventListener("input", changed);
  const element = h(
    "form",
    { class: "json-form" },
    fields.element,
    h("div", { class: "tools" }, h("label", { for: id }, label), choices.length > 0 && select),
    editor,
    problem,
    type !== null && h("details", {}, h("summary", {}, `Schema of ${type.name.replaceAll("`", "")}`), h("pre", { class: "json", tabindex: "0" }, JSON.stringify(type.schema, null, 2))),
    h(
      "div",
      { class: "tools" },
      buttons.map(({ text, send, plain }) => {
        const button = h("button", { type: "button", class: plain ? null : "main" }, text);
        button.addEventListener("click", async () => {
          const value = read();
          if (value === undefined) return editor.focus();
          button.disabled = true;
          try {
            await send(value, editor.value);
          } catch (error) {
            show(error.code ? `${error.code}: ${error.message}` : error.message);
          }
          button.disabled = false;
          return undefined;
        });
        return button;
      }),
    ),
  );
  element.addEventListener("submit", (event) => event.preventDefault());
  write(first);
  return element;
}

const FITS = "The value has its type.";

/** Fields for an object whose members are simple, or for one simple value. Returns `{element, value(), show(value)}`. */
function fieldsOf(schema, changed) {
  const resolved = resolve(schema, schema);
  const members = resolved?.type === "object" && resolved.properties ? Object.entries(resolved.properties) : [["", resolved]];
  const required = new Set(resolved?.required ?? []);
  const found = members.map(([name, inner]) => field(name, resolve(inner, schema), required.has(name), changed));
  if (resolved === null || found.length === 0 || found.includes(null)) return { element: null, value: () => null, show: () => {} };
  const single = members.length === 1 && members[0][0] === "";
  return {
    element: h("div", { class: "fields" }, found.map((one) => one.element)),
    value() {
      if (single) return found[0].value();
      const entries = members.map(([name], index) => [name, found[index].value()]);
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    },
    show(value) {
      found.forEach((one, index) => one.show(single ? value : value?.[members[index][0]]));
    },
  };
}

function resolve(schema, root) {
  let found = schema;
  for (let depth = 0; depth < 20 && typeof found?.$ref === "string"; depth += 1) found = root.$defs?.[found.$ref.split("/").at(-1)];
  return typeof found === "object" && found !== null ? found : null;
}

/** A field for a simple type, or null. An empty field of an optional member leaves the member out. */
function field(name, schema, required, changed) {
  if (schema === null) return null;
  const text = name || "Value";
  const options = Array.isArray(schema.enum) ? schema.enum : schema.type === "boolean" ? [true, false] : null;
  if (options !== null) {
    const select = h("select", {}, !required && name && h("option", { value: "" }, ""), options.map((one) => h("option", { value: JSON.stringify(one) }, String(one))));
    select.addEventListener("change", changed);
    return {
      element: h("label", {}, text, select),
      value: () => (select.value === "" ? undefined : JSON.parse(select.value)),
      show: (value) => (select.value = value === undefined ? "" : JSON.stringify(value)),
    };
  }
  const numeric = schema.type === "integer" || schema.type === "number";
  if (!numeric && schema.type !== "string") return null;
  const input = h("input", { type: numeric ? "number" : "text", step: schema.type === "integer" ? "1" : "any", placeholder: required || !name ? null : "optional" });
  input.addEventListener("input", changed);
  return {
    element: h("label", {}, text, input),
    value() {
      if (input.value === "" && (numeric || !required)) return name ? undefined : null;
      return numeric ? Number(input.value) : input.value;
    },
    show(value) {
      if (window.document.activeElement !== input) input.value = value === undefined || value === null ? "" : String(value);
    },
  };
}
