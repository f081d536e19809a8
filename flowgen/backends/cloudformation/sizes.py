"""How large templates are, and may be (CloudFormation user guide, "Understand CloudFormation quotas")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_TEMPLATE = 1_000_000
"""Bytes of a template that is read from a bucket: "1 MB"."""
MAX_SECTIONS = {"Resources": 500, "Parameters": 200, "Outputs": 200}
MAX_OPERATION = 2500
"""Resources that one operation on a stack and those nested in it may create, update or delete."""
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit, and what a template has of it: `resources`, `parameters`, `outputs` or `bytes`."""

    what: str
    has: int
    limit: int

    def __str__(self) -> str:
        verb = "takes" if self.what == "bytes" else "allows"
        return f"{self.has:,} {self.what} (CloudFormation {verb} {self.limit:,})"


def excesses(template: Mapping[str, Any], text: str) -> list[Excess]:
    """The limits that a template, written as `text`, is over."""
    return [found for found in _all(template, text) if found.has > found.limit]


def nearly(template: Mapping[str, Any], text: str) -> list[Excess]:
    """The limits that a template has nearly come to."""
    return [found for found in _all(template, text) if found.limit * _NEAR <= found.has <= found.limit]


def _all(template: Mapping[str, Any], text: str) -> list[Excess]:
    sections = [
        Excess(section.lower(), len(template.get(section, {})), limit) for section, limit in MAX_SECTIONS.items()
    ]
    return [*sections, Excess("bytes", len(text.encode()), MAX_TEMPLATE)]
