"""Members of SDK integrations against the spellings in state machines that people published."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowgen.aws.api import Api, api_of
from flowgen.aws.member_names import sdk_spellings
from flowgen.running.program import states_of

JSON = Any
_RESOURCE = re.compile(r"arn:[^:]*:states:::aws-sdk:(\w+):(\w+)")


def test_published_spellings(corpus_dir: Path) -> None:
    """Each argument of a call over the SDK has a spelling that is accepted, those with runs of capitals included."""
    count, renamed, unknown = 0, set(), []
    for path in sorted((corpus_dir / "asl").glob("*.json")):
        for service, action, arguments in _calls(path):
            api = api_of(service)
            operation = None if api is None else api.operation(action)
            if api is None or operation is None or "input" not in operation:
                continue
            for shape, name in _members(api, operation["input"]["shape"], arguments):
                members = api.shapes[shape].get("members", {})
                accepted = {one: member for member in members for one in sdk_spellings(api.name, shape, member)}
                count += 1
                if name not in accepted:
                    unknown.append((path.name, service, action, name))
                elif accepted[name][:1].upper() + accepted[name][1:] != name:
                    renamed.add(name)
    assert unknown == []
    assert count > 1000
    assert {"DbInstanceIdentifier", "DbClusterIdentifier", "SnsTopicArn"} <= renamed


def _calls(path: Path) -> Iterator[tuple[str, str, JSON]]:
    try:
        machine = json.loads(path.read_text(encoding="utf-8"))
        states = list(states_of(machine))
    except (ValueError, AttributeError, TypeError):  # some of them are not state machines
        return
    for _, state in states:
        found = _RESOURCE.match(str(state.get("Resource")))
        if found is not None:
            yield found[1], found[2], state.get("Parameters", state.get("Arguments"))


def _members(api: Api, name: str, value: JSON) -> Iterator[tuple[str, str]]:
    """The members that a value names, each with its shape."""
    shape = api.shapes[name]
    if shape["type"] == "structure" and isinstance(value, dict):
        for key, inner in value.items():
            written = key.removesuffix(".$")
            yield name, written
            for member, content in shape.get("members", {}).items():
                if written in sdk_spellings(api.name, name, member):
                    yield from _members(api, content["shape"], inner)
    elif shape["type"] == "list" and isinstance(value, list):
        for item in value:
            yield from _members(api, shape["member"]["shape"], item)
    elif shape["type"] == "map" and isinstance(value, dict):
        for item in value.values():
            yield from _members(api, shape["value"]["shape"], item)
