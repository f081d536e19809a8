"""A folder that replaces S3: the object `orders/2026.csv` in the bucket `shop` is the file `shop/orders/2026.csv`.

ItemReaders and ResultWriters of Map states use it, and tasks that get, put, list and delete objects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from flowgen.local import Task, TaskError
from flowgen.local.runtime_types import Request
from flowgen.local.values import JSON, encode


@dataclass(frozen=True, slots=True)
class FolderObjects(MutableMapping[str, str]):
    """Objects under "bucket/key" in files, as UTF-8 text or bytes. A key outside the folder has no file."""

    folder: Path

    def __getitem__(self, name: str) -> str:
        return self.content(name).decode("utf-8", "replace")

    def content(self, name: str) -> bytes:
        """The bytes of an object. Raises KeyError."""
        path = self._path(name)
        if path is None or not path.is_file():
            raise KeyError(name)
        return path.read_bytes()

    def __setitem__(self, name: str, text: str) -> None:
        path = self._path(name)
        if path is None:
            raise ValueError(f"`{name}` can't be the name of a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")

    def __delitem__(self, name: str) -> None:
        path = self._path(name)
        if path is None or not path.is_file():
            raise KeyError(name)
        path.unlink()

    def __iter__(self) -> Iterator[str]:
        root = self.folder.resolve()
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.parent != root:
                yield path.relative_to(root).as_posix()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _path(self, name: str) -> Path | None:
        root = self.folder.resolve()
        path = (root / name).resolve()
        return path if path.is_relative_to(root) and path != root else None


_SERVICE = "arn:aws:states:::aws-sdk:s3:"


@dataclass(frozen=True, slots=True)
class FolderTasks:
    """Answers the tasks of S3 that a folder supports."""

    objects: MutableMapping[str, str]

    def answer(self, request: Request) -> Task | None:
        """The task that answers a request, or None if it is not supported."""
        actions: Mapping[str, Callable[[JSON], JSON]] = {
            "deleteObject": self._delete,
            "getObject": self._get,
            "listObjectsV2": self._list,
            "putObject": self._put,
        }
        action = actions.get(request.resource.removeprefix(_SERVICE))
        return None if action is None else Task(action)

    def _get(self, arguments: JSON) -> JSON:
        text = self.objects.get(_name(arguments))
        if text is None:
            raise TaskError(
                "S3.NoSuchKeyException", "The specified key does not exist. (Service: S3, Status Code: 404)"
            )
        return {"Body": text, **_described(text)}

    def _put(self, arguments: JSON) -> JSON:
        body = arguments.get("Body", "")
        text = body if isinstance(body, str) else encode(body)
        self.objects[_name(arguments)] = text
        return {"ETag": _described(text)["ETag"]}

    def _delete(self, arguments: JSON) -> JSON:
        self.objects.pop(_name(arguments), None)
        return {}

    def _list(self, arguments: JSON) -> JSON:
        bucket, prefix = arguments.get("Bucket"), arguments.get("Prefix", "")
        found = [name for name in sorted(self.objects) if name.startswith(f"{bucket}/{prefix}")]
        contents = [
            {"Key": name.partition("/")[2], "Size": len(self.objects[name].encode()), "StorageClass": "STANDARD"}
            for name in found
        ]
        more = {"Contents": contents} if contents else {}
        return {"IsTruncated": False, "KeyCount": len(contents), "Name": bucket, "Prefix": prefix, **more}


def _name(arguments: JSON) -> str:
    return f"{arguments.get('Bucket')}/{arguments.get('Key')}"


def _described(text: str) -> dict[str, JSON]:
    content = text.encode()
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {"ContentLength": len(content), "ETag": f'"{digest}"'}
