"""Where perf-advise meets other programs: pytest, notebooks, editors, agents. Each imports its extra lazily."""
