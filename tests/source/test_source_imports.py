"""Imports merged into the block that is there, whatever it looks like."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf_advise.model.errors import UserError
from perf_advise.source.edits import apply_edits
from perf_advise.source.imports import import_edits
from perf_advise.source.index import ModuleIndex
from perf_advise.source.text import SourceFile, read_source, source_from_bytes

NUMPY = "import numpy as np"


def file_of(text: str, path: str = "some.py") -> SourceFile:
    return source_from_bytes(Path(path), text.encode())


def with_imports(text: str, *statements: str, path: str = "some.py") -> str:
    file = file_of(text, path)
    return apply_edits(file, import_edits(file, statements)).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"{NUMPY}\n"),
        ("x = 1\n", f"{NUMPY}\n\nx = 1\n"),
        ("\nx = 1\n", f"{NUMPY}\n\nx = 1\n"),
        ("def f(): pass\n", f"{NUMPY}\n\n\ndef f(): pass\n"),
        ("#!/usr/bin/env python\n# c\nx = 1\n", f"#!/usr/bin/env python\n# c\n\n{NUMPY}\n\nx = 1\n"),
        ('"""Doc."""\n\nx = 1\n', f'"""Doc."""\n\n{NUMPY}\n\nx = 1\n'),
        ('# licence\n\n"""Doc."""\nclass A: pass\n', f'# licence\n\n"""Doc."""\n\n{NUMPY}\n\n\nclass A: pass\n'),
        ("'''Doc.'''", f"'''Doc.'''\n\n{NUMPY}"),
        (
            "from __future__ import annotations\n\nx = 1\n",
            f"from __future__ import annotations\n\n{NUMPY}\n\nx = 1\n",
        ),
        (
            "from __future__ import annotations\nimport os\n",
            f"from __future__ import annotations\nimport os\n\n{NUMPY}\n",
        ),
        ("import os\nx = 1\n", f"import os\n\n{NUMPY}\nx = 1\n"),
        ("import os", f"import os\n\n{NUMPY}"),
        ("import os\r\nimport sys\r\n\r\nx = 1\r\n", f"import os\r\nimport sys\r\n\r\n{NUMPY}\r\n\r\nx = 1\r\n"),
        ("import os\rx = 1\r", f"import os\r\r{NUMPY}\rx = 1\r"),
        ("import os\n\nimport attr\nimport zlib2\n", f"import os\n\nimport attr\n{NUMPY}\nimport zlib2\n"),
        ("import os\n\nimport pandas\n\nx = 1\n", f"import os\n\n{NUMPY}\nimport pandas\n\nx = 1\n"),
        ("import os\n\nfrom a import b\nimport z\n", f"import os\n\nfrom a import b\n{NUMPY}\nimport z\n"),
        ("import zlib2\nimport attr\n\nx = 1\n", f"import zlib2\nimport attr\n{NUMPY}\n\nx = 1\n"),
        ("from . import x\n", f"{NUMPY}\n\nfrom . import x\n"),
        ("import os\nimport attr\nfrom . import x\n", f"import os\nimport attr\n{NUMPY}\nfrom . import x\n"),
        ("import os; import attr; x = (\n1)\ny = 1\n", f"import os; import attr; x = (\n1)\n{NUMPY}\ny = 1\n"),
        ("import attr \\\n\nx = 1\n", f"import attr \\\n\n{NUMPY}\nx = 1\n"),
        (
            'import os\nos.environ["OMP_NUM_THREADS"] = "1"\nimport scipy\n',
            f'import os\nos.environ["OMP_NUM_THREADS"] = "1"\n{NUMPY}\nimport scipy\n',
        ),
        (
            "if TYPE_CHECKING:\n    import numpy as np\nx = 1\n",
            f"{NUMPY}\n\nif TYPE_CHECKING:\n    import numpy as np\nx = 1\n",
        ),
        ("try:\n    import a\nexcept E:\n    a = None\n", f"{NUMPY}\n\ntry:\n    import a\nexcept E:\n    a = None\n"),
        ("def f():\n    import numpy as np\n", f"{NUMPY}\n\n\ndef f():\n    import numpy as np\n"),
        ("def f(): pass\nimport os\n", f"{NUMPY}\n\n\ndef f(): pass\nimport os\n"),
    ],
)
def test_a_statement_finds_its_place(text: str, expected: str) -> None:
    assert with_imports(text, NUMPY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from m import b\n", "from m import b, deque\n"),
        ("from m import OrderedDict, namedtuple  # c\n", "from m import OrderedDict, deque, namedtuple  # c\n"),
        ("from m import z, a\n", "from m import z, a, deque\n"),
        ("from m import (a, e)\n", "from m import (a, deque, e)\n"),
        ("from m import (\n    a,  # why\n    e\n)\n", "from m import (\n    a,  # why\n    deque,\n    e\n)\n"),
        ("from m import (\n    a,\n    b,  # why\n)\n", "from m import (\n    a,\n    b,  # why\n    deque,\n)\n"),
        ("from m import (\n    a,\n    b  # why\n)\n", "from m import (\n    a,\n    b,  # why\n    deque\n)\n"),
        ("from m import (a,\n               b)\n", "from m import (a,\n               b,\n               deque)\n"),
        ("from m import a, \\\n    b\n", "from m import a, \\\n    b, deque\n"),
        ("from m import a as b, e\r\n", "from m import a as b, deque, e\r\n"),
        ("from m import a; x = 1\n", "from m import a, deque; x = 1\n"),
        ("from m import *\n", "from m import *\nfrom m import deque\n"),
        ("from .m import a\n", "from m import deque\n\nfrom .m import a\n"),
        ("import m\n", "import m\nfrom m import deque\n"),
        (f"from m import {'a' * 80}\n", f"from m import {'a' * 80}\nfrom m import deque\n"),
        ("if x:\n    from m import a\n", "from m import deque\n\nif x:\n    from m import a\n"),
        (
            "if TYPE_CHECKING:\n    from m import deque\n",
            "from m import deque\n\nif TYPE_CHECKING:\n    from m import deque\n",
        ),
    ],
)
def test_a_name_joins_the_import_of_its_module(text: str, expected: str) -> None:
    assert with_imports(text, "from m import deque") == expected


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("import numpy as np\n", NUMPY),
        ("x = 1\ndef f(): pass\nimport os, numpy as np\n", NUMPY),
        ("from m import a, b as c\n", "from m import b as c"),
        ("import os.path\n", "import os"),
        ("import os.path\n", "import os.path"),
        ("from .a import b\n", "from .a import b"),
        ("import a\nif x:\n    import a\n", "import a"),
    ],
)
def test_what_is_there_is_not_added(text: str, statement: str) -> None:
    assert import_edits(file_of(text), [statement]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "np = 1\n",
        "def np(): pass\n",
        "import nothing_else as np\n",
        "try:\n    import numpy as np\nexcept ImportError:\n    np = None\n",
        "def f():\n    global np\n    np = 2\n",
    ],
)
def test_a_taken_name_is_a_user_error(text: str) -> None:
    with pytest.raises(UserError, match="`np` already means something else than `import numpy as np`"):
        import_edits(file_of(text), [NUMPY])


def test_edits_are_as_small_as_they_can_be() -> None:
    file = file_of("import os\nfrom m import a\nimport sys")
    assert [(edit.old, edit.new) for edit in import_edits(file, ["from m import b", "import zlib"])] == [
        ("", ", b"),
        ("", "\nimport zlib"),
    ]


def test_a_package_does_not_give_its_modules() -> None:
    assert with_imports("import os\n", "import os.path") == "import os\nimport os.path\n"
    assert with_imports("import xml\nimport abc2\n", "import xml.dom").count("import xml.dom") == 1


def test_several_go_in_together() -> None:
    text = '"""Doc."""\nimport os\nfrom collections import namedtuple\n\nimport attr\n\n\ndef f(): pass\n'
    statements = ("from math import sqrt", NUMPY, "from collections import deque", "import abc", NUMPY)
    assert with_imports(text, *statements) == (
        '"""Doc."""\nimport abc\nimport os\nfrom collections import deque, namedtuple\nfrom math import sqrt\n'
        "\nimport attr\nimport numpy as np\n\n\ndef f(): pass\n"
    )


def test_modules_of_the_project_come_behind_installed_ones() -> None:
    text = "import os\n\nimport app.core\n\nx = 1\n"
    expected = f"import os\n\n{NUMPY}\n\nimport app.core\n\nx = 1\n"
    assert with_imports(text, NUMPY, path="app/some.py") == expected


MODULES = [
    "import os",
    "import sys, json",
    "from math import sqrt",
    "import heapq  # c",
    "",
    "# c",
    "from heapq import (\n  heappop,\n)",
]
WANTED = [
    "import array",
    "import math as m",
    "from math import pi, tau",
    "from heapq import heappush as push",
    "import json.decoder",
]


@settings(deadline=None)
@given(
    st.sampled_from(['"""Doc."""', "# c", "", "from __future__ import annotations"]),
    st.lists(st.sampled_from(MODULES), unique=True),
    st.sampled_from(["", "x = 1", "def f(): pass", "if 1:\n    import bisect"]),
    st.sets(st.sampled_from(WANTED), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
)
def test_names_mean_what_was_wanted_and_nothing_else_changes(
    head: str, imports: list[str], tail: str, wanted: set[str], newline: str
) -> None:
    text = "\n".join([head, *imports, tail, ""]).replace("\n", newline)
    statements = sorted(wanted)
    new = with_imports(text, *statements)
    assert import_edits(file_of(new), statements) == ()
    expected: dict[str, object] = {}
    exec("\n".join(statements), expected)
    found: dict[str, object] = {}
    exec(new, found)
    assert all(found[name] is value for name, value in expected.items() if name != "__builtins__")
    left = iter(new.split(newline))
    kept = [line for line in text.split(newline) if line and "import" not in line]
    assert all(line in left for line in kept)


def test_real_files_take_imports(sample_path: Path) -> None:
    file = read_source(sample_path)
    statements = [NUMPY, "from a_module import something", "import xml.dom"]
    new = apply_edits(file, import_edits(file, statements)).decode()
    index = ModuleIndex(file_of(new))
    assert [index.imports[name] for name in ("np", "something", "xml")] == ["numpy", "a_module.something", "xml"]
    added = set(new.splitlines()) - set(file.text.splitlines())
    assert added == set(statements)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_all_real_files_take_imports(every_path: list[Path]) -> None:
    done = 0
    for path in every_path[::4]:
        try:
            file = read_source(path)
            compile(file.tree, "x", "exec", dont_inherit=True)
        except (UserError, SyntaxError):
            continue
        for statement in (NUMPY, "from collections import deque", "from typing import Final"):
            try:
                edits = import_edits(file, [statement])
            except UserError:
                continue  # the name means something else there
            new = apply_edits(file, edits).decode(getattr(file, "encoding"))
            wanted = ast.parse(statement).body[0]
            assert not edits or len(new) > len(file.text), wanted
            done += 1
    assert done > 2_000
