# Made by flowgen from workflows/sign_up.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: b788ecf51d592c7d
"""Generated code of `sign_up`."""
