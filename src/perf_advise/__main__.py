"""`python -m perf_advise`."""

from perf_advise.gate import main

if __name__ == "__main__":
    main()
