"""Templates as text: equal templates have equal bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from flowgen.backends.cloudformation.intrinsics import Intrinsic, literal

_SHORT_FORMS = {"Ref": "!Ref", "Fn::GetAtt": "!GetAtt", "Fn::Sub": "!Sub"}

# Strings that some YAML 1.1 or 1.2 parser reads as a number, date, time or boolean.
_AMBIGUOUS = re.compile(r"[-+]?\.?[0-9][0-9A-Fa-fxXoO_.:eE+-]*|[yYnN]|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|<<|=")
_ONE_LINE = 1_000_000_000


@cache
def _dumper() -> Any:
    """Writes YAML 1.1, as CloudFormation reads it, with short forms of intrinsic functions and without aliases.

    Loads the library on first use: checking a stack does not need it.
    """
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the base class depends on the installation
        def ignore_aliases(self, data: object) -> bool:
            del data
            return True

    Dumper.add_representer(dict, _mapping)
    Dumper.add_representer(str, _text)
    return Dumper


def _mapping(dumper: Any, data: dict[str, Any]) -> Any:
    if len(data) == 1:
        ((key, value),) = data.items()
        if key == "Fn::GetAtt" and isinstance(value, list) and all(isinstance(part, str) for part in value):
            value = ".".join(value)
        if key in _SHORT_FORMS and isinstance(value, str):
            return dumper.represent_scalar(_SHORT_FORMS[key], value)
    return dumper.represent_dict(data.items())


def _text(dumper: Any, data: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=_style(data))


def _style(text: str) -> str | None:
    """How to quote a string; None leaves the choice to the dumper."""
    if "\n" in text:
        return "|" if text.strip() else '"'
    if _AMBIGUOUS.fullmatch(text):
        return '"'
    # JSONata expressions have many single quotes, which single-quoted YAML would double.
    return '"' if text.startswith("{%") and "'" in text and not re.search(r'["\\]', text) else None


def to_yaml(template: Mapping[str, Any]) -> str:
    """Readable YAML: keys in order, one line per string, `!Ref`, `!GetAtt` and `!Sub`."""
    import yaml

    text: str = yaml.dump(dict(template), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=_ONE_LINE)
    return text


def to_json(template: Mapping[str, Any]) -> str:
    """JSON, indented by two spaces, with a final newline."""
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def prose(text: str, limit: int, encoding: str) -> str:
    """A description cut to `limit` bytes; the definition's comment and the generated code have the full one.

    `{{resolve:…}}` is broken up, since CloudFormation would resolve it.
    """
    text = text.strip().replace("{{resolve:", "{ {resolve:")
    if len(text.encode(encoding)) <= limit:
        return text
    rest = limit - len("…".encode(encoding))
    return text.encode(encoding)[:rest].decode(encoding, "ignore").rstrip() + "…"


def description_of(text: str | None, limit: int = 512) -> str | Intrinsic | None:
    """The description of a resource, cut to `limit` characters (units of UTF-16); None without one."""
    return None if text is None else literal(prose(text, 2 * limit, "utf-16-le"))
