"""Brings a package into AWS: uploads what is missing, shows what would change, changes it, and tells how it goes.

In: a package's manifest, values of parameters, clients of AWS, somebody to ask. Out: an `Outcome`, the events of the
stack as they come, diagnostics (FG541-FG549).
Never: click; a change in AWS before somebody agreed to it, but for files in the bucket; a clock: events carry their own
time, and what waits is handed in.
"""

from flowgen.deploying.cloud import Cloud, connect
from flowgen.deploying.deploy import Outcome, Person, Status, Wanted, deploy
from flowgen.deploying.package import Asset, Package, Source, read
from flowgen.deploying.refusals import Refused

__all__ = [
    "Asset",
    "Cloud",
    "Outcome",
    "Package",
    "Person",
    "Refused",
    "Source",
    "Status",
    "Wanted",
    "connect",
    "deploy",
    "read",
]
