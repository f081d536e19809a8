"""A template as text: the same bytes for the same template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

_SHORT_FORMS = {"Ref": "!Ref", "Fn::GetAtt": "!GetAtt", "Fn::Sub": "!Sub"}

# What some reader of YAML 1.1 or 1.2 takes for a number, a date, a time or a boolean.
_AMBIGUOUS = re.compile(r"[-+]?\.?[0-9][0-9A-Fa-fxXoO_.:eE+-]*|[yYnN]|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|<<|=")
_ONE_LINE = 1_000_000_000


@cache
def _dumper() -> Any:
    """Writes YAML as CloudFormation reads it (1.1), with the short forms of its functions and no aliases.

    The library is loaded for the first text: checking a stack needs none.
    """
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # which of the two is not known
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
    """How a text is quoted, or None to leave it to the dumper."""
    if "\n" in text:
        return "|" if text.strip() else '"'
    if _AMBIGUOUS.fullmatch(text):
        return '"'
    # A JSONata expression holds many single quotes, which single quotes would double.
    return '"' if text.startswith("{%") and "'" in text and not re.search(r'["\\]', text) else None


def to_yaml(template: Mapping[str, Any]) -> str:
    """YAML for people: keys in their order, one line a text, `!Ref`, `!GetAtt` and `!Sub`."""
    import yaml

    text: str = yaml.dump(dict(template), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=_ONE_LINE)
    return text


def to_json(template: Mapping[str, Any]) -> str:
    """JSON, indented by two, with a newline at its end."""
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def prose(text: str, limit: int, encoding: str) -> str:
    """A description, cut to `limit` bytes: the whole one stands in the definition's comment and in the generated code.

    CloudFormation would look up what `{{resolve:…}}` names, and a description means no such thing.
    """
    text = text.strip().replace("{{resolve:", "{ {resolve:")
    if len(text.encode(encoding)) <= limit:
        return text
    rest = limit - len("…".encode(encoding))
    return text.encode(encoding)[:rest].decode(encoding, "ignore").rstrip() + "…"
