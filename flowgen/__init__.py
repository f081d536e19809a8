"""flowgen: one YAML file in; typed Python, CloudFormation and a local run of an AWS Step Functions workflow out.

In: a workflow file. Out: diagnostics, an Amazon States Language machine, and what the backends make of it.
Nothing is imported here: `flowgen --help` must stay light, and each package is loaded by the command that needs it.
"""

__version__ = "0.1.0"
