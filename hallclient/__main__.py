"""`python -m hallclient`: the same as the console script."""

from hallclient.cli import main

if __name__ == "__main__":
    main()
