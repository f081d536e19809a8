"""Start a build, and look every half minute whether it is finished."""
