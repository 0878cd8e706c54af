"""What runs inside the user's program, in whatever interpreter that is.

Standard library only, Python 3.9 syntax, nothing of perf_advise: `startup/sitecustomize.py` loads these modules as
the package `_perf_advise`, so that they import each other relatively and shadow no module of the program.
A module that `launch` names has `start(settings)`; it is called once per process, before `__main__` is set up.
"""
