"""`python -m flowgen`."""

from flowgen.cli import main

if __name__ == "__main__":
    main()
