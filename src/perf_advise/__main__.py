"""`python -m perf_advise`."""

import sys

from perf_advise.gate import main

if __name__ == "__main__":
    sys.exit(main())
