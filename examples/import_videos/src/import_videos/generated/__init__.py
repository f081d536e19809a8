# Made by flowgen from workflows/import_videos.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: fa5b3f6f8df98d49
"""The types and contracts of `import_videos`, and what Lambda calls."""
