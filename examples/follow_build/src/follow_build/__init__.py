"""Start a build, and check every 30 seconds whether it is finished."""
