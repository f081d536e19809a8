"""The size of templates and its limits (CloudFormation user guide, "Understand CloudFormation quotas")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_TEMPLATE = 1_000_000
"""Bytes of a template in a bucket ("1 MB")."""
MAX_SECTIONS = {"Resources": 500, "Parameters": 200, "Outputs": 200}
MAX_OPERATION = 2500
"""Resources that one operation on a stack and its nested stacks can create, update or delete."""
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a limit a template uses: `what` is `resources`, `parameters`, `outputs` or `bytes`."""

    what: str
    used: int
    limit: int

    def __str__(self) -> str:
        return f"{self.used:,} {self.what} (CloudFormation allows {self.limit:,})"


def over_limit(template: Mapping[str, Any], text: str) -> list[Usage]:
    """The limits that a template, written as `text`, exceeds."""
    return [usage for usage in _usage(template, text) if usage.used > usage.limit]


def near_limit(template: Mapping[str, Any], text: str) -> list[Usage]:
    """The limits of which a template uses 80 % or more without exceeding them."""
    return [usage for usage in _usage(template, text) if usage.limit * _NEAR <= usage.used <= usage.limit]


def _usage(template: Mapping[str, Any], text: str) -> list[Usage]:
    sections = [
        Usage(section.lower(), len(template.get(section, {})), limit) for section, limit in MAX_SECTIONS.items()
    ]
    return [*sections, Usage("bytes", len(text.encode()), MAX_TEMPLATE)]
