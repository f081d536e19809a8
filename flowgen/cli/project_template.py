"""The project template of `flowgen new`, in cookiecutter's format: its questions, and rendering it.

`cookiecutter PATH` creates the same files. flowgen does not depend on cookiecutter, which requires sixteen packages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from flowgen.resources import folder as resources


def questions() -> dict[str, Any]:
    """The variables of the template with their defaults. A list is a choice, whose first item is the default.

    The user is not asked for variables that start with a single `_`; `__prompts__` has the questions.
    """
    read: dict[str, Any] = json.loads((resources("cookiecutter") / "cookiecutter.json").read_text("utf-8"))
    return read


def answers(asked: Mapping[str, Any], given: Mapping[str, str], *, ask: bool) -> dict[str, str]:
    """A value for each variable: the given one, the user's answer, or the default."""
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
    """Creates the project's folder in `folder`, and returns its path. Raises OSError."""
    import jinja2

    # The files are code and text, not HTML, so nothing is escaped.
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701 - see above

    def filled(text: str) -> str:
        return environment.from_string(text).render(cookiecutter=values)

    template = resources("cookiecutter")
    for path in sorted(template.rglob("*")):
        # pip also compiles the modules of the template.
        wanted = values["_example"] or not _is_example(path.relative_to(template))
        if wanted and path.is_file() and path.parent != template and "__pycache__" not in path.parts:
            target = folder / filled(path.relative_to(template).as_posix())
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(filled(path.read_text("utf-8")), "utf-8", newline="\n")
    return folder / values["project_slug"]


def _is_example(path: Path) -> bool:
    """Whether a file of the template belongs to the example workflow."""
    return "welcome" in path.as_posix() or "inputs" in path.parts or path.name == "conftest.py"
