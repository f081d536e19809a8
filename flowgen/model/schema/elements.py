"""The classes of the model as closed objects; the key of its kind selects the schema of a step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flowgen.model.element import Element, Key, Read
from flowgen.model.functions import Defaults, Function, Sizing, TaskDefaults, Vpc
from flowgen.model.operations import Alarm, Alarms, Deployment, Encryption, Logging
from flowgen.model.schema.shapes import DEFINITIONS, Schema, exclusive, json_schema, ref, shape
from flowgen.model.steps import (
    KINDS,
    Batch,
    Branch,
    Catcher,
    Compensation,
    Raised,
    Reader,
    Retrier,
    Rounds,
    StepBase,
    Tolerance,
    Until,
    Writer,
)
from flowgen.model.steps.compensation import BESIDE, UNDOING
from flowgen.model.triggers import (
    TRIGGERS,
    Batching,
    Cors,
    Delivery,
    Jwt,
    Response,
    SnsFilter,
    StreamDelivery,
    Throttle,
    TriggerBase,
)
from flowgen.model.workflow import Library, Workflow

_ELEMENTS: Final[tuple[type[Element], ...]] = (
    Defaults,
    TaskDefaults,
    Function,
    Sizing,
    Vpc,
    Alarms,
    Alarm,
    Logging,
    Encryption,
    Deployment,
    Retrier,
    Catcher,
    Until,
    Branch,
    Raised,
    Reader,
    Batch,
    Writer,
    Tolerance,
    Rounds,
    Delivery,
    StreamDelivery,
    Batching,
    SnsFilter,
    Jwt,
    Cors,
    Throttle,
    Response,
)

_MORE: Final[dict[type[Element], Schema]] = {
    Catcher: {
        "if": {"required": ["handler"]},
        "then": {"properties": {"steps": False}},
        "else": {"required": ["steps"]},
    },
    Rounds: {**exclusive("until", "while"), "dependencies": {"first": ["every"]}},
    SnsFilter: {"minProperties": 1, "maxProperties": 1},
}
"""Constraints between the keys of an element."""


def workflow_schema() -> Schema:
    """The JSON Schema of a workflow file, and of a file that workflows import."""
    whole = _element(Workflow)
    alone = [key for key in Workflow.keys() if key not in Library.keys()]  # noqa: SIM118 - methods
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "flowgen workflow",
        **whole,
        "required": [key for key in whole["required"] if key not in alone],
        # A file without any of the workflow's own keys is meant to be imported.
        "if": {"anyOf": [{"required": [key]} for key in alone]},
        "then": {"required": [key for key in whole["required"] if key in alone]},
        "definitions": dict(sorted(_definitions())),
    }


def _definitions() -> Iterator[tuple[str, Schema]]:
    yield from ((name, _readable(schema)) for name, schema in DEFINITIONS.items())
    yield "json_schema", _readable(json_schema())
    yield from ((_name(element), _element(element)) for element in _ELEMENTS)
    yield "trigger", _trigger()
    yield from ((f"{kind}_trigger", _element(trigger)) for kind, trigger in TRIGGERS.items())
    yield "step", _step()
    yield from ((f"{kind}_step", _element(step)) for kind, step in KINDS.items())
    yield "compensation", _compensation()
    yield from ((f"{kind}_compensation", _undoing(kind)) for kind in UNDOING)


def _name(element: type[Element]) -> str:
    return element.__name__.lower()


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
        **_MORE.get(element, {}),
    }


def _property(key: Key, before: str) -> Schema:
    schema = shape(key.value.read) if isinstance(key.value, Read) else ref(_name(key.value))
    form = DEFINITIONS.get(schema.get("$ref", "").rpartition("/")[2], {}).get("description", "")
    more: dict[str, Any] = {}
    if isinstance(key.default, str | int | float) and not isinstance(key.default, bool):
        more["default"] = key.default
    if key.examples:
        more["examples"] = list(key.examples)
    return {**_described(before, key.about, form), **_readable(schema), **more}


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
    kept = {key: value for key, value in step["properties"].items() if key not in BESIDE}
    return {**step, "properties": {**kept, "when": when}, "required": [key for key in step["required"] if key != "id"]}
