"""Templates as they are deployed: a parent stack with one nested stack per workflow, and files in a bucket.

In: `WorkflowStack`s without errors.
Out: `bundling.bundle`: the template to deploy and the files to upload.
Never: decide whether stacks are nested (the project's settings do); upload anything.
"""
