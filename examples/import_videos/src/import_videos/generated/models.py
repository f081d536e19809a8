# Made by flowgen from workflows/import_videos.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 17a0344d66b7fbaa of types 65d9535de432893d
"""The types of `import_videos`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.generated.base import ContractModel


class Source(ContractModel):
    bucket: str
    key: str


class Row(ContractModel):
    """A row of the file. All CSV columns are strings."""

    content: Annotated[str, Field(alias="Content")]
    video_title: Annotated[str, Field(alias="VideoTitle")]
    video_publish_time: Annotated[str, Field(alias="VideoPublishTime")]
    views: Annotated[str, Field(alias="Views")]
