"""Turns a CloudFormation template into a Terraform configuration in JSON syntax for the provider `hashicorp/aws`.

In: a template as JSON data with the long forms of intrinsic functions.
Out: a configuration, and the parts of the template that have no counterpart in it.
Never: build a template itself, write files, ask Terraform or a registry.
"""

from flowgen.backends.terraform.configuration import Configuration, convert, to_text
from flowgen.backends.terraform.values import Problem

__all__ = ["Configuration", "Problem", "convert", "to_text"]
