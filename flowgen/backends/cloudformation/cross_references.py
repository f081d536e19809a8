"""References from one part of a template to another: finding them and replacing them.

CloudFormation user guide, "Intrinsic function reference": `Ref`, `Fn::GetAtt` and the variables of `Fn::Sub`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from flowgen.backends.cloudformation.intrinsics import SUBSTITUTED, Intrinsic

Change: TypeAlias = Callable[[str, str | None], Intrinsic | None]
"""The replacement (`Ref` or `Fn::GetAtt`) for a reference to a name or its attribute; None keeps the reference."""


def rewritten(value: Any, change: Change) -> Any:
    """A value with its references replaced."""
    match value:
        case {"Ref": str(name)} if len(value) == 1:
            return change(name, None) or value
        case {"Fn::GetAtt": [str(name), str(attribute)]} if len(value) == 1:
            return change(name, attribute) or value
        case {"Fn::GetAtt": str(path)} if len(value) == 1 and "." in path:
            name, _, attribute = path.partition(".")
            return change(name, attribute) or value
        case {"Fn::Sub": str(text)} if len(value) == 1:
            return {"Fn::Sub": _substituted(text, change, frozenset())}
        case {"Fn::Sub": [str(text), dict(own)]} if len(value) == 1:
            return {"Fn::Sub": [_substituted(text, change, own.keys()), rewritten(own, change)]}
        case dict():
            return {key: rewritten(item, change) for key, item in value.items()}
        case list():
            return [rewritten(item, change) for item in value]
        case _:
            return value


def references(value: Any) -> Iterator[tuple[str, str | None]]:
    """The names that a value refers to, each with its attribute if any; in order, possibly repeated."""
    found: list[tuple[str, str | None]] = []

    def note(name: str, attribute: str | None) -> None:
        found.append((name, attribute))

    rewritten(value, note)
    yield from found
    yield from _computed_attributes(value)


def _computed_attributes(value: Any) -> Iterator[tuple[str, None]]:
    """The names in `Fn::GetAtt` whose attribute is itself a function, so that nothing can replace them."""
    match value:
        case {"Fn::GetAtt": [str(name), dict()]} if len(value) == 1:
            yield name, None
        case dict():
            for item in value.values():
                yield from _computed_attributes(item)
        case list():
            for item in value:
                yield from _computed_attributes(item)
        case _:
            pass


def sections_named(value: Any, sections: Mapping[str, Any]) -> dict[str, Any]:
    """The `Mappings` and `Conditions` that a value uses, directly or through other conditions."""
    wanted: dict[str, set[str]] = {section: set() for section in sections}
    waiting = [value]
    while waiting:
        match waiting.pop():
            case {"Fn::FindInMap": [str(name), *_] as inside}:
                wanted.get("Mappings", set()).add(name)
                waiting += inside
            case {"Fn::If": [str(name), *_] as inside}:
                waiting += [{"Condition": name}, *inside[1:]]
            case dict() as one:
                named = one.get("Condition")
                if isinstance(named, str) and named in sections.get("Conditions", {}):
                    if named not in wanted["Conditions"]:
                        waiting.append(sections["Conditions"][named])
                    wanted["Conditions"].add(named)
                waiting += one.values()
            case list() as several:
                waiting += several
            case _:
                pass
    kept = {
        section: {name: one for name, one in content.items() if name in wanted[section]}
        for section, content in sections.items()
    }
    return {section: content for section, content in kept.items() if content}


def depended_on(declaration: Mapping[str, Any]) -> list[str]:
    """The resources in a declaration's `DependsOn`."""
    named = declaration.get("DependsOn", [])
    return [named] if isinstance(named, str) else list(named)


def _substituted(text: str, change: Change, own: Any) -> str:
    def variable(match: re.Match[str]) -> str:
        name, dot, attribute = match[1].strip().partition(".")
        if match[1] in own:
            return match[0]
        match change(name, attribute if dot else None):
            case {"Ref": str(other)}:
                return f"${{{other}}}"
            case {"Fn::GetAtt": [str(other), str(of_other)]}:
                return f"${{{other}.{of_other}}}"
            case _:
                return match[0]

    return SUBSTITUTED.sub(variable, text)
