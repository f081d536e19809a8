"""Changes that keep a workflow well formed: steps moved, wrapped, made conditional, expressions exchanged.

Most random changes are rejected by the first checks. These reach the later stages: jumps, variables, types, compiler.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.fuzz.hostile import EXPRESSIONS

JSON = Any
Place = tuple[Any, ...]

_EXPRESSION = re.compile(r"\$\{ (?P<code>.+) \}")


def places(value: JSON, path: Place = ()) -> Iterator[Place]:
    """The path of each value inside a value, without that of the value itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def at(value: JSON, path: Place) -> JSON:
    for key in path:
        value = value[key]
    return value


def rearrange(rng: Random, value: JSON, known: list[Place]) -> bool:
    """Change a step or an expression of a workflow; False where it has none of the kind that was drawn."""
    if rng.random() < 0.4:
        return _exchange(rng, value, known)
    steps = [place for place in known if isinstance(place[-1], int) and _is_step(at(value, place))]
    if not steps:
        return False
    path = rng.choice(steps)
    owner, index = at(value, path[:-1]), path[-1]
    step = owner[index]
    ids = [at(value, place)["id"] for place in steps]
    names = [f"${one}" for one in ids] + ["$input"]
    read = rng.choice(names)
    condition = rng.choice(("true", "false", f"$exists({read})", f"{read} = 1", f"$boolean({read})"))
    new = f"new{len(ids)}"
    guarded = f"${{ $exists({read}) ? {read} : null }}"
    inner = copy.deepcopy(step)
    match rng.choice(
        ("move", "order", "if", "skipped", "new", "end", "leave", "group", "catch", "branch", "wrap", "body", "name")
    ):
        case "move":
            other = at(value, rng.choice(steps)[:-1])
            if other is owner:
                other.insert(rng.randrange(len(other)), owner.pop(index))
            elif not _holds(step, other):
                other.insert(rng.randrange(len(other) + 1), owner.pop(index))
        case "order":
            rng.shuffle(owner)
        case "if":
            step["if"] = condition
        case "skipped":
            step |= {"if": condition, "skipped": rng.choice((None, 0, "no", {}, guarded))}
        case "new":
            owner.insert(
                index, {"id": new, "set": rng.choice((f"${{ {read} }}", guarded, {"a": guarded, "b?": guarded}))}
            )
        case "end":
            owner.insert(
                index, {"id": new, "if": condition, **rng.choice(({"return": guarded}, {"fail": {"error": "Odd"}}))}
            )
        case "leave":
            owner.insert(index, {"id": new, "if": condition, rng.choice(("break", "continue")): rng.choice(ids)})
        case "group":
            owner[index] = {"id": new, "steps": [inner]}
        case "catch":
            owner[index] = {"id": new, "steps": [inner], "catch": [{"errors": ["any"], "steps": _caught(rng, guarded)}]}
        case "branch":
            owner[index] = {
                "id": new,
                "switch": [{"when": condition, "steps": [inner]}],
                **rng.choice(({}, {"else": []})),
            }
        case "name":
            value["name"] = rng.choice(ids)
        case "wrap":
            more = rng.choice(({}, {"as": "round1"}, {"every": "4s"}, {"every": guarded}))
            rounds = {"max": rng.choice((1, 3, "unlimited")), **more}
            rounds |= rng.choice(({"while": condition}, {"until": condition}, {"until": f"{read} = 1"}))
            owner[index] = {"id": new, "repeat": rounds, "steps": [inner]}
        case _:
            body = rng.choice(
                ({"parallel": {"one": [inner]}}, {"for_each": [1, guarded], "as": "one", "steps": [inner]})
            )
            owner[index] = {"id": new, **body}
    return True


def _caught(rng: Random, guarded: str) -> list[JSON]:
    return [
        {
            "id": "caught1",
            **rng.choice(({"set": guarded}, {"set": "${ $error }"}, {"fail": "$error"}, {"return": guarded})),
        }
    ]


def _exchange(rng: Random, value: JSON, known: list[Place]) -> bool:
    """Put an expression of the workflow, or one of `EXPRESSIONS`, instead of another or around it."""
    found = [place for place in known if isinstance(at(value, place), str) and _EXPRESSION.fullmatch(at(value, place))]
    if not found:
        return False
    path = rng.choice(found)
    code = at(value, path)[3:-2]
    other = at(value, rng.choice(found))[3:-2]
    new = rng.choice(
        (
            *(
                other,
                f"[{code}, {other}]",
                f"{{'a': {code}}}",
                f"$exists({other}) ? {other} : {code}",
                f"$string({code})",
            ),
            *(f"({code})[0]", f"$count({code})", f"{code} = {other}", f"{code} & {other}", f"({code}).({other})"),
            *(
                f"$map({code}, function($v) {{ {other} }})",
                f"($x := {code}; $x)",
                f"{code}[$ = {other}]",
                f"$merge([{code}])",
            ),
        )
    )
    at(value, path[:-1])[path[-1]] = rng.choice(EXPRESSIONS) if rng.random() < 0.3 else f"${{ {new} }}"
    return True


def _is_step(value: JSON) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str)


def _holds(value: JSON, part: JSON) -> bool:
    """Whether `part` is inside `value`, which then cannot be moved into it."""
    return any(at(value, place) is part for place in places(value))
