"""Random programs over a few variables: containers in containers, aliases, helpers that change what they are given,
closures, exceptions, loops. Most statements may fail, and go on where they stand."""

import random
from collections.abc import Callable

PRELUDE = """
import copy

def push(xs, x):
    xs.append(x)

def same(x):
    return x

def wrap(x):
    return [x]

def swap(d, k, v):
    old = d.get(k)
    d[k] = v
    return old

class Box:
    def __init__(self, x):
        self.x = x
        self.items = []

    def put(self, x):
        self.items.append(x)

    def last(self):
        return self.items[-1]

def hook(x):
    if isinstance(x, list):
        x.append("hooked")
        return x
    if isinstance(x, dict):
        x["hook"] = None
    return 1.5

def f(g, box):
"""
NAMES = ("a", "b", "c", "d", "e")
LITERALS = ("0", "1", "2.5", "'s'", "None", "True", "[]", "{}", "[1]", "['x']", "(1, 2.5)", "{1}", "[[1]]",
            "{'k': 1}", "[None]", "(1,)", "1j", "()")  # fmt: skip
TESTS = ("<v>", "isinstance(<v>, list)", "isinstance(<v>, (int, float))", "<v> is None", "not <v>")
SIMPLE = (
    "<v> = <e>", "<v> = <e>", "<v> = <e>", "<v> = <v>", "<v>.append(<e>)", "<v>[<i>] = <e>", "<v> += <e>",
    "push(<v>, <e>)", "g(<v>)", "<v>, <v> = <v>", "<v> = iter(<v>)", "<v> = (x for x in <v>)", "<v>.extend(<v>)",
    "<v>.setdefault(<l>, <v>).append(<v>)", "box.put(<v>)", "<v> = box.last()", "<v> = box.items", "box.x = <v>",
    "<v> = box.x", "<v> = [lambda: <v>.append(<l>)][0]()", "<v> = {k: v for k, v in <v>.items()}", "del <v>[0]",
)  # fmt: skip
EXPRESSIONS = (
    "<e> + <e>", "<v>[<i>]", "<v>[1:]", "[<e>, <e>]", "(<e>, <e>)", "(<e> if <v> else <e>)", "(<v> or <e>)",
    "(<v> and <e>)", "[x for x in <v>]", "list(<v>)", "sorted(<v>)", "len(<v>)", "<v>.get(1)", "same(<v>)",
    "wrap(<v>)", "<e> * 2", "copy.deepcopy(<v>)", "{<e>: <e>}", "<v>.pop()", "[y for x in <v> for y in x]",
    "swap(<v>, <l>, <v>)", "dict(<v>)", "g(<v>)",
)  # fmt: skip


class Writer:
    """Writes one program."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def name(self) -> str:
        return self.chance.choice(NAMES)

    def expression(self, depth: int = 0) -> str:
        if depth > 2 or self.chance.random() < 0.2:
            return self.chance.choice((self.name(), self.chance.choice(LITERALS)))
        return self.filled(self.chance.choice(EXPRESSIONS), depth + 1)

    def filled(self, template: str, depth: int) -> str:
        fillers: dict[str, Callable[[], str]] = {
            "<v>": self.name,
            "<e>": lambda: self.expression(depth),
            "<l>": lambda: self.chance.choice(LITERALS),
            "<i>": lambda: self.chance.choice(("0", "-1", self.name())),
        }
        for mark, fill in fillers.items():
            while mark in template:
                template = template.replace(mark, fill(), 1)
        return template

    def block(self, depth: int, most: int = 3) -> list[str]:
        lines = [line for _ in range(self.chance.randint(1, most)) for line in self.statement(depth)]
        return [f"    {line}" for line in lines]

    def guarded(self, line: str) -> list[str]:
        if self.chance.random() < 0.2:
            return [line]
        return ["try:", f"    {line}", "except Exception:", "    pass"]

    def statement(self, depth: int = 0) -> list[str]:
        if depth > 2 or self.chance.random() < 0.6:
            return self.guarded(self.filled(self.chance.choice(SIMPLE), 0))
        return self.chance.choice((self.loop, self.branch, self.attempt, self.closure, self.countdown))(depth + 1)

    def loop(self, depth: int) -> list[str]:
        name = self.name()
        source = self.chance.choice(("range(2)", "[1, 2.5]", f"list({name}) if isinstance({name}, list) else []"))
        leave = [f"    {self.chance.choice(('break', 'continue'))}"] if self.chance.random() < 0.2 else []
        return [f"for {self.name()} in {source}:", *self.block(depth), *leave]

    def branch(self, depth: int) -> list[str]:
        test = self.filled(self.chance.choice(TESTS), 0)
        other = ["else:", *self.block(depth)] if self.chance.random() < 0.6 else []
        return [f"if {test}:", *self.block(depth), *other]

    def attempt(self, depth: int) -> list[str]:
        handler = self.chance.choice(("except Exception:", "except (TypeError, IndexError):"))
        otherwise = ["else:", *self.block(depth, 1)] if self.chance.random() < 0.3 else []
        finally_ = ["finally:", *self.block(depth, 1)] if self.chance.random() < 0.4 else []
        return ["try:", *self.block(depth), handler, *self.block(depth), *otherwise, *finally_]

    def closure(self, depth: int) -> list[str]:
        shared = self.name()
        lines = [line.replace("inner", "nested") for line in self.block(4, 2)]
        head = ["def inner(x):", f"    nonlocal {shared}" if self.chance.random() < 0.3 else "    pass"]
        if any(f"nonlocal {shared}" in line for line in lines):
            return self.guarded(f"{self.name()} = {self.expression()}")
        return [*head, *lines, "    return x", *self.guarded(f"{self.name()} = inner({self.name()})")]

    def countdown(self, depth: int) -> list[str]:
        return [f"n{depth} = 3", f"while n{depth} > 0:", f"    n{depth} -= 1", *self.block(depth)]


def program(chance: random.Random) -> str:
    """The source of a module with a function `f(g, box)`, to be called as `f(hook, Box(1))`."""
    writer = Writer(chance)
    body = [f"{name} = {chance.choice(LITERALS)}" for name in NAMES]
    body += [line for _ in range(chance.randint(2, 6)) for line in writer.statement()]
    return PRELUDE + "".join(f"    {line}\n" for line in (*body, "return a, b, c, d, e"))
