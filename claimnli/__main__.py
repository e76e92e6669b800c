"""``python -m claimnli``: the command line."""

from claimnli.cli import main

if __name__ == "__main__":
    main()
