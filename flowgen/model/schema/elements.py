"""The classes of the model as closed objects; the key of its kind selects the schema of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, TypeAlias

from flowgen.model.accepts import Named, Schema, ref
from flowgen.model.element import Element, Key, Read
from flowgen.model.schema.types import TYPES, json_schema
from flowgen.model.steps import KINDS, Compensation, StepBase
from flowgen.model.steps.compensation import EXCLUDED_KEYS, UNDOING
from flowgen.model.triggers import TRIGGERS, TriggerBase
from flowgen.model.workflow import Library, Workflow

_Target: TypeAlias = str | Named | type[Element]
"""What a `$ref` may be in a schema of the model."""


def workflow_schema() -> Schema:
    """The JSON Schema of a workflow file, and of a file that workflows import."""
    whole = _element(Workflow)
    alone = [key for key in Workflow.keys() if key not in Library.keys()]  # noqa: SIM118 - methods
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "flowgen workflow",
        **whole,
        "required": [key for key in whole["required"] if key not in alone],
        # A file without any of the workflow's own keys is meant to be imported.
        "if": {"anyOf": [{"required": [key]} for key in alone]},
        "then": {"required": [key for key in whole["required"] if key in alone]},
    }
    linked: Schema = _linked({**schema, "definitions": dict(sorted(_definitions(schema).items()))})
    return linked


def _definitions(schema: Schema) -> dict[str, Schema]:
    """What a schema refers to, directly and indirectly, by name."""
    found: dict[str, Schema] = {}
    waiting = list(_targets(schema))
    while waiting:
        target = waiting.pop()
        name = _name(target)
        if name not in found:
            found[name] = _definition(target)
            waiting += _targets(found[name])
    return found


def _definition(target: _Target) -> Schema:
    match target:
        case Named(schema=schema):
            return _readable(schema)
        case str():
            return _readable(TYPES[target]) if target in TYPES else _OTHERS[target]()
        case _:
            return _element(target)


def _name(target: _Target) -> str:
    match target:
        case Named(name=name):
            return name
        case str():
            return target
        case _:
            return target.__name__.lower()


def _is_reference(schema: Schema) -> bool:
    """Whether a schema is a reference. In the schema of JSON Schema, `$ref` is also the name of a property."""
    return "$ref" in schema and not isinstance(schema["$ref"], dict)


def _targets(schema: Any) -> Iterator[_Target]:
    if isinstance(schema, dict) and _is_reference(schema):
        yield schema["$ref"]
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _targets(inner)


def _linked(schema: Any) -> Any:
    """The schema with each reference as a JSON pointer."""
    if isinstance(schema, list):
        return [_linked(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    link = {"$ref": f"#/definitions/{_name(schema['$ref'])}"} if _is_reference(schema) else {}
    return {key: _linked(value) for key, value in schema.items()} | link


def _element(element: type[Element]) -> Schema:
    kind = element.kind if issubclass(element, StepBase | TriggerBase) else None
    about = element.about_itself()
    return {
        **_described(about),
        "type": "object",
        "properties": {
            key.name: _property(key, about if key.name == kind else "") for key in element.fields().values()
        },
        "required": [key for key, needed in element.keys().items() if needed],
        "additionalProperties": False,
        **element.constraints,
    }


def _property(key: Key, before: str) -> Schema:
    schema = key.value.schema if isinstance(key.value, Read) else ref(key.value)
    more: dict[str, Any] = {}
    if isinstance(key.default, str | int | float) and not isinstance(key.default, bool):
        more["default"] = key.default
    if key.examples:
        more["examples"] = list(key.examples)
    described = _described(before, key.about, _form(schema))
    # An editor shows the description of the alternative that a value matches, instead of that of the key.
    ways = [
        {**way, **_described(before, key.about, _form(way))} if _is_reference(way) else way
        for way in schema.get("anyOf", ())
    ]
    return {**described, **_readable(schema | ({"anyOf": ways} if ways else {})), **more}


def _form(schema: Schema) -> str:
    """The description of what a schema refers to, except for elements, whose keys have their own."""
    match schema.get("$ref"):
        case Named(schema=named):
            return str(named.get("description", ""))
        case str() as name:
            return str(TYPES.get(name, {}).get("description", ""))
        case _:
            return ""


def _described(*parts: str) -> Schema:
    """A description as plain text and as Markdown, which lets editors format code."""
    paragraphs = [part for part in parts if part]
    return {"description": " ".join(paragraphs), "markdownDescription": "\n\n".join(paragraphs)} if paragraphs else {}


def _readable(schema: Schema) -> Schema:
    """The schema with each description as Markdown, too."""
    if "description" in schema and isinstance(schema["description"], str):
        schema = {**_described(schema["description"]), **schema}
    return {
        key: {name: _readable(one) if isinstance(one, dict) else one for name, one in value.items()}
        if key == "properties"
        else _readable(value)
        if isinstance(value, dict)
        else value
        for key, value in schema.items()
    }


def _trigger() -> Schema:
    """A trigger: the key of its kind selects its schema, as for a step."""
    kinds = list(TRIGGERS)
    properties: dict[str, Schema] = {}
    for kind, trigger in TRIGGERS.items():
        properties[kind] = _property(trigger.fields()[kind], trigger.about_itself())
        for key in trigger.keys():  # noqa: SIM118 - a method
            if key not in TRIGGERS:
                properties.setdefault(key, {"doNotSuggest": True})
    return {
        **_described("What starts the workflow: exactly one kind, with its keys."),
        "type": "object",
        "allOf": [
            *({"if": {"required": [kind]}, "then": ref(f"{kind}_trigger")} for kind in kinds),
            {
                "if": {"not": {"anyOf": [{"required": [kind]} for kind in kinds]}},
                "then": {
                    "properties": properties,
                    "additionalProperties": False,
                    "required": [kinds[0]],
                    "errorMessage": f"a trigger needs one kind: {', '.join(kinds)}",
                },
            },
        ],
    }


def _step() -> Schema:
    """A step: the key of its kind selects its schema, so that an editor knows which keys are allowed next to it.

    A choice of seventeen closed objects would mean the same. But editors then try all of them at every level and report
    the best match; here they look at one, and report the problems of the intended kind.
    """
    kinds = list(KINDS)
    return {
        **_described("A step: an `id`, exactly one kind, and the keys allowed next to it."),
        "type": "object",
        "required": ["id"],
        "allOf": [
            *({"if": _is(kind), "then": ref(f"{kind}_step")} for kind in kinds),
            {"if": {"not": {"anyOf": [{"required": [kind]} for kind in kinds]}}, "then": _unfinished()},
        ],
    }


def _is(kind: str) -> Schema:
    """Condition that a step is of that kind; `steps` is a kind only if it does not belong to another kind."""
    owners = [other for other, step in KINDS.items() if other != kind and kind in step.keys()]  # noqa: SIM118 - a method
    if not owners:
        return {"required": [kind]}
    return {"required": [kind], "not": {"anyOf": [{"required": [owner]} for owner in owners]}}


def _unfinished() -> Schema:
    """A step without a kind so far: offers all kinds, and accepts the keys of every kind."""
    properties: dict[str, Schema] = {}
    for kind, step in KINDS.items():
        keys = {key.name: key for key in step.fields().values()}
        properties[kind] = _property(keys.pop(kind), step.about_itself())
        for key in keys.values():
            if key.name in StepBase.keys():  # noqa: SIM118 - a method
                properties.setdefault(key.name, _property(key, ""))
            else:
                properties.setdefault(key.name, {"doNotSuggest": True})
    return {
        "properties": properties,
        "additionalProperties": False,
        "allOf": [{"required": [next(iter(KINDS))], "errorMessage": f"a step needs one kind: {', '.join(KINDS)}"}],
    }


def _compensation() -> Schema:
    return {
        **_described(Compensation.about_itself()),
        "type": "object",
        "allOf": [
            *({"if": {"required": [kind]}, "then": ref(f"{kind}_compensation")} for kind in UNDOING),
            {
                "if": {"not": {"anyOf": [{"required": [kind]} for kind in UNDOING]}},
                "then": {
                    "properties": {kind: _element(KINDS[kind])["properties"][kind] for kind in UNDOING},
                    "required": [next(iter(UNDOING))],
                    "errorMessage": f"a compensation must be one step: {', '.join(UNDOING)}",
                },
            },
            {
                "if": {"properties": {"when": {"const": "started"}}, "required": ["when"]},
                "then": {"required": ["with"]},
            },
        ],
    }


def _undoing(kind: str) -> Schema:
    """A step of that kind as a compensation, without the keys that are not allowed there."""
    step = _element(KINDS[kind])
    when = _property(Compensation.fields()["when"], "")
    kept = {key: value for key, value in step["properties"].items() if key not in EXCLUDED_KEYS}
    return {**step, "properties": {**kept, "when": when}, "required": [key for key in step["required"] if key != "id"]}


_OTHERS: Final[dict[str, Callable[[], Schema]]] = {
    "json_schema": lambda: _readable(json_schema()),
    "step": _step,
    "trigger": _trigger,
    "compensation": _compensation,
    **{f"{kind}_step": partial(_element, step) for kind, step in KINDS.items()},
    **{f"{kind}_trigger": partial(_element, trigger) for kind, trigger in TRIGGERS.items()},
    **{f"{kind}_compensation": partial(_undoing, kind) for kind in UNDOING},
}
"""The schemas of what has several kinds, and of each kind."""
