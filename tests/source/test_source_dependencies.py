"""One more dependency, written where the project has its others; everything else stays."""

from pathlib import Path

import pytest

from perf_advise.source.dependencies import declaration

HEAD = '# comment\n[project]\nname = "x"  # kept\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dependencies = []\n", 'dependencies = ["numba"]\n'),
        ('dependencies = ["numpy>=1.26"]\n', 'dependencies = ["numpy>=1.26", "numba"]\n'),
        ('dependencies = ["pandas[test]>=2"]\n', 'dependencies = ["pandas[test]>=2", "numba"]\n'),
        (
            'dependencies = [\n  "numpy",  # arrays\n  "rich",\n]\n',
            'dependencies = [\n  "numpy",  # arrays\n  "rich",\n  "numba",\n]\n',
        ),
        ('dependencies = [\n    "numpy"\n]\n', 'dependencies = [\n    "numpy",\n    "numba",\n]\n'),
    ],
)
def test_one_more_line(old: str, new: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"{HEAD}{old}\n[tool.x]\ndependencies = [1]\n", "utf-8")
    found = declaration(tmp_path)
    assert found is not None
    assert found.lacks(["numba"]) == ("numba",)
    assert found.with_package("numba") == f"{HEAD}{new}\n[tool.x]\ndependencies = [1]\n"


def test_what_is_declared_already(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("Num_Ba>=0.60\n# numpy\n", "utf-8")
    found = declaration(tmp_path)
    assert found is not None
    assert found.lacks(["num-ba", "numpy"]) == ("numpy",)
    assert found.with_package("numpy") == "Num_Ba>=0.60\n# numpy\nnumpy\n"


def test_nothing_where_it_is_not_plain_to_see(tmp_path: Path) -> None:
    assert declaration(tmp_path) is None
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "x"\ndynamic = ["dependencies"]\n', "utf-8")
    assert declaration(tmp_path) is None
    path.write_text("[project\n", "utf-8")
    assert declaration(tmp_path) is None
    path.write_text('project = {name = "x", dependencies = ["numpy"]}\n', "utf-8")
    found = declaration(tmp_path)
    assert found is not None
    assert found.with_package("numba") is None
    path.write_text('[project]\nname = "x"\ndependencies = [\n  "numpy",  # a, b]\n  # the end\n]\n', "utf-8")
    found = declaration(tmp_path)
    assert found is not None
    new = found.with_package("numba")
    assert new is None or '"numba"' in new
