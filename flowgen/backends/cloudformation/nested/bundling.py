"""The templates of a project as they are deployed: with files in a bucket, and nested if the settings require it.

A stack is either one template, or a parent with a nested stack per workflow. The project's settings choose, never this
module: moving a resource between stacks replaces it. What users declare stays in the parent, with their data; what is
generated for a workflow is in that workflow's stack.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowgen.aws.limits import MAX_DEFINITION_BYTES
from flowgen.backends.cloudformation.iam.policy_sizes import role_excess
from flowgen.backends.cloudformation.intrinsics import Intrinsic, ref, sub
from flowgen.backends.cloudformation.nested.stacks import Nest, nest
from flowgen.backends.cloudformation.template.build import build_template, code_bucket, distinct, parts
from flowgen.backends.cloudformation.template.cycles import cycle_in
from flowgen.backends.cloudformation.template.functions import CODE_BUCKET
from flowgen.backends.cloudformation.template.override_targets import full_context
from flowgen.backends.cloudformation.template.template_limits import (
    MAX_OPERATION,
    MAX_SECTIONS,
    MAX_TEMPLATE,
    Usage,
    near_limit,
    over_limit,
)
from flowgen.backends.cloudformation.text import to_json
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.diagnostics import Diagnostic

BUCKET_FOLDER = "flowgen/"
"""The prefix of all keys in the bucket."""

_NEST = 'set `stacks = "nested"` under `[tool.flowgen]` to give each workflow its own stack (read FG520 first)'
_DIVIDE = "move some of its steps into a separate workflow, and run that with `workflow:`"
_SEPARATE = "move some of the workflows into a separate project"
_PACKAGE = "use `flowgen package`, which puts large definitions into a bucket"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A stack as it is deployed.

    `template` is the only template or the parent. `assets` has the text of the files to upload with the zips, by name:
    definitions (`place_order-<sha16>.asl.json`) and nested templates (`place_order-<sha16>.template.json`); their keys
    are these names after `flowgen/`. Do not deploy if `findings` has an error.
    """

    template: dict[str, Any]
    assets: Mapping[str, str]
    findings: tuple[Diagnostic, ...] = ()


def bundle(stacks: Sequence[WorkflowStack], *, nested: bool = False) -> Bundle:
    """The stack of workflows in which `findings` found no error; reports FG505, FG520, FG521, FG523, FG524, FG525.

    A definition goes to the bucket if the template would be too large with it, or if CloudFormation, which
    pretty-prints definitions, would exceed the limit of Step Functions. `DefinitionSubstitutions` stay in the template
    and apply to the file too (CloudFormation, `AWS::StepFunctions::StateMachine`).
    """
    return _nested(stacks) if nested else _single(stacks)


def too_large(stacks: Sequence[WorkflowStack], template: Mapping[str, Any], text: str) -> list[Diagnostic]:
    """The limits that a single template, written as `text`, exceeds or nearly reaches (FG505, FG520, FG521)."""
    definitions = [
        _error(stack, f"the definition of `{stack.workflow.name}` would be {_too_long(size)}", _PACKAGE)
        for stack in stacks
        if (size := _laid_out(_definition(stack, template["Resources"]))) > MAX_DEFINITION_BYTES
    ]
    return [*definitions, *_roles(stacks, template["Resources"]), *_sizes(stacks, template, text, _PACKAGE)]


def _single(stacks: Sequence[WorkflowStack]) -> Bundle:
    made = build_template(stacks)
    declared, assets, notes = _with_files(stacks, made["Resources"], len(to_json(made).encode()))
    template = {**made, "Resources": declared}
    if assets and CODE_BUCKET not in made.get("Parameters", {}):
        asked = {"Parameters": {**code_bucket(), **made.get("Parameters", {})}}
        template = {
            **{key: made[key] for key in _HEAD},
            **asked,
            **{key: made[key] for key in made if key not in asked},
        }
        template["Resources"] = declared
    sizes = _sizes(stacks, template, to_json(template), _help(stacks))
    return Bundle(template, assets, (*notes, *_roles(stacks, declared), *sizes))


def _nested(stacks: Sequence[WorkflowStack]) -> Bundle:
    context = full_context(stacks, nested=True)
    generated: dict[str, Mapping[str, Any]] = {}
    assets: dict[str, str] = {}
    found: list[Diagnostic] = []
    for stack in stacks:
        declared = distinct(parts(stack, context))
        size = len(to_json({"Resources": declared}).encode()) + _OTHER_SECTIONS
        generated[stack.workflow.name], files, notes = _with_files((stack,), declared, size)
        assets |= files
        found += [*notes, *_roles((stack,), declared)]
    made = nest(stacks, context, generated)
    urls: dict[str, Intrinsic] = {}
    for stack in stacks:
        name, template = stack.workflow.name, made.children[stack.workflow.name]
        text = to_json(template)
        file = _file(stack, text, "template.json")
        assets[file] = text
        urls[name] = sub(f"https://${{{CODE_BUCKET}}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{BUCKET_FOLDER}{file}")
        found += _over(stack, f"the stack of `{name}`", over_limit(template, text), _DIVIDE)
    parent = made.parent(urls)
    text = to_json(parent)
    found += _over(stacks[-1], "the project's stack", over_limit(parent, text), _SEPARATE)
    at = stacks[-1].workflow.span_of("name")
    near = near_limit(parent, text)
    found += [Diagnostic("FG521", f"the project's stack has {usage}", at, help=_SEPARATE) for usage in near]
    return Bundle(parent, assets, (*_split(stacks, made), *_cycles(stacks, parent), *found))


def _roles(stacks: Sequence[WorkflowStack], declared: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """FG505 for each state machine role whose policies exceed IAM's quotas."""
    for stack in stacks:
        ids = stack.machine
        own = declared.get(ids.own_policy)
        excess = role_excess(declared[ids.role]["Properties"], None if own is None else own["Properties"])
        if excess is not None:
            yield Diagnostic(
                "FG505",
                f"the role of `{stack.workflow.name}` would have {excess}",
                stack.workflow.span_of("name"),
                help=_DIVIDE,
            )


def _cycles(stacks: Sequence[WorkflowStack], parent: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if names := cycle_in(parent["Resources"]):
        path = " needs ".join(f"`{name}`" for name in names)
        yield Diagnostic(
            "FG523",
            f"circular dependency between the project's stacks and resources: {path}",
            stacks[0].workflow.span_of("name"),
            help="set the name of one of the resources, and refer to it by that name in `!Sub`",
        )


def _split(stacks: Sequence[WorkflowStack], made: Nest) -> Iterator[Diagnostic]:
    """FG525: that stacks are nested, and why; FG521 if one operation cannot change them all."""
    count = sum(len(template["Resources"]) for template in made.children.values()) + len(made.own)
    yield Diagnostic(
        "FG525",
        f"each of {len(stacks):,} workflows has a nested stack, because of the project setting `stacks`",
        None,
        notes=(f"together they have {count:,} resources; CloudFormation allows {MAX_SECTIONS['Resources']} per stack",),
    )
    if count > MAX_OPERATION:
        yield Diagnostic(
            "FG521",
            f"the stacks have {count:,} resources in total; one deployment can change {MAX_OPERATION:,}",
            stacks[-1].workflow.span_of("name"),
            help="deploy some of the workflows first, then all of them",
        )


def _sizes(stacks: Sequence[WorkflowStack], template: Mapping[str, Any], text: str, help_: str) -> Iterator[Diagnostic]:
    over = over_limit(template, text)
    only_bytes = all(usage.what == "bytes" for usage in over)
    yield from _over(stacks[-1], "the stack", over, help_ if only_bytes else _help(stacks))
    for usage in near_limit(template, text) if len(stacks) > 1 else ():
        yield Diagnostic("FG521", f"the stack has {usage}", stacks[-1].workflow.span_of("name"), help=_NEST)


def _help(stacks: Sequence[WorkflowStack]) -> str:
    return _NEST if len(stacks) > 1 else _DIVIDE


def _over(stack: WorkflowStack, what: str, over: Sequence[Usage], help_: str) -> Iterator[Diagnostic]:
    if over:
        message = f"{what} would have {' and '.join(map(str, over))}"
        yield _error(stack, message, help_)


def _error(stack: WorkflowStack, message: str, help_: str) -> Diagnostic:
    return Diagnostic("FG520", message, stack.workflow.span_of("name"), help=help_)


def _with_files(
    stacks: Sequence[WorkflowStack], declared: Mapping[str, Any], size: int
) -> tuple[dict[str, Any], dict[str, str], list[Diagnostic]]:
    """Moves definitions out of a template of `size` bytes until it fits.

    Returns the resources, the files with the definitions, and a note for each of them.
    """
    whole = size
    made = dict(declared)
    long = {stack.workflow.name: _laid_out(_definition(stack, made)) for stack in stacks}
    weights = (
        long if size <= MAX_TEMPLATE else {stack.workflow.name: _weight(_definition(stack, made)) for stack in stacks}
    )
    assets: dict[str, str] = {}
    notes: list[Diagnostic] = []
    for stack in sorted(stacks, key=lambda stack: -weights[stack.workflow.name]):
        name = stack.workflow.name
        if long[name] > MAX_DEFINITION_BYTES:
            why = f"CloudFormation would expand it to {_too_long(long[name])}"
        elif size > MAX_TEMPLATE:
            why = f"with all definitions the template has {Usage('bytes', whole, MAX_TEMPLATE)}"
        else:
            continue
        text = _file_text(_definition(stack, made))
        file = _file(stack, text, "asl.json")
        assets[file] = text
        made[stack.machine.machine] = _in_bucket(made[stack.machine.machine], f"{BUCKET_FOLDER}{file}")
        size -= weights[name] - _LOCATION
        at = stack.workflow.span_of("name")
        notes.append(Diagnostic("FG524", f"the definition of `{name}` goes to the bucket", at, notes=(why,)))
    return made, assets, notes


_HEAD = ("AWSTemplateFormatVersion", "Description")
_OTHER_SECTIONS = 50_000
"""Upper bound in bytes of a nested stack's parameters, outputs and description."""
_LOCATION = 300
"""Upper bound in bytes of a definition's location in a template."""
_COMPACT = MAX_DEFINITION_BYTES // 16
"""Below this size in bytes, no definition is too long once it is pretty-printed."""


def _definition(stack: WorkflowStack, declared: Mapping[str, Any]) -> Any:
    return declared[stack.machine.machine]["Properties"]["Definition"]


def _too_long(size: int) -> str:
    return f"{size:,} bytes; Step Functions allows {MAX_DEFINITION_BYTES:,}"


def _laid_out(definition: Any) -> int:
    """Upper bound in bytes of a definition as CloudFormation's handler writes it; 0 for a small one.

    The handler uses Jackson's `DefaultPrettyPrinter`: indentation of two, ` : `, and arrays on fewer lines than here.
    """
    if len(json.dumps(definition, ensure_ascii=False, separators=(",", ":"))) < _COMPACT:
        return 0
    return len(json.dumps(definition, ensure_ascii=False, indent=2, separators=(",", " : ")).encode())


def _weight(definition: Any) -> int:
    """The bytes of a definition in a template, where it is four levels deep."""
    text = json.dumps(definition, ensure_ascii=False, indent=2)
    return len(text.encode()) + 8 * text.count("\n")


def _file_text(definition: Any) -> str:
    """The file for a definition, in ASCII, since its reader uses the default encoding of the machine it runs on.

    A definition too large for that is in UTF-8. Source: `DefinitionProcessor`, as in `template.definition`.
    """
    text = json.dumps(definition, separators=(",", ":"))
    if len(text) <= MAX_DEFINITION_BYTES:
        return text
    return json.dumps(definition, ensure_ascii=False, separators=(",", ":"))


def _file(stack: WorkflowStack, text: str, suffix: str) -> str:
    return f"{stack.workflow.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.{suffix}"


def _in_bucket(machine: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A state machine whose definition is in the bucket."""
    location = {"DefinitionS3Location": {"Bucket": ref(CODE_BUCKET), "Key": key}}
    properties: dict[str, Any] = {}
    for name, value in machine["Properties"].items():
        properties |= location if name == "Definition" else {name: value}
    return {**machine, "Properties": properties}
