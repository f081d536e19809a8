"""A function's zip: the same files give the same bytes at any time on any machine.

The name and the digest depend on the files rather than the zip's bytes, since versions of zlib compress differently.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from flowgen.packaging.distributions import File

BYTECODE = ".pyc"

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip can represent."""
_UNIX = 3
_LEVEL = 6
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Zip:
    """The contents of a function's zip: its files, and their paths on disk by their path in the zip."""

    workflow: str
    function: str
    files: tuple[File, ...]
    paths: Mapping[str, Path]

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of every file's path, mode and content.

        The content of bytecode does not count: its path names the Python version, its module is part of the digest, and
        a difference between patch releases does not justify a deployment.
        """
        lines = "".join(
            f"{'' if file.place.endswith(BYTECODE) else file.sha256} {file.mode:o} {file.place}\n"
            for file in sorted(self.files, key=lambda file: file.place)
        )
        return hashlib.sha256(lines.encode()).hexdigest()

    @property
    def file_name(self) -> str:
        return f"{self.workflow}-{self.function}-{self.digest[:_DIGITS]}.zip"

    @property
    def size(self) -> int:
        """Unzipped size in bytes."""
        return sum(file.size for file in self.files)


class ChangedError(Exception):
    """A file changed after its digest was computed; the message is its path."""


# See docs/explanation/decisions-stack-and-runner.md#a-zip-contains-one-function
def zip_bytes(made: Zip) -> bytes:
    """The zip. Raises OSError, ChangedError."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for file in sorted(made.files, key=lambda file: file.place):
            content = made.paths[file.place].read_bytes()
            if hashlib.sha256(content).hexdigest() != file.sha256:
                raise ChangedError(str(made.paths[file.place]))
            info = zipfile.ZipInfo(file.place, _EPOCH)
            info.create_system = _UNIX
            info.external_attr = (stat.S_IFREG | file.mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content, compresslevel=_LEVEL)
    return buffer.getvalue()
