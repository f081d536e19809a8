"""`flowgen new`."""

from __future__ import annotations

import keyword
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from flowgen import __version__
from flowgen.cli import flowgen_requirement, project_template
from flowgen.cli.session import Session, asks, fail, usage_error
from flowgen.installation import DISTRIBUTION, source
from flowgen.resources import folder as resources

LONGEST = 40
"""The maximum length of a name. Longer names would exceed the line length in the project's files."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*")
_PACKAGE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TAKEN = frozenset(
    {
        *("annotated_types", "flowgen", "generated", "pydantic", "pydantic_core", "pytest", "typing_extensions"),
        *("cfn_lint", "flowgen_aws", "hatchling", "mypy", "pre_commit", "ruff"),
    }
)
"""Packages that a project imports, which its own package would hide, and distributions that it requires."""


@click.command(name="new")
@click.argument("name")
@click.option("--no-input", is_flag=True, help="Use the defaults instead of asking.")
@click.option("--empty", is_flag=True, help="Leave out the example workflow; `flowgen add workflow` creates the first.")
@click.option("--description", metavar="TEXT", help="One line that describes the project.")
@click.option(
    "--flowgen",
    "spec",
    metavar="SPEC",
    help="The version of flowgen to require, the path of a checkout or wheel, or a URL. "
    "By default, the running flowgen, from where it was installed.",
)
@click.option(
    "-o",
    "--output",
    "parent",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The directory to create the project's directory in.",
)
@click.pass_obj
def command(
    session: Session, name: str, parent: Path, description: str | None, spec: str | None, *, no_input: bool, empty: bool
) -> None:
    """Create a project called NAME with a working example, tests and type checks.

    In a terminal, it asks for the other settings and offers defaults. It never overwrites files, and leaves nothing
    behind if it fails.
    """
    slug, package = _names(name)
    folder = (session.directory / parent).resolve()
    target = folder / slug
    if not folder.is_dir():
        usage_error(f"the directory '{parent}' does not exist")
    if os.path.lexists(target):
        usage_error(f"'{target}' already exists")
    required = source() if spec is None else flowgen_requirement.source_from(spec, session.directory)
    given = {
        "project_name": name,
        "project_slug": slug,
        "_flowgen_source": required,
        "_example": "" if empty else "yes",
    }
    if description is not None:
        given["description"] = description
    answers = _answers(given, package, ask=not no_input and asks())
    try:
        _remove_interrupted(folder, slug)
        with tempfile.TemporaryDirectory(prefix=f".{slug}.", suffix=f".{os.getpid()}.tmp", dir=folder) as temporary:
            made = _render(answers, Path(temporary))
            _generate(made)
            if os.path.lexists(target):
                usage_error(f"'{target}' already exists")
            made.rename(target)
    except OSError as error:
        fail(f"cannot create '{target}': {error.strerror}")
    session.info(_next_steps(slug if parent == session.directory == Path() else str(target), empty=empty))
    _say_what_to_change(session, required)


def _remove_interrupted(folder: Path, slug: str) -> None:
    """Removes the folders of earlier attempts to create this project that were killed."""
    from flowgen.backends.writing import is_left_behind

    for path in folder.glob(f".{slug}.*.tmp"):
        if path.is_dir() and not path.is_symlink() and is_left_behind(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _names(name: str) -> tuple[str, str]:
    """The names of the project's folder and package."""
    if not _NAME.fullmatch(name):
        usage_error(
            f"'{name}' is not a valid project name: use letters and digits, with a single space, '-' or '_' between "
            "words, and start with a letter"
        )
    if len(name) > LONGEST:
        usage_error(f"'{name}' has {len(name)} characters; the maximum is {LONGEST}")
    slug = name.lower().replace(" ", "-")
    package = slug.replace("-", "_")
    _check_package(package)
    return slug, package


def _check_package(package: str) -> None:
    if not _PACKAGE.fullmatch(package) or len(package) > LONGEST:
        usage_error(f"'{package}' is not a valid package name: use lower-case letters, digits and '_' between words")
    if keyword.iskeyword(package):
        usage_error(f"'{package}' is a Python keyword; choose another package name")
    if package in sys.stdlib_module_names:
        usage_error(f"'{package}' is a module of Python's standard library, which your package would hide")
    if package in _TAKEN:
        usage_error(f"'{package}' is a package that the project itself uses; choose another name")


def _answers(given: Mapping[str, str], package: str, *, ask: bool) -> dict[str, str]:
    """The variables of the template: given, entered by the user, or defaults."""
    questions = project_template.questions()
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    questions["package"] = package
    questions["python_version"].sort(key=lambda offered: offered != here)
    answers = project_template.answers(questions, {**given, "_python": here}, ask=ask)
    _check_package(answers["package"])
    for key in ("description", "author"):
        if not answers[key].isprintable():
            usage_error(f"the {key} must be a single line")
    return answers


def _render(answers: Mapping[str, str], folder: Path) -> Path:
    """Writes the files of the template, and the schema for editors."""
    project = project_template.render(answers, folder)
    schema = project / "schemas" / "workflow.schema.json"
    schema.parent.mkdir()
    schema.write_text((resources("schemas") / schema.name).read_text("utf-8"), "utf-8", newline="\n")
    return project


def _generate(project: Path) -> None:
    """What `flowgen generate` does, for a project that is known to be valid."""
    from flowgen.backends import writing
    from flowgen.pipeline import check_paths, plan_python

    if not (project / "workflows").exists():
        return
    for owner, plan in plan_python(check_paths((), project).loaded):
        writing.write(plan, owner.root)


def _say_what_to_change(session: Session, required: str) -> None:
    if required.startswith("==") and required != f"=={__version__}":
        session.info(
            f"\nThe project requires {DISTRIBUTION}{required}, but its code was generated by flowgen {__version__}: "
            "install the required version and run `flowgen generate`."
        )
    if "file:" in required:  # `git+file:` as well
        session.info(
            f"\nIts pyproject.toml requires {DISTRIBUTION}{required}, a path on this machine: "
            "before you share the project, replace it with a version or a URL."
        )


def _next_steps(where: str, *, empty: bool) -> str:
    if empty:
        return f"""created {where}. Next steps:

    cd {where}
    flowgen add workflow NAME                  # a workflow and its test
    flowgen add function NAME                  # a function and its stub

See README.md for details."""
    return f"""created {where}. Next steps:

    cd {where}
    flowgen run . --input @inputs/ada.json     # run the workflow locally
    pytest                                     # run the tests
    flowgen generate                           # after each change to workflows/welcome.yaml
    flowgen template > stack.yaml              # see the CloudFormation template
    flowgen deploy                             # deploy to AWS; asks for confirmation

See README.md for details."""
