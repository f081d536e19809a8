"""The tables `[tool.flowgen.env.NAME]` as data."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flowgen.diagnostics import Diagnostic, Sink, Span, did_you_mean, replacing
from flowgen.environments.toml_positions import place_of

TABLE: Final = ("tool", "flowgen", "env")
KEYS: Final = ("stack", "region", "profile", "bucket", "sync", "parameters", "tags")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_STACK = re.compile(r"[A-Za-z][-A-Za-z0-9]{0,127}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_STRINGS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "stack": (_STACK, "must start with a letter and have at most 128 letters, digits and hyphens"),
    "region": (_REGION, "must be an AWS region, such as eu-west-1"),
    "profile": (re.compile(r"[^\x00-\x1f]+"), "must be the name of an AWS CLI profile"),
    "bucket": (_BUCKET, "must be 3 to 63 lower-case letters, digits, dots and hyphens"),
}
TAGS: Final = 50
"""Tags of a stack (CloudFormation API reference, "CreateChangeSet")."""
_TAG_KEY: Final = 128
_TAG_VALUE: Final = 256


@dataclass(frozen=True, slots=True)
class Environment:
    """A deployment target of a project. Settings that are left out are None or empty.

    `text` is the content of `file`, the settings file. The strings below the other fields are the reference of the
    settings: docs/reference/settings.md is made from them.
    """

    name: str
    stack: str | None = None
    """The name of the stack. Default: the names of the project and the environment, `shop-prod`."""
    region: str | None = None
    """The AWS region. Default: the one that the AWS SDK is configured for."""
    profile: str | None = None
    """The profile of the AWS command line. Default: the SDK's choice. Leave it out for CI."""
    bucket: str | None = None
    """An existing bucket for code and templates. Default: flowgen creates one."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values of CloudFormation parameters: strings, numbers, `true` and `false`, lists for `CommaDelimitedList` and
    `List<…>`."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the stack, which CloudFormation puts on all of its resources. At most 50."""
    sync: bool = False
    """Allows `flowgen sync`, which updates code and workflows past CloudFormation. Only for development."""
    text: str = field(default="", repr=False, compare=False)
    file: str = field(default="pyproject.toml", repr=False, compare=False)

    def place(self, *keys: str) -> Span | None:
        """The span of one of its keys."""
        return place_of(self.text, (*TABLE, self.name, *keys), self.file)


def read(value: Any, text: str, file: str, sink: Sink) -> dict[str, Environment]:
    """The environments of a project by name, from the value of `env` in the settings (FG120).

    `text` is the content of `file`; diagnostics point into it.
    """

    def wrong(message: str, *keys: str, help_: str | None = None, name: str | None = None) -> None:
        """Reports the last of `keys`. `name` is what it should be called, if that is certain."""
        place = place_of(text, (*TABLE, *keys), file)
        fix = None if place is None else replacing(place, name)
        sink.add(Diagnostic("FG120", message, place, help=help_, fix=fix))

    if not isinstance(value, Mapping):
        wrong("`[tool.flowgen.env.NAME]` must be a table")
        return {}
    found = {}
    for name, table in value.items():
        if not isinstance(table, Mapping):
            wrong(f"an environment must be a table: `[tool.flowgen.env.{name}]`", name)
        elif not _NAME.fullmatch(name):
            wrong(f"`{name}` is not a valid environment name: use letters, digits, `-` and `_`", name)
        else:
            found[name] = _environment(name, table, text, file, wrong)
    return found


def find(environments: Mapping[str, Environment], name: str) -> Environment | Diagnostic:
    """The environment with this name, or FG540 if there is none."""
    if name in environments:
        return environments[name]
    guess = did_you_mean(name, environments)
    help_ = f"add the table `[tool.flowgen.env.{name}]` to pyproject.toml"
    if guess:
        help_ = f"did you mean `{guess}`?"
    elif environments:
        help_ = f"pyproject.toml has {', '.join(f'`{known}`' for known in environments)}"
    return Diagnostic("FG540", f"unknown environment `{name}`", None, help=help_)


Wrong = Callable[..., None]


def _environment(name: str, table: Mapping[str, Any], text: str, file: str, wrong: Wrong) -> Environment:
    for key in table:
        if key not in KEYS:
            guess = did_you_mean(key, KEYS)
            help_ = f"did you mean `{guess}`?" if guess else f"the settings are {', '.join(KEYS)}"
            meant = None if guess in table else guess
            wrong(f"unknown setting `{key}` of an environment", name, key, help_=help_, name=meant)
    texts: dict[str, str | None] = {}
    for key, (pattern, rule) in _STRINGS.items():
        given = table.get(key)
        valid = isinstance(given, str) and pattern.fullmatch(given) is not None
        if given is not None and not valid:
            wrong(f"`{key}` {rule}", name, key)
        texts[key] = given if valid else None
    allowed = table.get("sync", False)
    if not isinstance(allowed, bool):
        wrong("`sync` must be true or false", name, "sync")
    return Environment(
        name,
        sync=allowed is True,
        parameters=dict(_parameters(name, table.get("parameters", {}), wrong)),
        tags=dict(_tags(name, table.get("tags", {}), wrong)),
        text=text,
        file=file,
        **texts,
    )


def _parameters(name: str, given: Any, wrong: Wrong) -> Iterator[tuple[str, Any]]:
    if not isinstance(given, Mapping):
        wrong("`parameters` must be a table of names and values", name, "parameters")
        return
    for key, value in given.items():
        if _is_scalar(value) or (isinstance(value, Sequence) and all(map(_is_scalar, value))):
            yield key, value
        else:
            message = f"`{key}` must be a string, a number, true, false, or a list of these"
            wrong(message, name, "parameters", key, help_="put a date in quotes")


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _tags(name: str, given: Any, wrong: Wrong) -> Iterator[tuple[str, str]]:
    if not isinstance(given, Mapping):
        wrong("`tags` must be a table of names and strings", name, "tags")
        return
    if len(given) > TAGS:
        wrong(f"a stack can have at most {TAGS} tags", name, "tags")
    for key, value in given.items():
        if not isinstance(value, str):
            wrong(f"the value of tag `{key}` must be a string", name, "tags", key)
        elif not 0 < len(key) <= _TAG_KEY or len(value) > _TAG_VALUE or key.lower().startswith("aws:"):
            message = f"a tag's name can have {_TAG_KEY} characters, its value {_TAG_VALUE}; AWS reserves `aws:`"
            wrong(message, name, "tags", key)
        else:
            yield key, value
