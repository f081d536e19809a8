"""The values of a stack's parameters: given, previous or default values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowgen.deploying.aws_errors import Refused
from flowgen.deploying.package import Package
from flowgen.deploying.stack import Stack
from flowgen.diagnostics import Diagnostic, Sink, Span
from flowgen.environments import Given, as_text, checked, is_secret

BUCKET: Final = "CodeBucket"
"""The parameter with the bucket of the code, which flowgen sets."""

_MASKED: Final = "****"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter and its value; None keeps the stack's value or uses the template's default."""

    name: str
    value: str | None
    shown: str
    note: str = ""
    kept: bool = False

    def asked(self) -> dict[str, Any] | None:
        """The parameter for CreateChangeSet; None uses the default."""
        if self.value is not None:
            return {"ParameterKey": self.name, "ParameterValue": self.value}
        return {"ParameterKey": self.name, "UsePreviousValue": True} if self.kept else None


def parameters(
    package: Package,
    given: Mapping[str, Given],
    stack: Stack | None,
    bucket: str,
    *,
    known: Collection[str] = (),
    places: Mapping[str, Span] | None = None,
) -> tuple[Parameter, ...]:
    """The parameters in the order of the template. Raises `Refused` (FG541-FG543).

    `known` has parameters of workflows that are not deployed now; `places` has the spans of declarations. Parameters
    without a given value keep their value in an existing stack, as with the AWS CLI.
    """
    sink = Sink()
    declared = {name: one for name, one in package.parameters.items() if name != BUCKET}
    texts = checked(declared, given, sink, known)
    present = stack.parameters if stack is not None and stack.has_resources else {}
    lacking = [
        name for name in declared if name not in given and name not in present and "Default" not in declared[name]
    ]
    for name in lacking:
        sink.add(_missing(name, declared[name], (places or {}).get(name)))
    if sink.failed:
        raise Refused(*sink)
    return tuple(_values(package, texts, present, bucket))


def _values(package: Package, texts: Mapping[str, str], present: Mapping[str, str], bucket: str) -> Iterator[Parameter]:
    for name, declaration in package.parameters.items():
        value = bucket if name == BUCKET else texts.get(name)
        default = as_text(declaration["Default"]) if "Default" in declaration else None
        was = present.get(name)
        if is_secret(declaration):
            note = "" if value is not None else "unchanged" if was is not None else "default"
            yield Parameter(name, value, _MASKED, note, kept=value is None and was is not None)
        elif value is not None:
            yield Parameter(name, value, value, f"was {was}" if was not in (None, value) else "")
        elif was is not None:
            note = "" if default in (None, was) else f"unchanged; the default is {default}"
            yield Parameter(name, None, was, note, kept=True)
        else:
            yield Parameter(name, None, default or "", "default")


def _missing(name: str, declaration: Mapping[str, Any], place: Span | None) -> Diagnostic:
    description = declaration.get("Description")
    return Diagnostic(
        "FG543",
        f"parameter `{name}` has no value",
        place,
        notes=(str(description),) if description else (),
        help=f"add `--parameter {name}=VALUE`, or set it under `parameters` of an environment in pyproject.toml",
    )
