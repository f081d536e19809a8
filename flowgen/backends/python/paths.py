"""Where generated code goes. `package` is the dotted package of a workflow, `source` the source folder."""

from __future__ import annotations

from pathlib import PurePosixPath


def package_folder(package: str, source: PurePosixPath) -> PurePosixPath:
    """The folder of a package: `shop.place_order` is `src/shop/place_order`."""
    return source.joinpath(*package.split("."))
