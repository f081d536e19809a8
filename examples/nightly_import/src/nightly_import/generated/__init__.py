# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d6afa7acfcc0d69f
"""Generated code of `nightly_import`."""
