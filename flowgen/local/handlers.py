"""Loads a project's callables, with its source folder first on `sys.path` during the import."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from flowgen.local.process_state import ProcessState


class HandlerLoadError(Exception):
    """A handler can't be loaded. The message says what is missing, or what its module raised and where."""


def load_handler(source_dir: Path, target: str) -> Callable[..., Any]:
    """Load the callable that `target` names, such as `shop.handlers.charge_card:handler`, from a source folder.

    Raises `HandlerLoadError`.
    """
    module_name, separator, name = target.partition(":")
    if not separator or not module_name or not name:
        raise HandlerLoadError(f"'{target}' does not name a handler: write it as package.module:function")
    if not source_dir.is_dir():
        raise HandlerLoadError(f"the source folder {source_dir} does not exist")
    with _first_on_path(source_dir):
        _forget_others(module_name, source_dir.resolve())
        importlib.invalidate_caches()
        try:
            module = _imported(module_name)
        except ModuleNotFoundError as error:
            if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
                raise HandlerLoadError(f"there is no module {module_name} in {source_dir}") from error
            raise HandlerLoadError(f"{module_name} needs the module {error.name}, which is not installed") from error
        except (Exception, SystemExit) as error:
            raise HandlerLoadError(f"{module_name} can't be imported: {_told(error, source_dir)}") from error
    handler = getattr(module, name, None)
    if handler is None:
        raise HandlerLoadError(f"{module_name} has no function {name}")
    if not callable(handler):
        raise HandlerLoadError(f"{name} in {module_name} is not a function but a {type(handler).__name__}")
    found: Callable[..., Any] = handler
    return found


def _imported(module_name: str) -> ModuleType:
    state = ProcessState()
    try:
        return importlib.import_module(module_name)
    finally:
        state.restore()


@contextmanager
def _first_on_path(source_dir: Path) -> Iterator[None]:
    before = sys.path.copy()
    sys.path.insert(0, str(source_dir.resolve()))
    try:
        yield
    finally:
        sys.path[:] = before


def _forget_others(module_name: str, root: Path) -> None:
    """Remove packages from `sys.modules` that hide those of `root`, because another project has the same names.

    Generated packages share one runtime, so all of the other project's are removed.
    """
    for top in sorted({module_name.partition(".")[0], *_generated_packages(root)}):
        if not (root / top).is_dir() and not (root / f"{top}.py").is_file():
            continue
        module = sys.modules.get(top)
        folders = [Path(folder).resolve() for folder in getattr(module, "__path__", ())]
        file = getattr(module, "__file__", None)
        places = folders if file is None else [*folders, Path(file).resolve()]
        if module is None or any(place.is_relative_to(root) for place in places):
            continue
        others = {other for folder in folders for other in _generated_packages(folder.parent)}
        for name in [name for name in sys.modules if name.partition(".")[0] in {top, *others}]:
            del sys.modules[name]


def _generated_packages(source_dir: Path) -> set[str]:
    """The top-level packages of a source folder that have generated code."""
    return {place.parent.name for place in source_dir.glob("*/generated")}


def _told(error: BaseException, source_dir: Path) -> str:
    """An exception with the innermost line of the project in its traceback."""
    place = ""
    root = source_dir.resolve()
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_absolute() and path.is_relative_to(root):
            place = f" ({path.relative_to(root)}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}{place}"
