"""Error names in `catch` and `retry`: the steps must be able to raise each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import assert_never

from flowgen.asl.integrations import OPTIMIZED
from flowgen.asl.reserved_errors import RESERVED_ERRORS
from flowgen.aws.error_names import SDK, ErrorNames, error_names
from flowgen.aws.errors import LAMBDA_ERRORS
from flowgen.check.names import MOST_GUESSES, tasks
from flowgen.diagnostics import Diagnostic, did_you_mean, replacing
from flowgen.model import (
    Asl,
    Aws,
    Break,
    Call,
    Continue,
    Fail,
    ForEach,
    Group,
    Http,
    Literal,
    Match,
    Parallel,
    Raised,
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Wait,
    Workflow,
    catchers_of,
    every_step,
    own_bodies,
    retriers_of,
    undoing_of,
)
from flowgen.model.element import listed
from flowgen.model.raised import LIMIT_EXCEEDED, raised_by
from flowgen.model.steps import ANY_ERROR
from flowgen.source import Mapping as MappingNode
from flowgen.source import Scalar, Sequence

_ALONE: Mapping[str, Workflow] = MappingProxyType({})
_AWS_ERRORS = sorted(RESERVED_ERRORS.keys() | LAMBDA_ERRORS)
_AWS_PREFIXES = ("States.", "Lambda.")
_STATUS = re.compile(r"States\.Http\.StatusCode\.[1-5][0-9][0-9]")
_COMMON_ERRORS = """
    AccessDenied ExpiredToken InternalError InternalFailure InvalidSignature RequestLimitExceeded ServiceUnavailable
    SlowDown Throttling ThrottlingError TooManyRequests UnrecognizedClient Validation
"""
_UNMODELLED = frozenset(f"{name}Exception" for name in _COMMON_ERRORS.split())
"""Errors common to all services (API references, "Common errors"), which are not in the models of their APIs."""

_NEAR, _VERY_NEAR = 0.8, 0.93
"""The similarity (at most 1) from which a name may be a typo of another; without and with the common suffix."""


def check_errors(workflow: Workflow, others: Mapping[str, Workflow] = _ALONE) -> Iterator[Diagnostic]:
    """FG207: names in `catch` and `retry` that the steps cannot raise. `others` are the project's workflows."""
    problems = (
        problem
        for place in _places(workflow, others)
        for name in _names(place.owner)
        if (problem := _Checker(workflow, place).problem(name)) is not None
    )
    for reported, problem in enumerate(problems):
        guess = did_you_mean(problem.name.text, problem.meant) if problem.meant and reported < MOST_GUESSES else None
        otherwise = f"declare a function's errors under the function; `{ANY_ERROR}` matches every error"
        yield Diagnostic(
            "FG207",
            problem.message,
            problem.name.span,
            notes=problem.notes,
            help=problem.help or (f"did you mean `{guess}`?" if guess else otherwise),
            fix=replacing(problem.name.span, problem.new or (None if problem.help else guess)),
        )


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors of steps: the workflow's own names (None: any name), and the AWS services that they call."""

    names: frozenset[str] | None = frozenset()
    services: frozenset[str] = frozenset()
    others: bool = False
    """Whether other error names are possible that neither AWS nor the workflow declares, such as those of a library."""

    def __or__(self, other: Errors) -> Errors:
        names = None if self.names is None or other.names is None else self.names | other.names
        return Errors(names, self.services | other.services, self.others or other.others)


@dataclass(frozen=True, slots=True)
class _Place:
    """A mapping with `errors`, the errors that can be raised there, and its owner."""

    owner: MappingNode
    errors: Errors
    where: str
    declared: frozenset[str] = frozenset()
    """Names that are declared there, although others are possible."""
    child: str | None = None
    """The workflow whose errors a `retry` cannot see."""


@dataclass(frozen=True, slots=True)
class _Problem:
    name: Scalar
    message: str
    help: str | None = None
    notes: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    new: str | None = None
    """The name that is certainly intended."""


def _names(owner: MappingNode) -> Iterator[Scalar]:
    written = owner.get("errors")
    items = written.items if isinstance(written, Sequence) else () if written is None else (written,)
    return (item for item in items if isinstance(item, Scalar))


def _places(workflow: Workflow, others: Mapping[str, Workflow]) -> Iterator[_Place]:
    raisable = _Raisable(workflow, others)
    for step in every_step(workflow):
        undoing = undoing_of(step)
        for one, where in ((step, f"`{step.id}`"), (undoing, f"the compensation of `{step.id}`")):
            if one is None:
                continue
            errors, declared = raisable.of(one), _declared(workflow, one)
            for catcher in catchers_of(one):
                yield _Place(catcher.node, errors, where, declared)
            child = one.workflow if isinstance(one, RunWorkflow) else None
            for retrier in retriers_of(one) or ():
                yield _Place(retrier.node, errors, where, declared, child)
    for catcher in workflow.catch:
        yield _Place(catcher.node, raisable.together(workflow.steps), "the workflow")
    declared_by = {name: frozenset(error.name for error in one.errors) for name, one in workflow.functions.items()}
    for name, function in workflow.functions.items():
        for retrier in function.retry or ():
            yield _Place(retrier.node, Errors(declared_by[name], others=True), f"the function `{name}`")
    for retrier in (workflow.defaults.retry or ()) if workflow.defaults else ():
        every = frozenset[str]().union(*declared_by.values())
        yield _Place(retrier.node, Errors(every, others=True), "a function")
    for kind, defaults in workflow.defaults.of_kinds() if workflow.defaults else ():
        steps = tuple(step for step in tasks(workflow) if step.kind == kind)
        for retrier in (defaults.retry or ()) if steps else ():
            yield _Place(
                retrier.node, raisable.together(steps), f"an `{kind}` step" if kind == "aws" else f"a `{kind}` step"
            )


def _declared(workflow: Workflow, step: Step) -> frozenset[str]:
    function = workflow.functions.get(step.function) if isinstance(step, Call) else None
    return frozenset() if function is None else frozenset(error.name for error in function.errors)


class _Raisable:
    """The errors that steps can raise."""

    def __init__(self, workflow: Workflow, others: Mapping[str, Workflow]) -> None:
        self.workflow, self.others = workflow, others

    def of(self, step: Step) -> Errors:
        """The errors of a step.

        Functions declare their errors, `fail` creates them, and loops run out of rounds. An answer to a task token may
        fail with any error. A distributed Map replaces its items' errors with an AWS error.
        """
        match step:
            case Call(callback=None):
                return Errors(_declared(self.workflow, step), others=True)
            case Aws(callback=None):
                service = step.action.service
                if service == "lambda":
                    return Errors(None, others=True)
                optimized = step.action.name in OPTIMIZED.get(service, {})
                name = service if optimized or service.startswith(SDK) else f"{SDK}{service}"
                return Errors(services=frozenset({name}), others=error_names(name) is None)
            case Http():
                return Errors()
            case Wait() | Set() | Break() | Continue() | Return():
                return Errors()
            case RunWorkflow(detached=detached):
                child = self.others.get(step.workflow)
                service = "states"
                if detached or child is None:
                    return Errors(frozenset() if detached else None, frozenset({service}))
                if child.type == "express":
                    service = f"{SDK}sfn"
                raised = raised_by(child, self.others)
                return Errors(None if raised.others else frozenset(raised.details), frozenset({service}))
            case Call() | Aws() | Asl():
                return Errors(None, others=True)
            case Fail(raised=Raised(error=Literal(value=str() as name))):
                return Errors(frozenset({name}))
            case Fail():
                return Errors(None, others=True)
            case ForEach(mode="distributed"):
                return Errors()
            case Repeat(steps=steps):
                return self.together(steps) | Errors(frozenset({LIMIT_EXCEEDED}))
            case Switch() | Match() | Parallel() | ForEach() | Group():
                # The failure of a compensation stays in the chain of compensations.
                return self.together(tuple(inner for body in own_bodies(step) for inner in body))
            case _:
                assert_never(step)

    def together(self, steps: Steps) -> Errors:
        """The errors of several steps and of their catchers."""
        errors = Errors()
        for step in steps:
            errors |= self.of(step)
            for catcher in catchers_of(step):
                errors |= self.together(catcher.steps or ())
                errors |= Errors(None, others=True) if catcher.handler is not None else Errors()
        return errors


class _Checker:
    """One place and the names in it."""

    def __init__(self, workflow: Workflow, place: _Place) -> None:
        self.place = place
        self.every = frozenset(error.name for function in workflow.functions.values() for error in function.errors)

    def problem(self, name: Scalar) -> _Problem | None:
        text, errors = name.text, self.place.errors
        known = errors.names
        if self.place.child is not None and "." not in text and text not in (ANY_ERROR, "ContractViolation"):
            return self.not_retried(name)
        if text in (ANY_ERROR, "ContractViolation", *(known or ()), *self.place.declared) or text in _AWS_ERRORS:
            return None
        if _STATUS.fullmatch(text):
            return None
        if text.startswith(_AWS_PREFIXES):
            return _Problem(name, f"unknown AWS error `{text}`", meant=tuple(_AWS_ERRORS))
        prefixed = _prefixed(text)
        if prefixed is not None and text not in self.every:
            return _Problem(name, self.cannot(text), f"write `{prefixed}`", self.possible(), new=prefixed)
        if "." in text:
            return self.of_service(name)
        if known is not None:
            return _Problem(name, self.cannot(text), notes=self.possible(), meant=tuple(sorted({*known, ANY_ERROR})))
        near = _nearest(text, self.place.declared)
        if near is None:
            return None
        return _Problem(name, self.cannot(text), f"did you mean `{near}`?", self.possible(), new=near)

    def cannot(self, text: str) -> str:
        return f"{self.place.where} cannot raise `{text}`"

    def possible(self) -> tuple[str, ...]:
        names = sorted({*(self.place.errors.names or ()), *self.place.declared})
        return (f"it can raise {listed(names)}" if names else "no error is declared there",)

    def not_retried(self, name: Scalar) -> _Problem:
        """For a `retry`, Step Functions compares its own error for a child's failure."""
        message = f"`retry` cannot see `{name.text}`: a failed child raises `States.TaskFailed`"
        return _Problem(
            name, message, "write `States.TaskFailed`, or `retry` inside the child; only `catch` sees the name"
        )

    def of_service(self, name: Scalar) -> _Problem | None:
        """Checks a name with a dot: the error of a called AWS service, or of a library."""
        prefix, _, error = name.text.partition(".")
        services = {service: error_names(service) for service in sorted(self.place.errors.services)}
        known = {service: found for service, found in services.items() if found is not None}
        for found in known.values():
            if prefix == found.prefix:
                meant = _meant(error, found)
                if meant is None:
                    return None
                new = f"{prefix}.{meant}"
                return _Problem(name, f"`{found.prefix}` has no error `{error}`", f"did you mean `{new}`?", new=new)
        for service, found in known.items():
            if prefix.lower() in _spellings(service):
                exact = _meant(error, found) or error
                message = f"errors of `{service}` begin with `{found.prefix}.`, not `{prefix}.`"
                new = f"{found.prefix}.{exact}"
                return _Problem(name, message, f"write `{new}`", new=new)
        if self.place.errors.others or self.place.errors.names is None or not known:
            return None
        first = next(iter(known.values())).prefix
        note = f"the errors of the called services begin with {listed(found.prefix for found in known.values())}"
        return _Problem(name, self.cannot(name.text), f"write `{first}.{error}`", (note,))


def _prefix_of(service: str) -> str | None:
    found = error_names(service)
    return None if found is None else found.prefix


def _spellings(service: str) -> frozenset[str]:
    """Prefixes that may be mistaken for a service's, in lower case: its names, and those of its other integration."""
    bare = service.removeprefix(SDK)
    others = (_prefix_of(bare), _prefix_of(f"{SDK}{bare}"))
    aliases = {"states": ("sfn", "stepfunctions", "states"), "sfn": ("stepfunctions", "states", "sfn")}
    more = {"events": ("events", "cloudwatchevents")}
    return frozenset({bare.replace("-", ""), *aliases.get(bare, ()), *more.get(bare, ())}).union(
        other.lower() for other in others if other is not None
    )


def _meant(error: str, found: ErrorNames) -> str | None:
    """The intended error if it is not one of the service's; None if it is unclear."""
    if error in found.names or error in _UNMODELLED or error.startswith(("Amazon", "AWS")) or not found.names:
        return None
    if f"{error}Exception" in found.names:
        return f"{error}Exception"
    return _nearest(error, found.names)


def _nearest(word: str, names: Iterable[str]) -> str | None:
    """The name of which a word is a typo. The common suffix counts only if it is the misspelled part."""

    def alike(one: str, other: str) -> float:
        return SequenceMatcher(None, one.lower(), other.lower()).ratio()

    for ending, least in (("Exception", _NEAR), ("", _VERY_NEAR)):
        pairs = ((alike(word.removesuffix(ending), name.removesuffix(ending)), name) for name in names)
        ratio, name = max(pairs, default=(0.0, ""))
        if ratio >= least:
            return name
    return None


def _prefixed(name: str) -> str | None:
    """The error of Step Functions or Lambda for a name with a wrong or misspelled prefix."""
    if name.lower() in ("all", "*", "states.all", "exception", "error", "baseexception"):
        return ANY_ERROR
    low = name.lower()
    return next(
        (error for error in _AWS_ERRORS if low == error.lower() or low == error.partition(".")[2].lower()), None
    )
