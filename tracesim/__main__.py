"""`python -m tracesim`: short for `python -m tracesim.run`."""

from __future__ import annotations

import sys

from tracesim.run import main

if __name__ == "__main__":
    sys.exit(main())
