"""Saves the state of the process that flowgen needs, and restores it after a user's callable.

In Lambda, each function has its own process. Here they share one with flowgen, so a callable that clears
`sys.modules`, replaces a built-in function or raises the recursion limit would break what runs after it. Additions
remain: modules that a callable imports, names that it defines, entries of `sys.path`.
"""

from __future__ import annotations

import builtins
import json
import signal
import sys
import threading
from typing import Any

_NAMESPACES = (vars(builtins), vars(json), vars(json.encoder), vars(json.decoder))
_LISTS = ("path", "meta_path", "path_hooks")


class ProcessState:
    """The state of the process when this object is created: modules, built-in names, streams, limits, tracing, SIGINT.

    Not a context manager of `contextlib`, which needs built-in names before it can restore them.
    """

    __slots__ = ("_interrupt", "_limits", "_lists", "_main", "_modules", "_names", "_streams", "_tracing")

    def __init__(self) -> None:
        self._names = [(names, names.copy()) for names in _NAMESPACES]
        self._modules = sys.modules, sys.modules.copy()
        lists: list[tuple[str, list[Any]]] = [(name, getattr(sys, name)) for name in _LISTS]
        self._lists = [(name, found, found.copy()) for name, found in lists]
        self._streams = sys.stdin, sys.stdout, sys.stderr
        self._limits = sys.getrecursionlimit(), sys.getswitchinterval()
        self._tracing = sys.gettrace(), sys.getprofile()
        self._main = threading.current_thread() is threading.main_thread()
        self._interrupt = signal.getsignal(signal.SIGINT) if self._main else None

    def restore(self) -> None:
        """Restore what has been changed or removed since."""
        for names, replaced in self._names:  # first, because the rest needs built-in names
            names.update(replaced)
        trace, profile = self._tracing
        if sys.getprofile() is not profile:
            sys.setprofile(profile)
        if sys.gettrace() is not trace:
            sys.settrace(trace)
        sys.modules, modules = self._modules
        for name, module in modules.items():
            if sys.modules.get(name) is None:
                sys.modules[name] = module
        for name, found, before in self._lists:
            setattr(sys, name, found)
            if any(entry not in found for entry in before):
                found[:] = [*before, *(entry for entry in found if entry not in before)]
        sys.stdin, sys.stdout, sys.stderr = self._streams
        recursion, interval = self._limits
        if sys.getrecursionlimit() != recursion:
            sys.setrecursionlimit(recursion)
        sys.setswitchinterval(interval)
        if self._main and signal.getsignal(signal.SIGINT) is not self._interrupt:
            signal.signal(signal.SIGINT, self._interrupt)
