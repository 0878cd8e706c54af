"""The commands by name, for who has to know them without importing any."""

COMMANDS = {
    "check": "Advice for the hot functions under PATHS (the default command).",
    "record": "Run a program once and keep its profile.",
    "prove": "Prove each fix on real calls of the recorded command.",
    "optimize": "The whole loop: record, advise, prove, fix, compare.",
    "hotspots": "The hot functions of a profile.",
    "rules": "The rules; their tests and benches.",
    "explain": "One rule, whole.",
    "facts": "What is known about a function, and why.",
    "ratchet": "For pull requests: what is slow now and was not at the base.",
    "lsp": "A language server for editors, over standard input and output.",
    "mcp": "The tools for coding agents (Model Context Protocol), over standard input and output.",
    "undo": "Take back what the last --fix or optimize applied.",
    "new-rule": "A new rule with a failing test, to fill in.",
}
"""Each is the function `command` of the module of its name; only the module that is asked for is imported."""

DEFAULT = "check"
