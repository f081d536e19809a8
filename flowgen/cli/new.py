"""`flowgen new`."""

from __future__ import annotations

import json
import keyword
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from flowgen.cli.session import Session, give_up, refuse

LONGEST = 40
"""Characters of a name: with more, lines of the project that name its package grow too long."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*")
_PACKAGE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TAKEN = frozenset(
    {"annotated_types", "flowgen", "generated", "pydantic", "pydantic_core", "pytest", "typing_extensions"}
)
"""Packages that a project imports, or that would be taken for something else in it."""


@click.command(name="new")
@click.argument("name")
@click.option("--no-input", is_flag=True, help="Ask nothing, and take the defaults.")
@click.option("--description", metavar="TEXT", help="What the project does, in one line.")
@click.option(
    "-o",
    "--output",
    "parent",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder to make the project's folder in.",
)
@click.pass_obj
def command(session: Session, name: str, parent: Path, description: str | None, *, no_input: bool) -> None:
    """Make a new project, called NAME, that runs, tests and type-checks at once.

    It asks what it should know besides, with defaults, where it is used at a terminal. Nothing is ever overwritten, and
    no folder is left if something goes wrong on the way.
    """
    slug, package = _names(name)
    folder = (session.directory / parent).resolve()
    target = folder / slug
    if not folder.is_dir():
        refuse(f"there is no folder '{parent}'")
    if os.path.lexists(target):
        refuse(f"'{target}' is there already")
    given = {"project_name": name, "project_slug": slug}
    if description is not None:
        given["description"] = description
    answers = _answers(given, package, ask=not no_input and sys.stdin.isatty())
    try:
        with tempfile.TemporaryDirectory(prefix=f".{slug}.", dir=folder) as temporary:
            made = _render(answers, Path(temporary))
            _generate(made)
            if os.path.lexists(target):
                refuse(f"'{target}' is there already")
            made.rename(target)
    except OSError as error:
        give_up(f"'{target}' can't be made: {error.strerror}")
    session.say(_next_steps(slug if parent == session.directory == Path() else str(target)))


def _names(name: str) -> tuple[str, str]:
    """The names of the folder and of the package of a project."""
    if not _NAME.fullmatch(name):
        refuse(
            f"'{name}' can't name a project: a name is letters and digits, with one space, '-' or '_' between words, "
            "and starts with a letter"
        )
    if len(name) > LONGEST:
        refuse(f"'{name}' has {len(name)} characters; at most {LONGEST} are allowed")
    slug = name.lower().replace(" ", "-")
    package = slug.replace("-", "_")
    _check_package(package)
    return slug, package


def _check_package(package: str) -> None:
    if not _PACKAGE.fullmatch(package) or len(package) > LONGEST:
        refuse(f"'{package}' can't name a Python package: use lower case letters, digits and '_' between words")
    if keyword.iskeyword(package):
        refuse(f"'{package}' is a keyword of Python, and can't name a package")
    if package in sys.stdlib_module_names:
        refuse(f"'{package}' is a module of Python's own library, which a package of that name would hide")
    if package in _TAKEN:
        refuse(f"'{package}' is the name of something that the project itself uses")


def _answers(given: Mapping[str, str], package: str, *, ask: bool) -> dict[str, Any]:
    """The values that the template is rendered with; asked for, unless they are given."""
    from importlib.metadata import version

    from cookiecutter.prompt import prompt_for_config

    from flowgen.shipped import folder

    questions = json.loads((folder("cookiecutter") / "cookiecutter.json").read_text("utf-8"))
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    questions["package"] = package
    questions["python_version"].sort(key=lambda offered: offered != here)
    questions["_flowgen_version"] = version("flowgen")
    questions["_python"] = here
    for key in given:
        del questions[key]
    answers = {**prompt_for_config({"cookiecutter": questions}, no_input=not ask), **given}
    _check_package(answers["package"])
    for key in ("description", "author"):
        if not answers[key].isprintable():
            refuse(f"the {key} is one line of text")
    return answers


def _render(answers: Mapping[str, Any], folder: Path) -> Path:
    """Render the template into a folder.

    `cookiecutter.main` would also read the user's configuration and record the answers in the home folder.
    """
    from cookiecutter.generate import generate_files

    from flowgen.shipped import folder as shipped

    made = generate_files(
        repo_dir=str(shipped("cookiecutter")),
        context={"cookiecutter": dict(answers)},
        output_dir=str(folder),
        accept_hooks=False,
    )
    project = Path(made)
    schema = project / "schemas" / "workflow.schema.json"
    schema.parent.mkdir()
    schema.write_text((shipped("schemas") / schema.name).read_text("utf-8"), "utf-8", newline="\n")
    return project


def _generate(project: Path) -> None:
    """What `flowgen generate` does, for a project that is known to be well."""
    from flowgen.backends import writing
    from flowgen.pipeline import check_paths, plan_python

    for owner, plan in plan_python(check_paths((), project).loaded):
        writing.write(plan, owner.root)


def _next_steps(where: str) -> str:
    return f"""made {where}; from here:

    cd {where}
    flowgen run . --input @inputs/ada.json     # see it run
    pytest                                     # see its tests pass
    flowgen generate                           # after each change of workflows/welcome.yaml
    flowgen template > stack.yaml              # what CloudFormation deploys
    flowgen deploy                             # deploy it to AWS, after a question

README.md says more."""
