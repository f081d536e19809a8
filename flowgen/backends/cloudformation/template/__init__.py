"""The template of one or more workflows, and what AWS would reject in it.

In: `WorkflowStack`s.
Out: `build.build_template` (the template as JSON data) and `findings.findings` (diagnostics, before a template exists).
Never: write files; read a template from disk; know that stacks can be nested.
"""
