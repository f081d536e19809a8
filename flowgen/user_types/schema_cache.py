"""The JSON Schemas of classes that a project keeps, so that reading a workflow imports nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from flowgen.diagnostics import Diagnostic, Span
from flowgen.input_files import read_file
from flowgen.up_to_date import KEPT_SCHEMAS

if TYPE_CHECKING:
    from flowgen.user_types.describe import Places, Refused

FOLDER = PurePosixPath(KEPT_SCHEMAS)
"""Where they are, from the project's root."""

MAX_BYTES = 4_000_000


def kept_at(target: str) -> PurePosixPath:
    """The file of a class, from the project's root.

    >>> str(kept_at("shop.models:User"))
    'schemas/generated/shop.models.User.json'
    """
    return FOLDER / f"{target.replace(':', '.')}.json"


class SchemaCache:
    """The saved schemas of classes, the classes that were requested, and the schemas found in this run."""

    def __init__(self) -> None:
        self._asked: dict[Path, dict[str, dict[Span, None]]] = {}
        self._fresh: dict[Path, dict[str, dict[str, Any]]] = {}

    def read(self, root: Path, target: str, where: Span) -> str | None:
        """The JSON Schema of a class that is named at `where`, as JSON; None where none is kept in the project."""
        self._asked.setdefault(root, {}).setdefault(target, {})[where] = None
        fresh = self._fresh.get(root, {}).get(target)
        return self._on_disk(root, target) if fresh is None else json.dumps(fresh)

    def _on_disk(self, root: Path, target: str) -> str | None:
        path = root / kept_at(target)
        try:
            inside = path.resolve().is_relative_to(root)
            return read_file(path, MAX_BYTES).decode() if inside else None
        except (OSError, ValueError):
            return None

    def roots(self) -> list[Path]:
        """The projects that name classes."""
        return list(self._asked)

    def renew(self, root: Path, places: Places) -> Iterator[Diagnostic]:
        """Imports the classes that were asked for; gives what is wrong with them (FG123, FG124).

        An error in a module is reported once, where the first of its classes is named.
        """
        from flowgen.user_types.describe import Described, describe

        fresh = self._fresh.setdefault(root, {})
        refused: dict[str, tuple[Refused, Span]] = {}
        for target, found in describe(self._asked[root], places).items():
            if isinstance(found, Described):
                fresh[target] = found.schema
                continue
            first = min(self._asked[root][target])
            known = refused.get(found.message)
            refused[found.message] = (found, first if known is None else min(first, known[1]))
        for found, where in sorted(refused.values(), key=lambda one: one[1]):
            yield Diagnostic(found.code, found.message, where, help=found.help)

    def fresh(self, root: Path) -> dict[PurePosixPath, tuple[str, dict[str, Any]]]:
        """The classes that were described, by the places of their files: the name and the schema."""
        found = self._fresh.get(root, {})
        return {kept_at(target): (target, schema) for target, schema in sorted(found.items())}

    def is_stale(self, root: Path) -> bool:
        """Whether the schemas found in this run differ from the saved ones."""
        return any(_plain(self._on_disk(root, target)) != schema for target, schema in self._fresh[root].items())


def _plain(text: str | None) -> Any:
    """The schema that a file holds, without its header."""
    try:
        schema = None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None
    return {key: value for key, value in schema.items() if key != "$comment"} if isinstance(schema, dict) else None
