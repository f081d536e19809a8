"""Packages the code of each function with its dependencies as a zip.

In: a project, its functions (`Deployed`: an entry point, a target), an `Installer` and a bytecode `Compiler`.
Out: one zip per function (`Zip`) with the same bytes on every machine, diagnostics (FG530-FG539), and the output of
`flowgen package` (`output.write`).
Never: run or import the project's code; build a dependency from source; choose a package index; write outside the
output folder and the cache.
"""
