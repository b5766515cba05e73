"""Run wheelpin as ``python -m wheelpin``."""

import sys

from wheelpin.entry import main

if __name__ == "__main__":
    sys.exit(main())
