"""Workflows of a project that start each other: by ARN in the service, instead of by a placeholder."""

from __future__ import annotations

from dataclasses import replace

from flowgen.running import Program
from flowgen.running.program import fill


def with_child_arns(program: Program, account: str, region: str) -> Program:
    """A program whose definition names the machines that it starts by their ARNs in the service."""
    keys = {
        key: f"arn:aws:states:{region}:{account}:stateMachine:{name}" for key, name in program.machine_names.items()
    }
    return replace(
        program,
        definition=fill(program.definition, {}, keys),
        machines={keys.get(key, key): fill(machine, {}, keys) for key, machine in program.machines.items()},
    )
