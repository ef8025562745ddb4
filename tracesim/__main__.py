"""`python -m tracesim` does what `python -m tracesim.run` does."""

from __future__ import annotations

import sys

from tracesim.run import main

if __name__ == "__main__":
    sys.exit(main())
