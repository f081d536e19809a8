"""Where the Python of a workflow goes. `package` is the dotted package of the workflow, `source` the source folder."""

from __future__ import annotations

from pathlib import PurePosixPath

SHARED_PACKAGE = "shared"
"""The package, inside the project's, of the types that workflows share."""


def package_folder(package: str, source: PurePosixPath) -> PurePosixPath:
    """The folder of a package: `shop.place_order` is `src/shop/place_order`."""
    return source.joinpath(*package.split("."))
