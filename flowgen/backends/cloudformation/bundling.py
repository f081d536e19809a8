"""The templates of a project as they are deployed: with files in a bucket, and nested where the project says so.

A stack is one template, or the project's: a parent with a nested stack for each workflow. Which of the two is never
decided here: a resource that moves from one stack to another is made anew, so that it is a setting of the project. What
users declare stays in the parent, and with it their data; what is generated for a workflow is in that workflow's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowgen.aws.limits import MAX_DEFINITION_BYTES
from flowgen.backends.cloudformation.functions import CODE_BUCKET
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref, sub
from flowgen.backends.cloudformation.nesting import Nest, circle, nest
from flowgen.backends.cloudformation.policy_sizes import role_excess
from flowgen.backends.cloudformation.sizes import (
    MAX_OPERATION,
    MAX_SECTIONS,
    MAX_TEMPLATE,
    Excess,
    excesses,
    nearly,
)
from flowgen.backends.cloudformation.stack import code_bucket, distinct, parts, stack
from flowgen.backends.cloudformation.surroundings import surroundings
from flowgen.backends.cloudformation.text import to_json
from flowgen.backends.cloudformation.units import Unit
from flowgen.diagnostics import Diagnostic

BUCKET_FOLDER = "flowgen/"
"""Where all files lie in the bucket."""

_NEST = '`stacks = "nested"` under `[tool.flowgen]` gives each workflow a stack of its own; read FG520 before'
_DIVIDE = "move some of its steps into a workflow of their own, which this one runs with `workflow:`"
_SEPARATE = "make a project of its own of some of the workflows"
_PACKAGE = "`flowgen package` puts large definitions into a bucket"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A stack as it is deployed.

    `template` is the one template or the parent, `assets` the files that go to the bucket beside the zips, by name:
    definitions (`place_order-<sha16>.asl.json`) and nested templates (`place_order-<sha16>.template.json`). Their keys
    are these names behind `flowgen/`. With an error among the `findings` it is not fit to be deployed.
    """

    template: dict[str, Any]
    assets: Mapping[str, str]
    findings: tuple[Diagnostic, ...] = ()


def bundle(units: Sequence[Unit], *, nested: bool = False) -> Bundle:
    """The stack of some workflows, of which `findings` told no error (FG520, FG521, FG524, FG525).

    A definition goes to the bucket where the template would be too large with it, or where CloudFormation would hand
    Step Functions a text that is: it lays an object out over lines. Its `DefinitionSubstitutions` stay and hold there
    too (CloudFormation, `AWS::StepFunctions::StateMachine`).
    """
    return _nested(units) if nested else _single(units)


def too_large(units: Sequence[Unit], template: Mapping[str, Any], text: str) -> list[Diagnostic]:
    """What there is to say of the size of a template, written as `text`, that stands alone (FG520, FG521)."""
    told = [
        _error(unit, f"the definition of `{unit.workflow.name}` would be {_too_long(size)}", _PACKAGE)
        for unit in units
        if (size := _laid_out(_definition(unit, template["Resources"]))) > MAX_DEFINITION_BYTES
    ]
    return [*told, *_roles(units, template["Resources"]), *_sizes(units, template, text, _PACKAGE)]


def _single(units: Sequence[Unit]) -> Bundle:
    made = stack(units)
    declared, assets, notes = _with_files(units, made["Resources"], len(to_json(made).encode()))
    template = {**made, "Resources": declared}
    if assets and CODE_BUCKET not in made.get("Parameters", {}):
        asked = {"Parameters": {**code_bucket(), **made.get("Parameters", {})}}
        template = {
            **{key: made[key] for key in _HEAD},
            **asked,
            **{key: made[key] for key in made if key not in asked},
        }
        template["Resources"] = declared
    sizes = _sizes(units, template, to_json(template), _help(units))
    return Bundle(template, assets, (*notes, *_roles(units, declared), *sizes))


def _nested(units: Sequence[Unit]) -> Bundle:
    around = surroundings(units, nested=True)
    generated: dict[str, Mapping[str, Any]] = {}
    assets: dict[str, str] = {}
    found: list[Diagnostic] = []
    for unit in units:
        declared = distinct(parts(unit, around))
        size = len(to_json({"Resources": declared}).encode()) + _BESIDE
        generated[unit.workflow.name], files, notes = _with_files((unit,), declared, size)
        assets |= files
        found += [*notes, *_roles((unit,), declared)]
    made = nest(units, around, generated)
    urls: dict[str, Intrinsic] = {}
    for unit in units:
        name, template = unit.workflow.name, made.children[unit.workflow.name]
        text = to_json(template)
        file = _file(unit, text, "template.json")
        assets[file] = text
        urls[name] = sub(f"https://${{{CODE_BUCKET}}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{BUCKET_FOLDER}{file}")
        found += _over(unit, f"the stack of `{name}`", excesses(template, text), _DIVIDE)
    parent = made.parent(urls)
    text = to_json(parent)
    found += _over(units[-1], "the project's stack", excesses(parent, text), _SEPARATE)
    at = units[-1].workflow.span_of("name")
    near = nearly(parent, text)
    found += [Diagnostic("FG521", f"the project's stack has {one}", at, help=_SEPARATE) for one in near]
    return Bundle(parent, assets, (*_split(units, made), *_circles(units, parent), *found))


def _roles(units: Sequence[Unit], declared: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Roles of machines that may do more than IAM takes."""
    for unit in units:
        ids = unit.machine
        apart = declared.get(ids.own_policy)
        excess = role_excess(declared[ids.role]["Properties"], None if apart is None else apart["Properties"])
        if excess is not None:
            yield Diagnostic(
                "FG505",
                f"the role of `{unit.workflow.name}` would have {excess}",
                unit.workflow.span_of("name"),
                help="divide the workflow: a part of it as a workflow of its own, run by `workflow: NAME`",
            )


def _circles(units: Sequence[Unit], parent: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if names := circle(parent["Resources"]):
        way = " needs ".join(f"`{name}`" for name in names)
        yield Diagnostic(
            "FG523",
            f"of the project's stacks and resources none can be made first: {way}",
            units[0].workflow.span_of("name"),
            help="give one of the resources a name of its own, and refer to it by that name in `!Sub`",
        )


def _split(units: Sequence[Unit], made: Nest) -> Iterator[Diagnostic]:
    """What nesting did, and why."""
    count = sum(len(template["Resources"]) for template in made.children.values()) + len(made.own)
    yield Diagnostic(
        "FG525",
        f"each of {len(units):,} workflows has a nested stack, as `stacks` of the project says",
        None,
        notes=(f"together they have {count:,} resources; CloudFormation allows {MAX_SECTIONS['Resources']} in one",),
    )
    if count > MAX_OPERATION:
        yield Diagnostic(
            "FG521",
            f"the stacks have {count:,} resources together; one deployment may change {MAX_OPERATION:,}",
            units[-1].workflow.span_of("name"),
            help="deploy some of the workflows first, then all",
        )


def _sizes(units: Sequence[Unit], template: Mapping[str, Any], text: str, help_: str) -> Iterator[Diagnostic]:
    over = excesses(template, text)
    only_bytes = all(one.what == "bytes" for one in over)
    yield from _over(units[-1], "the stack", over, help_ if only_bytes else _help(units))
    for one in nearly(template, text) if len(units) > 1 else ():
        yield Diagnostic("FG521", f"the stack has {one}", units[-1].workflow.span_of("name"), help=_NEST)


def _help(units: Sequence[Unit]) -> str:
    return _NEST if len(units) > 1 else _DIVIDE


def _over(unit: Unit, what: str, over: Sequence[Excess], help_: str) -> Iterator[Diagnostic]:
    if over:
        message = f"{what} would have {' and '.join(str(one) for one in over)}"
        yield _error(unit, message, help_)


def _error(unit: Unit, message: str, help_: str) -> Diagnostic:
    return Diagnostic("FG520", message, unit.workflow.span_of("name"), help=help_)


def _with_files(
    units: Sequence[Unit], declared: Mapping[str, Any], size: int
) -> tuple[dict[str, Any], dict[str, str], list[Diagnostic]]:
    """Resources of a template of a `size` in bytes without the definitions for which it has no room.

    Then the files of those, and why they are there.
    """
    whole = size
    made = dict(declared)
    long = {unit.workflow.name: _laid_out(_definition(unit, made)) for unit in units}
    weights = long if size <= MAX_TEMPLATE else {unit.workflow.name: _weight(_definition(unit, made)) for unit in units}
    assets: dict[str, str] = {}
    notes: list[Diagnostic] = []
    for unit in sorted(units, key=lambda unit: -weights[unit.workflow.name]):
        name = unit.workflow.name
        if long[name] > MAX_DEFINITION_BYTES:
            why = f"CloudFormation would make it {_too_long(long[name])}"
        elif size > MAX_TEMPLATE:
            why = f"with all definitions the template has {Excess('bytes', whole, MAX_TEMPLATE)}"
        else:
            continue
        text = _file_text(_definition(unit, made))
        file = _file(unit, text, "asl.json")
        assets[file] = text
        made[unit.machine.machine] = _elsewhere(made[unit.machine.machine], f"{BUCKET_FOLDER}{file}")
        size -= weights[name] - _LOCATION
        at = unit.workflow.span_of("name")
        notes.append(Diagnostic("FG524", f"the definition of `{name}` goes to the bucket", at, notes=(why,)))
    return made, assets, notes


_HEAD = ("AWSTemplateFormatVersion", "Description")
_BESIDE = 50_000
"""Bytes that the parameters, outputs and description of a nested stack may take."""
_LOCATION = 300
"""Bytes that the place of a definition takes in a template, at most."""
_COMPACT = MAX_DEFINITION_BYTES // 16
"""Bytes that no definition has which could be too long laid out over lines."""


def _definition(unit: Unit, declared: Mapping[str, Any]) -> Any:
    return declared[unit.machine.machine]["Properties"]["Definition"]


def _too_long(size: int) -> str:
    return f"a text of {size:,} bytes; Step Functions takes {MAX_DEFINITION_BYTES:,}"


def _laid_out(definition: Any) -> int:
    """The bytes of a definition as CloudFormation's handler writes it, at most; 0 for one that is small anyway.

    Jackson's `DefaultPrettyPrinter`: lines indented by two, ` : `, and arrays on fewer lines than here.
    """
    if len(json.dumps(definition, ensure_ascii=False, separators=(",", ":"))) < _COMPACT:
        return 0
    return len(json.dumps(definition, ensure_ascii=False, indent=2, separators=(",", " : ")).encode())


def _weight(definition: Any) -> int:
    """The bytes of a definition as it stands in a template, four levels deep."""
    text = json.dumps(definition, ensure_ascii=False, indent=2)
    return len(text.encode()) + 8 * text.count("\n")


def _file_text(definition: Any) -> str:
    """A definition as the file from which it is read in the encoding of whatever machine reads it: so in ASCII.

    One that is too large for that is in UTF-8. Source: `DefinitionProcessor`, as in `definition`.
    """
    text = json.dumps(definition, separators=(",", ":"))
    if len(text) <= MAX_DEFINITION_BYTES:
        return text
    return json.dumps(definition, ensure_ascii=False, separators=(",", ":"))


def _file(unit: Unit, text: str, suffix: str) -> str:
    return f"{unit.workflow.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.{suffix}"


def _elsewhere(machine: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A machine with its definition in the bucket."""
    location = {"DefinitionS3Location": {"Bucket": ref(CODE_BUCKET), "Key": key}}
    properties: dict[str, Any] = {}
    for name, value in machine["Properties"].items():
        properties |= location if name == "Definition" else {name: value}
    return {**machine, "Properties": properties}
