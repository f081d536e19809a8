# Made by flowgen from workflows/import_videos.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ef6accddd711be42
"""Generated code of `import_videos`."""
