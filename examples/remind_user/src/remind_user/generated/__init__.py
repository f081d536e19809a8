# Made by flowgen from workflows/remind_user.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 95539673e8b97cd6
"""Generated code of `remind_user`."""
