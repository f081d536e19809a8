"""`flowgen new`."""

from __future__ import annotations

import keyword
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from flowgen import __version__
from flowgen.cli import flowgen_requirement, project_template
from flowgen.cli.session import Session, give_up, refuse
from flowgen.installation import DISTRIBUTION, source
from flowgen.shipped import folder as shipped

LONGEST = 40
"""Characters of a name: with more, lines of the project that name its package grow too long."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*")
_PACKAGE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TAKEN = frozenset(
    {
        *("annotated_types", "flowgen", "generated", "pydantic", "pydantic_core", "pytest", "typing_extensions"),
        *("cfn_lint", "flowgen_aws", "hatchling", "mypy", "pre_commit", "ruff"),
    }
)
"""What a project imports or would mistake for something else, and what it installs: it can't require itself."""


@click.command(name="new")
@click.argument("name")
@click.option("--no-input", is_flag=True, help="Ask nothing, and take the defaults.")
@click.option("--description", metavar="TEXT", help="What the project does, in one line.")
@click.option(
    "--flowgen",
    "spec",
    metavar="SPEC",
    help="The flowgen that the project requires: a version, the path of a checkout or a wheel, or a URL. "
    "The default is the flowgen that makes it, from where that was installed.",
)
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
def command(
    session: Session, name: str, parent: Path, description: str | None, spec: str | None, *, no_input: bool
) -> None:
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
    required = source() if spec is None else flowgen_requirement.source_from(spec, session.directory)
    given = {"project_name": name, "project_slug": slug, "_flowgen_source": required}
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
    _say_what_to_change(session, required)


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


def _answers(given: Mapping[str, str], package: str, *, ask: bool) -> dict[str, str]:
    """The values that the template is rendered with; asked for, unless they are given."""
    questions = project_template.questions()
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    questions["package"] = package
    questions["python_version"].sort(key=lambda offered: offered != here)
    answers = project_template.answers(questions, {**given, "_python": here}, ask=ask)
    _check_package(answers["package"])
    for key in ("description", "author"):
        if not answers[key].isprintable():
            refuse(f"the {key} is one line of text")
    return answers


def _render(answers: Mapping[str, str], folder: Path) -> Path:
    """The template's files, and the schema that editors use."""
    project = project_template.render(answers, folder)
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


def _say_what_to_change(session: Session, required: str) -> None:
    if required.startswith("==") and required != f"=={__version__}":
        session.say(
            f"\nIt requires {DISTRIBUTION}{required}, and flowgen {__version__} wrote its generated code: "
            "install that version and run `flowgen generate`."
        )
    if "file:" in required:  # `git+file:` as well
        session.say(
            f"\nIts pyproject.toml requires {DISTRIBUTION}{required}, a path of this machine: "
            "before you share the project, put a version or a URL in its place."
        )


def _next_steps(where: str) -> str:
    return f"""made {where}; from here:

    cd {where}
    flowgen run . --input @inputs/ada.json     # see it run
    pytest                                     # see its tests pass
    flowgen generate                           # after each change of workflows/welcome.yaml
    flowgen template > stack.yaml              # what CloudFormation deploys
    flowgen deploy                             # deploy it to AWS, after a question

README.md says more."""
