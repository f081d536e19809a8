"""Where the Python of a workflow goes. `package` is the dotted package of the workflow, `source` the source folder."""

from __future__ import annotations

from pathlib import PurePosixPath

from flowgen.backends.artifacts import GENERATED

SHARED_PACKAGE = "shared"
"""The package, inside the project's, of the types that workflows share."""


def package_folder(package: str, source: PurePosixPath) -> PurePosixPath:
    """The folder of a package: `shop.place_order` is `src/shop/place_order`."""
    return source.joinpath(*package.split("."))


def entry_point_module(package: str, function: str) -> str:
    """The module whose `handler` Lambda calls for a function."""
    return f"{package}.{GENERATED}.entry_points.{function}"
