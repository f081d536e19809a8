"""The files that ship with flowgen beside its code: the project template and the JSON Schemas.

In: the name of a folder. Out: where it is, in an installed wheel as in a checkout. Never: anything else.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `cookiecutter` or `schemas`."""
    installed = _HERE / "_shipped" / name
    return installed if installed.is_dir() else _HERE.parent / name
