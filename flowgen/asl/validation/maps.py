"""Checks the fields of Map states: the source of items, batching, and the destination of results."""

from __future__ import annotations

import re
from typing import Any

from flowgen.asl.validation.handlers import check_language_of_fields
from flowgen.asl.validation.queries import (
    JSONATA,
    JSONPATH,
    check_jsonata,
    check_number,
    check_payload,
    check_reference_path,
    is_jsonata,
)
from flowgen.asl.validation.report import Place, Report, filled_in, is_placeholder
from flowgen.asl.validation.resources import EXPRESS

PROCESSORS = ("ItemProcessor", "Iterator")

_READERS = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:s3:(getObject|listObjectsV2)")
_WRITERS = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:s3:putObject")
_DISTRIBUTED_ONLY = ("ItemReader", "ItemBatcher", "ResultWriter", "Label")
_ONLY_OF = {"Parameters": JSONPATH, "Arguments": JSONATA}
_LIMITS = ("MaxItemsPerBatch", "MaxInputBytesPerBatch")
_ONLY_OF_LIMITS = {f"{name}Path": JSONPATH for name in (*_LIMITS, "MaxItems")}
_INPUT_TYPES = ("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET")
_CSV_ONLY = ("CSVHeaderLocation", "CSVHeaders", "CSVDelimiter")
_READER_CONFIG = (
    *("InputType", "MaxItems", "MaxItemsPath", "Transformation", "ManifestType", "ItemsPointer"),
    *_CSV_ONLY,
)
# A tuple, because the value to look up may be an (unhashable) list.
_WITHOUT_HEADERS = ("JSON", "JSONL", "PARQUET")
_DELIMITERS = ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")
_MAX_LABEL = 40
_NOT_IN_LABELS = re.compile(r"[\s?*<>{}\[\]:;,\\|^~$#%&`\"]|[\x00-\x1f\x7f-\x9f]")


def check_map(report: Report, place: Place, state: dict[str, Any], labels: dict[str, Place]) -> None:
    """The dependencies between the fields of a Map state; `labels` collects those of the whole definition."""
    report.exactly_one(place, state, *PROCESSORS)
    report.exclusive(place, state, "ItemSelector", "Parameters")
    for name in ("MaxConcurrency", "ToleratedFailurePercentage", "ToleratedFailureCount"):
        report.exclusive(place, state, name, f"{name}Path")
    name = next((name for name in PROCESSORS if name in state), PROCESSORS[0])
    processor = state.get(name)
    config = processor.get("ProcessorConfig", {}) if isinstance(processor, dict) else {}
    mode = _check_processor_config(report, (*place, name, "ProcessorConfig"), config)
    if mode != "DISTRIBUTED":
        for field in _DISTRIBUTED_ONLY:
            if field in state:
                report.warn((*place, field), f"{field} is only supported in DISTRIBUTED mode", "NOT_DISTRIBUTED")
    if "Label" in state:
        _check_label(report, (*place, "Label"), state["Label"], labels)


def _check_processor_config(report: Report, place: Place, config: Any) -> Any:
    if not report.is_object(place, config):
        return "INLINE"
    report.unsupported(place, config, ("Mode", "ExecutionType"))
    mode = config.get("Mode", "INLINE")
    if "Mode" in config:
        report.one_of((*place, "Mode"), mode, "INLINE", "DISTRIBUTED")
    if mode == "DISTRIBUTED":
        report.required(place, config, "ExecutionType")
        if report.machine_type == EXPRESS:
            report.error((*place, "Mode"), "Express state machine does not support Map states in DISTRIBUTED mode")
    elif "ExecutionType" in config:
        report.unsupported(place, ("ExecutionType",), ())
    if "ExecutionType" in config:
        report.one_of((*place, "ExecutionType"), config["ExecutionType"], "STANDARD", "EXPRESS")
    return mode


def _check_label(report: Report, place: Place, label: Any, labels: dict[str, Place]) -> None:
    if not report.is_text(place, label):
        return
    if not label or len(label) > _MAX_LABEL or _NOT_IN_LABELS.search(label):
        words = f"Invalid label name '{label}': at most {_MAX_LABEL} characters, no blanks, no wildcards, no brackets"
        report.error(place, words, "INVALID_LABEL_NAME")
    if label in labels:
        report.error(place, f"Duplicate Label name: {label}", "DUPLICATE_LABEL_NAME")
    labels.setdefault(label, place)


def check_items(report: Report, place: Place, value: Any, _language: str) -> None:
    """Items: a list, or an expression that returns one (or an object, whose members are the items)."""
    check_jsonata(report, place, value)
    if not isinstance(value, (list, dict)) and not is_jsonata(value) and not is_placeholder(value):
        report.error(place, "Items must be an array or a JSONata string")


def check_item_reader(report: Report, place: Place, reader: Any, language: str) -> None:
    """ItemReader: an S3 resource, its parameters, and the format of the response."""
    if not report.is_object(place, reader):
        return
    report.unsupported(place, reader, ("Resource", "ReaderConfig", *_ONLY_OF))
    _check_resource(report, place, reader, _READERS, language)
    config = reader.get("ReaderConfig", {})
    here = (*place, "ReaderConfig")
    if not report.is_object(here, config):
        return
    report.unsupported(here, config, _READER_CONFIG)
    report.exclusive(here, config, "MaxItems", "MaxItemsPath")
    check_language_of_fields(report, here, config, language, _ONLY_OF_LIMITS)
    if "MaxItems" in config:
        check_number(report, (*here, "MaxItems"), config["MaxItems"], language, most=100_000_000)
    if "MaxItemsPath" in config:
        check_reference_path(report, (*here, "MaxItemsPath"), config["MaxItemsPath"])
    if "InputType" in config:
        report.one_of((*here, "InputType"), config["InputType"], *_INPUT_TYPES)
    _check_csv(report, here, config)


def _check_csv(report: Report, place: Place, config: dict[str, Any]) -> None:
    if config.get("InputType") == "CSV":
        if "CSVHeaderLocation" not in config:
            report.error(place, "The field 'CSVHeaderLocation' is required")
    elif config.get("InputType") in _WITHOUT_HEADERS:
        report.unsupported(place, (name for name in _CSV_ONLY if name in config), ())
    if "CSVHeaderLocation" in config:
        report.one_of((*place, "CSVHeaderLocation"), config["CSVHeaderLocation"], "FIRST_ROW", "GIVEN")
    if config.get("CSVHeaderLocation") == "GIVEN":
        report.required(place, config, "CSVHeaders")
    if "CSVHeaders" in config and report.is_list((*place, "CSVHeaders"), config["CSVHeaders"]):
        for at, header in enumerate(config["CSVHeaders"]):
            report.is_text((*place, "CSVHeaders", at), header)
    if "CSVDelimiter" in config:
        report.one_of((*place, "CSVDelimiter"), config["CSVDelimiter"], *_DELIMITERS)


def _check_resource(
    report: Report, place: Place, holder: dict[str, Any], allowed: re.Pattern[str], language: str
) -> None:
    check_language_of_fields(report, place, holder, language, _ONLY_OF)
    if report.required(place, holder, "Resource"):
        here, resource = (*place, "Resource"), holder["Resource"]
        is_final = report.is_text(here, resource) and not is_placeholder(resource)
        if is_final and allowed.fullmatch(filled_in(resource)) is None:
            report.error(here, "The field 'Resource' does not match any of the allowed values")
    for name in ("Parameters", "Arguments"):
        if name in holder:
            check_payload(report, (*place, name), holder[name], language)


def check_item_batcher(report: Report, place: Place, batcher: Any, language: str) -> None:
    """ItemBatcher: at least one limit, and the input that is added to each batch."""
    if not report.is_object(place, batcher):
        return
    report.unsupported(place, batcher, ("BatchInput", *_LIMITS, *(f"{name}Path" for name in _LIMITS)))
    check_language_of_fields(report, place, batcher, language, _ONLY_OF_LIMITS)
    if not any(name in batcher or f"{name}Path" in batcher for name in _LIMITS):
        report.error(place, f"At least one of the following fields is required: [{', '.join(_LIMITS)}]")
    for name in _LIMITS:
        report.exclusive(place, batcher, name, f"{name}Path")
        if name in batcher:
            check_number(report, (*place, name), batcher[name], language, least=1)
        if f"{name}Path" in batcher:
            check_reference_path(report, (*place, f"{name}Path"), batcher[f"{name}Path"])
    if "BatchInput" in batcher:
        check_payload(report, (*place, "BatchInput"), batcher["BatchInput"], language)


def check_result_writer(report: Report, place: Place, writer: Any, language: str) -> None:
    """ResultWriter: the destination of results, their format, or both."""
    if not report.is_object(place, writer):
        return
    report.unsupported(place, writer, ("Resource", "WriterConfig", *_ONLY_OF))
    if "Resource" in writer or "WriterConfig" not in writer:
        _check_resource(report, place, writer, _WRITERS, language)
    config = writer.get("WriterConfig", {})
    here = (*place, "WriterConfig")
    if report.is_object(here, config):
        report.unsupported(here, config, ("Transformation", "OutputType"))
        if "Transformation" in config:
            report.one_of((*here, "Transformation"), config["Transformation"], "NONE", "COMPACT", "FLATTEN")
        if "OutputType" in config:
            report.one_of((*here, "OutputType"), config["OutputType"], "JSON", "JSONL")
