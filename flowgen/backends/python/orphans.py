"""Code that belongs to no function of the workflow any more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from flowgen.diagnostics import Diagnostic, Position, Span, did_you_mean

if TYPE_CHECKING:
    from flowgen.model import Workflow

_HELD = re.compile(r"^@contracts\.([a-z][a-z0-9_]*)[ \t]*$", re.MULTILINE)
"""The decorator that stubs begin with."""


def orphans(workflow: Workflow, files: Mapping[PurePosixPath, str]) -> list[Diagnostic]:
    """The files of the workflow's package that hold the code of a function which is not there any more (FG604).

    `files` has the texts of the modules in that package, by path; nothing happens to them.
    """
    functions = [
        name for name, function in workflow.functions.items() if function.arn is None and function.python is None
    ]
    written = {name for text in files.values() if "NotImplementedError" not in text for name in _HELD.findall(text)}
    unwritten = [name for name in functions if name not in written]
    gone = {name for text in files.values() for name in _HELD.findall(text)}.difference(functions)
    found = []
    for path, text in sorted(files.items()):
        for match in _HELD.finditer(text):
            name = match[1]
            if name in gone:
                line = text.count("\n", 0, match.start()) + 1
                span = Span(path.as_posix(), Position(line, 1), Position(line, len(match[0].rstrip()) + 1))
                only = unwritten[0] if len(unwritten) == len(gone) == 1 else None
                guess = did_you_mean(name, unwritten) or only
                found.append(
                    Diagnostic(
                        "FG604",
                        f"`{path}` is the code of `{name}`, which the workflow does not have",
                        span,
                        help=f"was it renamed to `{guess}`?" if guess else "remove the file, or declare the function",
                    )
                )
    return found
