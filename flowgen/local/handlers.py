"""Loads a project's callables, with its source folder first on the path for as long as that takes."""

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
    """A handler can't be loaded; the message says what is missing, or what its module raised and where."""


def load_handler(source_dir: Path, target: str) -> Callable[..., Any]:
    """The callable that `target` names, such as `shop.handlers.charge_card:handler`, from a source folder.

    Raises `HandlerLoadError`.
    """
    module_name, separator, name = target.partition(":")
    if not separator or not module_name or not name:
        raise HandlerLoadError(f"'{target}' does not name a handler: write it as package.module:function")
    if not source_dir.is_dir():
        raise HandlerLoadError(f"the source folder {source_dir} does not exist")
    with _first_on_path(source_dir):
        _forget_other(module_name, source_dir)
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


def _forget_other(module_name: str, source_dir: Path) -> None:
    """Forgets a package of the same name that was imported from another folder, as two projects in one process have."""
    top = module_name.partition(".")[0]
    module = sys.modules.get(top)
    if module is None:
        return
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    root = source_dir.resolve()
    here = root / top
    if (here.is_dir() or here.with_suffix(".py").is_file()) and not any(
        place is not None and Path(place).resolve().is_relative_to(root) for place in places
    ):
        for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
            del sys.modules[name]


def _told(error: BaseException, source_dir: Path) -> str:
    """An exception with the last place in the project that it came through."""
    place = ""
    root = source_dir.resolve()
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_absolute() and path.is_relative_to(root):
            place = f" ({path.relative_to(root)}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}{place}"
