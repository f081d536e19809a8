"""What AWS would refuse in the stack, told at the workflow's lines before a template is built."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flowgen.aws.iam_calls import BEYOND
from flowgen.backends.cloudformation.alarms import alarm_id, alarms_of
from flowgen.backends.cloudformation.circles import circular
from flowgen.backends.cloudformation.functions import CODE_BUCKET, code_parameters
from flowgen.backends.cloudformation.grants import derive, is_met
from flowgen.backends.cloudformation.machines import activity_name
from flowgen.backends.cloudformation.nesting import stack_id
from flowgen.backends.cloudformation.references import PSEUDO, check_references, references
from flowgen.backends.cloudformation.sizing import name_span, setting_span, settings
from flowgen.backends.cloudformation.stack import output_names, stack
from flowgen.backends.cloudformation.surroundings import PROJECT_STACK, Surroundings, parameters, surroundings
from flowgen.backends.cloudformation.trigger_findings import trigger_findings, trigger_span
from flowgen.backends.cloudformation.trigger_ids import all_ids
from flowgen.backends.cloudformation.units import Unit
from flowgen.diagnostics import Diagnostic, Label, Sink, Span
from flowgen.model import Alarm, Asl, Aws, Function
from flowgen.model.element import listed
from flowgen.model.steps import kind_span
from flowgen.source import Mapping

# Lambda developer guide, "Lambda quotas", and API reference, `CreateFunction`.
MEMORY = range(128, 10_240 + 1)
TIMEOUT = range(1, 900 + 1)
ENVIRONMENT = 4096
HANDLER = 128
# Lambda developer guide, "Working with Lambda environment variables": reserved environment variables.
RESERVED_VARIABLES = frozenset({
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
})  # fmt: skip
ACTIVITY_NAME = 80
"""Characters (Step Functions API reference, `CreateActivity`)."""
_HOUR, _DAY, _WEEK = 3600, 86_400, 604_800


def findings(units: Sequence[Unit], *, nested: bool = False, beyond: bool = True) -> list[Diagnostic]:
    """Collisions of names, limits that are exceeded, permissions that can't be derived, sorted by place.

    Without errors `stack` may build the template, or `bundle` the `nested` ones. `beyond` asks for the permissions too
    that a service needs for what no argument of a call names.
    """
    sink = Sink()
    around = surroundings(units, nested=nested)
    owners = list(_owners(units, around))
    sink.extend(_collisions(owners))
    ids = _ids(units, owners)
    for unit in units:
        sink.extend(check_references(unit, ids.__contains__, ids))
        sink.extend(_alarms(unit))
        for name, function in unit.deployed():
            sink.extend(_function(unit, name, function))
        sink.extend(_activities(unit))
        sink.extend(_needs(unit, around, beyond=beyond))
        sink.extend(trigger_findings(unit))
    sink.extend(_named(units))
    if not sink.failed:
        sink.extend(circular(units, _with_references(units)))
    return list(sink)


def unknown_references(units: Sequence[Unit], *, nested: bool = False) -> list[Diagnostic]:
    """FG503 alone."""
    ids = _ids(units, list(_owners(units, surroundings(units, nested=nested))))
    return [one for unit in units for one in check_references(unit, ids.__contains__, ids)]


def _ids(units: Sequence[Unit], owners: Iterable[_Owner]) -> dict[str, str]:
    """The logical ids of the stack, with what each is of."""
    absent = {name for unit in units for name in unit.absent()}
    return {name: owner.what for owner in owners for name in owner.logical_ids if name not in absent}


def _with_references(units: Sequence[Unit]) -> dict[str, Any]:
    """The template as far as its resources may be in a circle: all of it only where a reference is to one of ours."""
    own = {name: one.content for unit in units for name, one in unit.workflow.resources.items()}
    given = {*own, *PSEUDO, *(name for unit in units for name in unit.workflow.parameters)}
    if all(one.name in given for unit in units for one in references(unit.workflow) if one.kind == "value"):
        return {"Resources": own}
    return stack(units)


def _collisions(all_owners: Sequence[_Owner]) -> Iterator[Diagnostic]:
    owners: dict[str, _Owner] = {}
    told = set()
    for owner in all_owners:
        for logical_id in owner.logical_ids:
            other = owners.setdefault(logical_id, owner)
            alike = other is owner or (owner.content is not None and owner.content == other.content)
            if not alike and (other.span, owner.span) not in told:
                told.add((other.span, owner.span))
                yield Diagnostic(
                    "FG501",
                    f"{owner.what} and {other.what} would both be `{logical_id}` in the stack",
                    owner.span,
                    secondary=(Label(other.span, f"also `{logical_id}`"),),
                    help="rename one of them",
                )


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who has entries of the template: what it is in words, where its name stands, the logical ids.

    `content` is what a user wrote: the same thing may be said by several workflows.
    """

    what: str
    span: Span
    logical_ids: tuple[str, ...]
    content: Any = None


def _owners(units: Sequence[Unit], around: Surroundings) -> Iterator[_Owner]:
    for unit in units:
        name = unit.workflow.name
        alarms = tuple(alarm_id(unit, alarm) for alarm in alarms_of(unit))
        yield _Owner(f"the machine of `{name}`", unit.workflow.span_of("name"), (*unit.machine.all(), *alarms))
        if around.nested:
            yield _Owner(f"the stack of `{name}`", unit.workflow.span_of("name"), (stack_id(name),))
    for unit in units:
        for name, _ in unit.deployed():
            what = f"the function `{name}` of `{unit.workflow.name}`"
            versions = filter(re.compile(unit.function(name).version("[0-9a-f]+")).fullmatch, around.resources)
            yield _Owner(what, _name_span(unit, name), (*unit.function(name).all(), *versions))
        for name, _ in unit.activities():
            what = f"the activity `{name}` of `{unit.workflow.name}`"
            yield _Owner(what, _name_span(unit, name), (unit.activity(name),))
    for unit in units:
        for name, trigger in unit.workflow.triggers.items():
            what = f"the trigger `{name}` of `{unit.workflow.name}`"
            yield _Owner(what, trigger_span(unit.workflow, name), all_ids(unit, name, trigger))
    asked = parameters(units, around)
    if asked:
        yield _Owner("what the stack asks for", units[0].workflow.span_of("name"), tuple(asked))
    code = code_parameters(units)
    if around.nested:
        code = (*dict.fromkeys((CODE_BUCKET, *code)), PROJECT_STACK)
    if code:
        yield _Owner("what the stack asks for", units[0].workflow.span_of("name"), code)
    for unit in units:
        for kind, section in (("parameter", unit.workflow.parameters), ("resource", unit.workflow.resources)):
            for name, declared in section.items():
                yield _Owner(f"the {kind} `{name}`", declared.key.span, (name,), (kind, declared.content))


@dataclass(frozen=True, slots=True)
class Origin:
    """What a resource of the stack was made for, in words, and where that stands."""

    what: str
    span: Span


def origins(units: Sequence[Unit], resources: Iterable[str], *, nested: bool = False) -> dict[str, Origin]:
    """The origin of each resource of a stack, by logical id.

    One that goes with another, as a version with its function, has a name that begins as that one's does.
    """
    owned = [
        (logical_id, owner)
        for owner in _owners(units, surroundings(units, nested=nested))
        for logical_id in owner.logical_ids
    ]
    exact = dict(reversed(owned))
    found = {}
    for name in resources:
        owner = exact.get(name)
        if owner is None:
            owner = max(owned, key=lambda one: _alike(one[0], name))[1]
        found[name] = Origin(owner.what, owner.span)
    return found


def _alike(one: str, other: str) -> int:
    """How many characters two names have in common at their start."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _named(units: Sequence[Unit]) -> Iterator[Diagnostic]:
    """Outputs, conditions and mappings, which have names of their own each."""
    for section in ("outputs", "conditions", "mappings"):
        owners = []
        if section == "outputs":
            for unit in units:
                ids = tuple(output_names(unit))
                owners.append(_Owner(f"an output of `{unit.workflow.name}`", unit.workflow.span_of("name"), ids))
        for unit in units:
            for name, declared in getattr(unit.workflow, section).items():
                owners.append(_Owner(f"the {section[:-1]} `{name}`", declared.key.span, (name,), declared.content))
        yield from _collisions(owners)


def _activities(unit: Unit) -> Iterator[Diagnostic]:
    for name, _ in unit.activities():
        made = activity_name(unit, name)
        if len(made) >= ACTIVITY_NAME:
            yield Diagnostic(
                "FG401",
                f"the name of the activity `{name}`, the stack's and `{made}`, would have more than"
                f" {ACTIVITY_NAME} characters",
                _name_span(unit, name),
                help="shorten the name of the function or of the workflow",
            )


def _needs(unit: Unit, around: Surroundings, *, beyond: bool) -> Iterator[Diagnostic]:
    """What the machine's role needs and can't be derived, where no statement of the user allows it."""
    for need in derive(unit, around)[1]:
        if is_met(need, unit) or (not beyond and need.reason in BEYOND.values()):
            continue
        what = listed(need.actions) if need.actions else "what this does"
        own = isinstance(need.step, Aws | Asl)
        actions = f"[{', '.join(need.actions)}]" if len(need.actions) > 1 else "".join(need.actions) or "…"
        yield Diagnostic(
            "FG502",
            f"permission for {what} can't be derived: {need.reason}",
            unit.workflow.span_of("name") if need.step is None else kind_span(need.step),
            help=f"say it in `policies`, {'beside the step' if own else 'at the top of the workflow'}:"
            f" `{{Effect: Allow, Action: {actions}, Resource: …}}`",
        )


def _name_span(unit: Unit, function: str) -> Span:
    return name_span(unit.workflow, function)


def _function(unit: Unit, name: str, function: Function) -> Iterator[Diagnostic]:
    made = settings(unit.workflow, function)

    def where(key: str) -> Span:
        return setting_span(unit.workflow, function, key)

    if made.memory not in MEMORY:
        yield Diagnostic(
            "FG402", f"Lambda gives a function {MEMORY[0]} to {MEMORY[-1]:,} MiB of memory", where("memory")
        )
    if made.timeout not in TIMEOUT:
        yield Diagnostic(
            "FG402",
            f"a Lambda function may run for 1 second to 15 minutes, not {made.timeout:,} seconds",
            where("timeout"),
            help="a longer wait belongs into the workflow: a `wait` step costs nothing",
        )
    texts = {name: value for name, value in made.environment.items() if isinstance(value, str)}
    size = len(json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode())
    if size > ENVIRONMENT:
        yield Diagnostic(
            "FG402",
            f"the environment of a Lambda function may have {ENVIRONMENT:,} bytes; here it has {size:,}",
            where("environment"),
            help="keep what is large in a file of the code, or in the Parameter Store",
        )
    for variable in made.environment:
        if variable in RESERVED_VARIABLES:
            yield _variable(unit, function, variable, "Lambda keeps it for itself")
    if list(made.environment) == ["Ref"]:
        yield _variable(unit, function, "Ref", "CloudFormation would take it for a reference")
    handler = unit.handlers[name]
    if len(handler) > HANDLER:
        yield Diagnostic(
            "FG401",
            f"the handler of `{name}`, `{handler}`, has {len(handler)} characters; Lambda allows {HANDLER}",
            _name_span(unit, name),
            help="shorten the name of the function, of the workflow or of the package",
        )


def _variable(unit: Unit, function: Function, name: str, reason: str) -> Diagnostic:
    own = function.node.get("environment")
    entry = own.entry(name) if isinstance(own, Mapping) else None
    at = setting_span(unit.workflow, function, "environment") if entry is None else entry.key.span
    return Diagnostic("FG107", f"no environment variable can be called `{name}`: {reason}", at)


def _alarms(unit: Unit) -> Iterator[Diagnostic]:
    """CloudWatch API reference, `PutMetricAlarm`: what an alarm looks at is a day, or a week of whole hours."""
    written = unit.workflow.alarms
    for name, alarming in alarms_of(unit).items():
        own = getattr(written, name, None)
        most = _WEEK if alarming.period >= _HOUR else _DAY
        if isinstance(own, Alarm) and alarming.period * alarming.periods > most:
            yield Diagnostic(
                "FG402",
                f"an alarm may look at {'a week' if most == _WEEK else 'a day'}, and this one looks at"
                f" {alarming.periods:,} times {alarming.period:,} seconds",
                own.node.span,
                help="fewer periods, or longer ones" if most == _DAY else "fewer periods, or shorter ones",
            )
