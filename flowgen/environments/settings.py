"""`[tool.flowgen.env.NAME]` as data."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flowgen.diagnostics import Diagnostic, Sink, Span, did_you_mean
from flowgen.environments.places import place_of

TABLE: Final = ("tool", "flowgen", "env")
KEYS: Final = ("stack", "region", "profile", "bucket", "parameters", "tags")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_STACK = re.compile(r"[A-Za-z][-A-Za-z0-9]{0,127}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TEXTS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "stack": (_STACK, "letters, digits and hyphens, a letter first, at most 128 of them"),
    "region": (_REGION, "a region of AWS such as eu-west-1"),
    "profile": (re.compile(r"[^\x00-\x1f]+"), "the name of a profile of the AWS command line"),
    "bucket": (_BUCKET, "3 to 63 lower-case letters, digits, dots and hyphens"),
}
TAGS: Final = 50
"""Tags of a stack (CloudFormation API reference, "CreateChangeSet")."""
_TAG_KEY: Final = 128
_TAG_VALUE: Final = 256


@dataclass(frozen=True, slots=True)
class Environment:
    """A place to deploy a project to. What is None or empty was left out.

    `text` is the text of `file`, the settings that contain the environment. The strings below the other fields are the
    reference of the settings: docs/reference/settings.md is made from them.
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
    text: str = field(default="", repr=False, compare=False)
    file: str = field(default="pyproject.toml", repr=False, compare=False)

    def place(self, *keys: str) -> Span | None:
        """Where one of its keys stands."""
        return place_of(self.text, (*TABLE, self.name, *keys), self.file)


def read(value: Any, text: str, file: str, sink: Sink) -> dict[str, Environment]:
    """The environments of a project by name, from the value of `env` in the settings (FG120).

    `text` is that of `file`, for the places of findings.
    """

    def wrong(message: str, *keys: str, help_: str | None = None) -> None:
        sink.add(Diagnostic("FG120", message, place_of(text, (*TABLE, *keys), file), help=help_))

    if not isinstance(value, Mapping):
        wrong("`[tool.flowgen.env.NAME]` is a table")
        return {}
    found = {}
    for name, table in value.items():
        if not isinstance(table, Mapping):
            wrong(f"an environment is a table, `[tool.flowgen.env.{name}]`", name)
        elif not _NAME.fullmatch(name):
            wrong(f"`{name}` can't name an environment: letters, digits, `-` and `_`", name)
        else:
            found[name] = _environment(name, table, text, file, wrong)
    return found


def find(environments: Mapping[str, Environment], name: str) -> Environment | Diagnostic:
    """The environment of that name, or what to say where there is none (FG540)."""
    if name in environments:
        return environments[name]
    guess = did_you_mean(name, environments)
    help_ = f"add the table `[tool.flowgen.env.{name}]` to pyproject.toml"
    if guess:
        help_ = f"did you mean `{guess}`?"
    elif environments:
        help_ = f"pyproject.toml has {', '.join(f'`{one}`' for one in environments)}"
    return Diagnostic("FG540", f"there is no environment `{name}`", None, help=help_)


Wrong = Callable[..., None]


def _environment(name: str, table: Mapping[str, Any], text: str, file: str, wrong: Wrong) -> Environment:
    for key in table:
        if key not in KEYS:
            guess = did_you_mean(key, KEYS)
            help_ = f"did you mean `{guess}`?" if guess else f"an environment has {', '.join(KEYS)}"
            wrong(f"an environment has no setting `{key}`", name, key, help_=help_)
    texts: dict[str, str | None] = {}
    for key, (pattern, what) in _TEXTS.items():
        given = table.get(key)
        valid = isinstance(given, str) and pattern.fullmatch(given) is not None
        if given is not None and not valid:
            wrong(f"`{key}` is {what}", name, key)
        texts[key] = given if valid else None
    return Environment(
        name,
        parameters=dict(_parameters(name, table.get("parameters", {}), wrong)),
        tags=dict(_tags(name, table.get("tags", {}), wrong)),
        text=text,
        file=file,
        **texts,
    )


def _parameters(name: str, given: Any, wrong: Wrong) -> Iterator[tuple[str, Any]]:
    if not isinstance(given, Mapping):
        wrong("`parameters` is a table of names and values", name, "parameters")
        return
    for key, value in given.items():
        if _is_scalar(value) or (isinstance(value, Sequence) and all(map(_is_scalar, value))):
            yield key, value
        else:
            message = f"the value of `{key}` is a text, a number, true, false, or a list of these"
            wrong(message, name, "parameters", key, help_="a date goes in quotes")


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _tags(name: str, given: Any, wrong: Wrong) -> Iterator[tuple[str, str]]:
    if not isinstance(given, Mapping):
        wrong("`tags` is a table of names and texts", name, "tags")
        return
    if len(given) > TAGS:
        wrong(f"a stack has at most {TAGS} tags", name, "tags")
    for key, value in given.items():
        if not isinstance(value, str):
            wrong(f"the tag `{key}` is a text", name, "tags", key)
        elif not 0 < len(key) <= _TAG_KEY or len(value) > _TAG_VALUE or key.lower().startswith("aws:"):
            message = f"a tag's name has at most {_TAG_KEY} characters and its value {_TAG_VALUE}; `aws:` is AWS's own"
            wrong(message, name, "tags", key)
        else:
            yield key, value
