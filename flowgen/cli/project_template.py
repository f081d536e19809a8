"""The template behind `flowgen new`, in cookiecutter's format: its questions, and a project made from it.

`cookiecutter PATH` makes the same files. Cookiecutter itself would bring sixteen packages that nothing else needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from flowgen.shipped import folder as shipped


def questions() -> dict[str, Any]:
    """The variables of the template with their defaults; a list is a choice, whose first is the default.

    Those that start with one `_` are not asked for; `__prompts__` has the questions.
    """
    read: dict[str, Any] = json.loads((shipped("cookiecutter") / "cookiecutter.json").read_text("utf-8"))
    return read


def answers(asked: Mapping[str, Any], given: Mapping[str, str], *, ask: bool) -> dict[str, str]:
    """A value for each variable: the given one, else what the user types, else the default."""
    prompts = asked["__prompts__"]
    found: dict[str, str] = {}
    for key, default in asked.items():
        if key == "__prompts__":
            continue
        if key in given:
            found[key] = given[key]
        elif key.startswith("_") or not ask:
            found[key] = default[0] if isinstance(default, list) else default
        elif isinstance(default, list):
            found[key] = click.prompt(prompts[key], default[0], type=click.Choice(default), err=True)
        else:
            found[key] = click.prompt(prompts[key], default, err=True)
    return found


def render(values: Mapping[str, str], folder: Path) -> Path:
    """Make the project's folder in a folder; returns its path. Raises OSError."""
    import jinja2

    # The files are code and text of the user's project: nothing is escaped as HTML would be.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701 - see above

    def filled(text: str) -> str:
        return environment.from_string(text).render(cookiecutter=values)

    template = shipped("cookiecutter")
    for path in sorted(template.rglob("*")):
        # pip compiles the modules of the template like any others.
        if path.is_file() and path.parent != template and "__pycache__" not in path.parts:
            target = folder / filled(path.relative_to(template).as_posix())
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(filled(path.read_text("utf-8")), "utf-8", newline="\n")
    return folder / values["project_slug"]
