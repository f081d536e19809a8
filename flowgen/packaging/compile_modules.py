"""Makes the bytecode of modules: a program of its own, which the Python of a function's runtime runs without flowgen.

In: the path of a JSON list; for each module where it is, its SHA-256, what its code names as its file, and where the
bytecode goes. Out: that file, empty where there can be no bytecode. Status 3 and a path for a module that changed.
Never: importing flowgen, or what is compiled.
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
"""The flags of PEP 552: known by a hash of the source, which isn't looked at when the bytecode is loaded."""
_FORMAT = 2
"""Of marshal: the last one without references. In later ones, whether an object is written so that it can be referred
to hangs on who else uses it, and so on what was compiled before (https://github.com/python/cpython/issues/98819)."""


def bytecode(source: bytes, file: str) -> bytes:
    """The content of a `.pyc`; nothing for what this Python can't compile, or not write in this format.

    The latter are constant slices, since Python 3.14.
    """
    try:
        # Whoever has a template, or a test of a parser, in a package may name it `.py`.
        code = compile(source, file, "exec", dont_inherit=True, optimize=0)
        written = marshal.dumps(code, _FORMAT)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return b""
    return importlib.util.MAGIC_NUMBER + _UNCHECKED + importlib.util.source_hash(source) + written


def main(asked: str) -> int:
    for path, sha256, file, place in json.loads(Path(asked).read_bytes()):
        source = Path(path).read_bytes()
        if hashlib.sha256(source).hexdigest() != sha256:
            print(path)  # noqa: T201 - this is its answer
            return CHANGED
        Path(place).write_bytes(bytecode(source, file))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
