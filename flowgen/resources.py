"""The files that are installed with flowgen's code: the project template and the JSON Schemas.

In: the name of a folder. Out: its path, in an installed wheel or in a checkout. Never: anything else.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `cookiecutter` or `schemas`."""
    installed = _HERE / "_resources" / name
    return installed if installed.is_dir() else _HERE.parent / name
