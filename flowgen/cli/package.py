"""`flowgen package`."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowgen.cli.session import FINDINGS, Session, give_up, paths_argument, refuse, show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowgen.packaging.output import Written
    from flowgen.pipeline import Report


@click.command(name="package")
@paths_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write into.  [default: build, in the project]",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where installed dependencies are kept.  [default: .flowgen/cache, in the project]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the list of what was made.")
@click.pass_obj
def command(
    session: Session, paths: tuple[str, ...], output: Path | None, cache: Path | None, *, as_json: bool
) -> None:
    """Make the code of functions ready for Lambda, a zip a function, and the template that names the zips.

    PATH is a workflow file or a project's folder; the project of this folder where none is given. The dependencies are
    installed for what each function runs on, without Docker. The same code gives the same zips under the same names, so
    that what did not change is not deployed again.
    """
    report = session.load(paths)
    manifest, _ = packaged(session, report, output, cache)
    if as_json:
        show_json(manifest)


def packaged(
    session: Session, report: Report, output: Path | None = None, cache: Path | None = None
) -> tuple[dict[str, Any], Path]:
    """The manifest of a package and the folder that holds it; ends the command where there can be none."""
    from functools import partial

    from flowgen.packaging.bytecode import LIMIT, Compiler
    from flowgen.packaging.installing import Installer, run_program
    from flowgen.packaging.output import NotOursError, OutsideError, stay_inside, write
    from flowgen.packaging.zips import ChangedError
    from flowgen.pipeline import package

    roots = sorted({one.found.project.root for one in report.loaded})
    if len(roots) != 1:
        refuse(f"a package is of one project; these are {len(roots)}: {', '.join(map(str, roots))}")
    kept = session.directory / cache if cache is not None else roots[0] / ".flowgen" / "cache"
    folder = session.directory / output if output is not None else roots[0] / "build"
    try:
        for place in (folder, kept):
            stay_inside(roots[0], place)
        kept = kept.resolve()
        installer = Installer(kept, run_program, session.say)
        compiler = Compiler(kept / "bytecode", roots[0], partial(run_program, limit=LIMIT), session.say)
        made, findings, sources = package(report.loaded, installer, compiler, _keep(session, roots[0], folder))
        if made is None or not session.quiet:
            session.tell(findings, {**report.sources, **sources})
        if made is None:
            sys.exit(FINDINGS)
        manifest, written = write(made, folder)
    except NotOursError as error:
        refuse(f"{folder / str(error)} is there, and flowgen did not write it: choose another folder with -o")
    except OutsideError as error:
        refuse(f"{error} is a link that leads out of the project, where flowgen writes nothing: choose another folder")
    except ChangedError as error:
        give_up(f"{error} changed while it was packaged; if it is below {kept}, remove that folder")
    except OSError as error:
        where = folder if error.filename is None else error.filename
        give_up(f"cannot read or write {where}: {error.strerror or error}")
    _tell(session, written, folder)
    return manifest, folder


def _keep(session: Session, root: Path, folder: Path) -> str:
    """The command that keeps the versions of the dependencies of this time, in the folder that flowgen works in."""
    from flowgen.packaging.requirements import PLAIN

    here = session.directory.absolute()
    return shlex.join(["cp", os.path.relpath(folder.absolute() / PLAIN, here), os.path.relpath(root, here)])


def _tell(session: Session, written: Sequence[Written], folder: Path) -> None:
    """A line for each asset, and what there is in all."""
    width = max((len(one.file) for one in written), default=0)
    for one in written:
        session.say(f"{'new      ' if one.new else 'unchanged'}  {one.file:{width}}  {_size(one.size):>9}")
    count, new = len(written), sum(one.new for one in written)
    session.say(f"{folder}: the template and {count} asset{'s' if count != 1 else ''}, {new or 'none'} of them new")


def _size(size: int) -> str:
    """Bytes as people read them: the units of Lambda's limits.

    >>> _size(3_250_586)
    '3.1 MB'
    """
    return f"{size / (1024 * 1024):.1f} MB" if size >= 1024 * 1024 // 10 else f"{size / 1024:.1f} KB"
