"""What a deployment needs beside the template: the code of each function, with its dependencies, as a zip.

In: a project, its functions (`Deployed`: an entry point, a target), an `Installer` and a `Compiler` of bytecode. Out: a
zip a function (`Zip`) that is the same to the byte wherever it is made, diagnostics (FG530-FG539), and the files of
`flowgen package` (`output.write`).
Never: run or import the project's code; build a dependency from its source; name an index; write outside of the output
folder and the cache.
"""
