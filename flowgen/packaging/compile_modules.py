"""Compiles modules: a standalone program that the Python of a function's runtime runs without flowgen.

In: the path of a JSON list, with each module's path, SHA-256, file name in its code, and the path for the bytecode.
Out: the bytecode files, empty for modules that cannot be compiled; status 3 and a path for a module that changed.
Never: import flowgen, or the compiled modules.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import marshal
import sys
from pathlib import Path

CHANGED = 3
_UNCHECKED = b"\x01\0\0\0"
"""The flags of PEP 552: identified by a hash of the source, which is not checked on loading."""
_FORMAT = 2
"""The last marshal format without references. In later ones the bytes depend on who else uses an object, and so on what
was compiled before (https://github.com/python/cpython/issues/98819)."""


def bytecode(source: bytes, file: str) -> bytes:
    """The content of a `.pyc`; empty if this Python cannot compile the source or write it in this format.

    The format cannot represent constant slices, which Python 3.14 introduced.
    """
    try:
        # Packages may contain templates or parser tests named `.py` that are not valid Python.
        code = compile(source, file, "exec", dont_inherit=True, optimize=0)
        written = marshal.dumps(code, _FORMAT)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return b""
    return importlib.util.MAGIC_NUMBER + _UNCHECKED + importlib.util.source_hash(source) + written


def main(asked: str) -> int:
    for path, sha256, file, place in json.loads(Path(asked).read_bytes()):
        source = Path(path).read_bytes()
        if hashlib.sha256(source).hexdigest() != sha256:
            print(path)  # noqa: T201 - the result of this program
            return CHANGED
        Path(place).write_bytes(bytecode(source, file))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
