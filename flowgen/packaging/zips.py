"""A function's zip: the same files give the same bytes, whenever and wherever it is made.

The name and the digest are of what is in it, not of the zip's bytes: another version of zlib may compress otherwise.
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
"""The earliest date that a zip can hold."""
_UNIX = 3
_LEVEL = 6
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Zip:
    """What goes into the zip of a function: files by place, and where each is on disk."""

    workflow: str
    function: str
    files: tuple[File, ...]
    paths: Mapping[str, Path]

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of every file's place, mode and content.

        Of bytecode, the place says which Python it is for, and its module what it is made of: another patch release may
        compile otherwise, as another zlib may compress, and that is nothing to deploy.
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
        """Bytes, unzipped."""
        return sum(file.size for file in self.files)


class ChangedError(Exception):
    """A file is not any more what it was when its digest was made; the message is its path."""


# See docs/explanation/decisions.md#a-zip-contains-one-function
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
