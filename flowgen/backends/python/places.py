"""Where the Python of a workflow goes. `package` is the dotted package of the workflow, `source` the source folder."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowgen.model import Function

GENERATED = "generated"


def package_folder(package: str, source: PurePosixPath) -> PurePosixPath:
    """The folder of a package: `shop.place_order` is `src/shop/place_order`."""
    return source.joinpath(*package.split("."))


def entry_point_module(package: str, function: str) -> str:
    """The module whose `handler` Lambda calls for a function."""
    return f"{package}.{GENERATED}.entry_points.{function}"


def handler_module(package: str, name: str, function: Function) -> str | None:
    """The module of a function's code: its stub, or what `python` names; None for one that is deployed already."""
    if function.arn is not None:
        return None
    return f"{package}.{name}" if function.python is None else function.python.partition(":")[0]
