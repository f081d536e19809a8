"""`flowgen package`."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli.session import FINDINGS, Session, fail, paths_argument, show_json, usage_error

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from flowgen.packaging.output import Written
    from flowgen.pipeline import Report


@click.command(name="package")
@paths_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The output directory.  [default: build, in the project]",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="The cache for installed dependencies.  [default: .flowgen/cache, in the project]",
)
@click.option("--terraform", is_flag=True, help="Write a Terraform configuration too, which uploads the zips.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
@click.pass_obj
def command(
    session: Session, paths: tuple[str, ...], output: Path | None, cache: Path | None, *, terraform: bool, as_json: bool
) -> None:
    """Package the functions for Lambda, one zip per function, and write a template that uses the zips.

    PATH is a workflow file or the directory of a project. The default is the project in the current directory.
    Dependencies are installed for the platform of each function, without Docker. The same code produces the same zips
    with the same names, so unchanged functions are not deployed again.
    """
    report = session.load(paths)
    manifest, _ = packaged(session, report, output, cache, for_terraform=terraform)
    if as_json:
        show_json(manifest)


def packaged(
    session: Session,
    report: Report,
    output: Path | None = None,
    cache: Path | None = None,
    given: Collection[str] = (),
    *,
    for_terraform: bool = False,
) -> tuple[dict[str, Any], Path]:
    """The manifest of a package, and the folder that contains it; ends the command if there are errors.

    Container images are not built if the parameters for their URIs are `given`.
    """
    from functools import partial

    from flowgen.packaging.bytecode import LIMIT, Compiler
    from flowgen.packaging.container_engine import find_engine
    from flowgen.packaging.installing import Installer, run_program
    from flowgen.packaging.output import NotOursError, OutsideError, stay_inside, write
    from flowgen.packaging.zips import ChangedError
    from flowgen.pipeline import package

    roots = sorted({build.found.project.root for build in report.loaded})
    if len(roots) != 1:
        usage_error(f"the workflows belong to several projects, package one at a time: {', '.join(map(str, roots))}")
    kept = session.directory / cache if cache is not None else roots[0] / ".flowgen" / "cache"
    folder = session.directory / output if output is not None else roots[0] / "build"
    try:
        for place in (folder, kept):
            stay_inside(roots[0], place)
        kept = kept.resolve()
        installer = Installer(kept, run_program, session.info)
        compiler = Compiler(kept / "bytecode", roots[0], partial(run_program, limit=LIMIT), session.info)
        made, findings, sources = package(
            report.loaded,
            installer,
            compiler,
            _keep(session, roots[0], folder),
            find_engine(),
            given,
            for_terraform=for_terraform,
        )
        if made is None or not session.quiet:
            session.print_diagnostics(findings, {**report.sources, **sources})
        if made is None:
            sys.exit(FINDINGS)
        manifest, written = write(made, folder)
    except NotOursError as error:
        usage_error(f"{folder / str(error)} exists, and flowgen did not write it: choose another directory with -o")
    except OutsideError as error:
        usage_error(f"{error} is a link to outside the project, where flowgen never writes: choose another directory")
    except ChangedError as error:
        fail(f"{error} changed while it was packaged; if it is in {kept}, delete that directory")
    except OSError as error:
        where = folder if error.filename is None else error.filename
        fail(f"cannot read or write {where}: {error.strerror or error}")
    _tell(session, written, folder)
    return manifest, folder


def _keep(session: Session, root: Path, folder: Path) -> str:
    """The shell command that locks the dependencies to the versions just installed."""
    from flowgen.packaging.requirements import PLAIN

    here = session.directory.absolute()
    return shlex.join(["cp", os.path.relpath(folder.absolute() / PLAIN, here), os.path.relpath(root, here)])


def _tell(session: Session, written: Sequence[Written], folder: Path) -> None:
    """Prints a line for each asset, and a summary."""
    width = max((len(archive.file) for archive in written), default=0)
    for archive in written:
        session.info(f"{'new      ' if archive.new else 'unchanged'}  {archive.file:{width}}  {_size(archive.size):>9}")
    count, new = len(written), sum(archive.new for archive in written)
    session.info(f"{folder}: the template and {count} asset{'s' if count != 1 else ''}, {new} new")


def _size(size: int) -> str:
    """A number of bytes in the units of Lambda's limits.

    >>> _size(3_250_586)
    '3.1 MB'
    """
    return f"{size / (1024 * 1024):.1f} MB" if size >= 1024 * 1024 // 10 else f"{size / 1024:.1f} KB"
