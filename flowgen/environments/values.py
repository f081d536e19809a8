"""Checks the values of CloudFormation parameters against their declarations before AWS sees them.

CloudFormation user guide, "CloudFormation template Parameters syntax".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from flowgen.diagnostics import Diagnostic, Sink, Span, did_you_mean, replacing
from flowgen.environments.settings import Environment

Declaration = Mapping[str, Any]
"""The declaration of a parameter in a template: `Type`, `Default`, `AllowedValues`, …"""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_FROM_SSM: Final = "AWS::SSM::Parameter::"
_SHOWN: Final = 8
"""How many allowed values a message shows."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value for a parameter, as written, and its origin.

    `place` finds its span in a file on demand; `source` names its origin if it is not in a file, such as "--parameter".
    """

    value: Any
    source: str = ""
    place: Callable[[], Span | None] = lambda: None


def given_by(environment: Environment) -> dict[str, Given]:
    """The parameter values of an environment."""
    return {
        name: Given(value, place=partial(environment.place, "parameters", name))
        for name, value in environment.parameters.items()
    }


def checked(
    declared: Mapping[str, Declaration], given: Mapping[str, Given], sink: Sink, known: Iterable[str] = ()
) -> dict[str, str]:
    """The given values as the strings that CloudFormation expects (FG541, FG542).

    `known` are names of parameters elsewhere in the project: their values are ignored.
    """
    elsewhere = frozenset(known)
    texts = {}
    for name, given_value in given.items():
        if name in declared:
            problem = _problem(declared[name], given_value.value)
            if problem is None:
                texts[name] = as_text(given_value.value)
            else:
                sink.add(_refused(name, declared[name], given_value, problem))
        elif name not in elsewhere:
            sink.add(_unknown(name, given, declared))
    return texts


def is_secret(declaration: Declaration) -> bool:
    """Whether AWS masks the value."""
    return as_text(declaration.get("NoEcho", False)).lower() == "true"


def as_text(value: Any) -> str:
    """A value as CloudFormation expects it: the items of a list joined by commas.

    >>> as_text([1, True, "x"])
    '1,true,x'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(as_text, value))
    return str(value)


def _unknown(name: str, all_given: Mapping[str, Given], declared: Mapping[str, Declaration]) -> Diagnostic:
    given, guess = all_given[name], did_you_mean(name, declared)
    if guess:
        help_ = f"did you mean `{guess}`?"
    elif declared:
        help_ = f"the template has {', '.join(f'`{known}`' for known in list(declared)[:_SHOWN])}"
    else:
        help_ = "declare it under `parameters` of a workflow"
    place = given.place()
    fix = None if place is None or guess in all_given else replacing(place, guess)
    return Diagnostic("FG541", f"{_source(given)}unknown parameter `{name}`", place, help=help_, fix=fix)


def _refused(name: str, declaration: Declaration, given: Given, problem: str) -> Diagnostic:
    constraint = declaration.get("ConstraintDescription")
    help_ = str(constraint) if constraint else _help(declaration, given.value)
    if is_secret(declaration):
        # A snippet would show the line with the value.
        place = given.place()
        where = () if place is None else (f"the value is at {place.file}:{place.start.line}:{place.start.column}",)
        return Diagnostic("FG542", f"{_source(given)}parameter `{name}` {problem}", None, notes=where, help=help_)
    label = f"found `{as_text(given.value)}`"
    return Diagnostic("FG542", f"{_source(given)}parameter `{name}` {problem}", given.place(), label, help=help_)


def _source(given: Given) -> str:
    return f"{given.source}: " if given.source else ""


def _help(declaration: Declaration, value: Any) -> str | None:
    allowed = declaration.get("AllowedValues")
    if not isinstance(allowed, list) or isinstance(value, list) or is_secret(declaration):
        return None
    guess = did_you_mean(as_text(value), map(as_text, allowed))
    return f"did you mean `{guess}`?" if guess else None


def _problem(declaration: Declaration, value: Any) -> str | None:
    """Why CloudFormation would reject a value, as the end of a sentence about the parameter; None if it would not."""
    kind = as_text(declaration.get("Type", "String"))
    if kind.startswith(_FROM_SSM):
        return None if isinstance(value, str) else "must be the name of a Systems Manager parameter, a string"
    is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
    if isinstance(value, list) and not is_list:
        return f"must be a {kind}, not a list"
    items = value if isinstance(value, list) else as_text(value).split(",") if is_list else [value]
    inner = {"CommaDelimitedList": "String", "List<Number>": "Number"}.get(kind, kind)
    problems = (_item_problem(declaration, inner, item.strip() if is_list and isinstance(item, str) else item)
                for item in items)  # fmt: skip
    return next((problem for problem in problems if problem is not None), None)


def _item_problem(declaration: Declaration, kind: str, value: Any) -> str | None:
    text = as_text(value)
    if kind == "Number":
        if isinstance(value, bool) or not _NUMBER.fullmatch(text):
            return "must be a number"
        problem = _out_of_bounds(declaration, "MinValue", "MaxValue", float(text), "")
    else:
        problem = _out_of_bounds(declaration, "MinLength", "MaxLength", len(text), " characters")
    if problem is not None:
        return problem
    allowed = declaration.get("AllowedValues")
    if isinstance(allowed, list) and text not in map(as_text, allowed):
        shown = ", ".join(map(as_text, allowed[:_SHOWN])) + (", …" if len(allowed) > _SHOWN else "")
        return f"must be one of {shown}"
    pattern = declaration.get("AllowedPattern")
    if isinstance(pattern, str) and not _matches(pattern, text):
        return f"must match {pattern}"
    return None


def _out_of_bounds(declaration: Declaration, least: str, most: str, size: float, unit: str) -> str | None:
    bounds = {key: declaration.get(key) for key in (least, most)}
    low, high = (float(str(bound)) if _NUMBER.fullmatch(str(bound)) else None for bound in bounds.values())
    if low is not None and size < low:
        return f"must have at least {bounds[least]}{unit}" if unit else f"must be at least {bounds[least]}"
    if high is not None and size > high:
        return f"must have at most {bounds[most]}{unit}" if unit else f"must be at most {bounds[most]}"
    return None


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches a whole string. A pattern that only Java supports is left to CloudFormation.

    pydantic uses Rust's regular expressions, which take linear time for every pattern.
    """
    from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

    try:
        validator = SchemaValidator(core_schema.str_schema(pattern=rf"\A(?:{pattern})\z"))
    except SchemaError:
        return True
    try:
        validator.validate_python(text)
    except ValidationError:
        return False
    return True
