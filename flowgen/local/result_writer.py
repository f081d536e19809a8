"""ResultWriter: exports the results of a Map run's children to S3 with a manifest, or transforms them.

See "ResultWriter" in the developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowgen.local.failures import StateFailure
from flowgen.local.fields import as_object
from flowgen.local.map_fields import Evaluator, compile_payload
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from flowgen.local.frame import Frame
    from flowgen.local.runtime_types import Child
    from flowgen.local.states.base import Source


def _entry(result: Child, frame: Frame) -> dict[str, JSON]:
    """The entry of a child execution in a result file without a transformation."""
    entry: dict[str, JSON] = {
        "ExecutionArn": result.arn,
        "Input": encode(result.input),
        "InputDetails": {"Included": True},
        "Name": result.name,
        "StartDate": result.started_at(frame.run.start),
        "StateMachineArn": frame.run.identity.machine_arn,
        "Status": result.status,
        "StopDate": result.stopped_at(frame.run.start),
    }
    if result.succeeded:
        return entry | {"Output": encode(result.output), "OutputDetails": {"Included": True}, **result.redrive()}
    failure = {"Cause": result.cause, "Error": result.error}
    return entry | failure | {"RedriveCount": 0, "RedriveStatus": "REDRIVABLE_BY_MAP_RUN"}


@dataclass(frozen=True, slots=True)
class Writer:
    """A compiled ResultWriter. If `place` is None, it only transforms the state's result."""

    place: Evaluator | None
    transformation: str
    lines: bool

    def write(self, frame: Frame, raw: JSON, data: JSON, results: list[Child], run_arn: str) -> JSON:
        """The result of the Map state: the transformed results, or the place of the manifest."""
        succeeded = [result for result in results if result.succeeded]
        shaped = self._shaped(succeeded, frame)
        if self.place is None:
            return shaped
        place = self.place(frame, raw, data)
        bucket, prefix = (place.get("Bucket"), place.get("Prefix", "")) if isinstance(place, Mapping) else (None, "")
        if not isinstance(bucket, str) or not isinstance(prefix, str):
            raise StateFailure("States.ResultWriterFailed", "The ResultWriter needs a Bucket and a Prefix as strings")
        prefix = prefix.strip("/")
        folder = "/".join(filter(None, (prefix, run_arn.rpartition(":")[2])))
        failed = [_entry(result, frame) for result in results if not result.succeeded]
        files: dict[str, list[JSON]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
        for status, entries in (("SUCCEEDED", shaped), ("FAILED", failed)):
            if entries:
                key = f"{folder}/{status}_0.{'jsonl' if self.lines else 'json'}"
                text = "\n".join(map(encode, entries)) if self.lines else encode(entries)
                frame.run.objects[f"{bucket}/{key}"] = text
                files[status].append({"Key": key, "Size": len(text.encode())})
        manifest = {"DestinationBucket": bucket, "MapRunArn": run_arn, "ResultFiles": files}
        frame.run.objects[f"{bucket}/{folder}/manifest.json"] = encode(manifest)
        details = {"Bucket": bucket, "Key": f"{folder}/manifest.json"}
        return {"MapRunArn": run_arn, "ResultWriterDetails": details}

    def _shaped(self, succeeded: list[Child], frame: Frame) -> list[JSON]:
        if self.transformation == "NONE":
            return [_entry(result, frame) for result in succeeded]
        outputs = [result.output for result in succeeded]
        if self.transformation == "FLATTEN":
            return [item for output in outputs for item in (output if isinstance(output, list) else [output])]
        return outputs


def compile_writer(source: Source) -> Writer:
    """The writer of a distributed Map."""
    written = source.object("ResultWriter")
    config = as_object(written.get("WriterConfig", {}), f"{source.pointer}/ResultWriter/WriterConfig")
    place: Evaluator | None = None
    if "Resource" in written:
        field = "Arguments" if source.is_jsonata else "Parameters"
        place = compile_payload(source, written.get(field, {}), f"ResultWriter/{field}")
    default = "NONE" if place is not None else "COMPACT"
    return Writer(place, config.get("Transformation", default), config.get("OutputType") == "JSONL")
