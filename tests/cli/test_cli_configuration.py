"""Where options come from: command line over inline over file over default; wrong ones in one line."""

from pathlib import Path

import pytest

from perf_advise.cli.configuration import options_by_project
from perf_advise.cli.settings import SETTINGS
from perf_advise.model.errors import UserError
from perf_advise.model.options import FloatTolerance, Options


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.perf-advise]\n{text}\n")


def options(**given: object) -> Options:
    return options_by_project([Path("a.py")], given)[0]


def test_defaults(project: Path) -> None:
    found = options(select=[], fix=None)
    assert found == Options(root=project, paths=(Path("a.py"),))


def test_every_setting_fills_a_field_of_options() -> None:
    assert {setting.field for setting in SETTINGS.values()} <= set(Options.__dataclass_fields__)


def test_the_file_configures(project: Path) -> None:
    configure(
        project,
        """
        hot = 0.05
        select = ["PA1", "PA5"]
        rules = ["perf_rules"]
        profile = "runs/main.prof"
        float-tolerance = "4ulp"
        target-version = "py312"
        unsafe-fixes = true
        python = ".venv/bin/python"
        [tool.perf-advise.per-file-ignores]
        "tests/*" = ["PA1"]
        """,
    )
    found = options()
    assert (found.hot, found.select, found.unsafe_fixes) == (0.05, ("PA1", "PA5"), True)
    assert (found.rules, found.profiles) == ((project / "perf_rules",), (str(project / "runs/main.prof"),))
    assert (found.float_tolerance, found.target_version) == (FloatTolerance(ulp=4), (3, 12))
    assert found.python == project / ".venv/bin/python"
    assert found.per_file_ignores == {"tests/*": ("PA1",)}
    assert found.config == project / "pyproject.toml"


def test_command_line_over_inline_over_file(project: Path) -> None:
    configure(project, 'hot = "5%"\nselect = ["PA1"]\nfix = true')
    found = options(config=["hot = '3%'", "select = ['PA2']"], select=["PA3,PA4", "PA5"], fix=False)
    assert (found.hot, found.select, found.fix) == (0.03, ("PA3", "PA4", "PA5"), False)


def test_the_own_file_comes_before_pyproject(project: Path) -> None:
    configure(project, 'hot = "5%"')
    (project / "perf-advise.toml").write_text('hot = "7%"\n')
    assert options().hot == 0.07


def test_isolated_reads_no_file_but_inline(project: Path) -> None:
    configure(project, 'hot = "5%"\nfix = true')
    found = options(isolated=True, config=['hot = "2%"'])
    assert (found.hot, found.fix, found.config) == (0.02, False, None)


def test_a_named_file_replaces_the_one_found(project: Path) -> None:
    configure(project, "fix = true")
    (project / "other.toml").write_text('hot = "9%"\n')
    found = options(config=["other.toml"])
    assert (found.hot, found.fix) == (0.09, False)


def test_paths_on_the_command_line_are_relative_to_where_one_stands(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "b.py").write_text("")
    monkeypatch.chdir(project / "sub")
    found = options_by_project([Path("b.py")], {"profile": ["x.prof"], "rules": ["mine"]})[0]
    assert found.root == project
    assert (found.profiles, found.rules) == ((str(project / "sub" / "x.prof"),), (project / "sub" / "mine",))


def test_projects_of_a_monorepo_are_configured_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, hot in (("one", "5%"), ("two", "7%")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(f'[tool.perf-advise]\nhot = "{hot}"\n')
        (tmp_path / name / "a.py").write_text("")
    monkeypatch.chdir(tmp_path)
    paths = [Path("one/a.py"), Path("two"), Path("one")]
    one, two = options_by_project(paths, {})
    assert (one.root, one.paths, one.hot) == (tmp_path / "one", (Path("one/a.py"), Path("one")), 0.05)
    assert (two.root, two.paths, two.hot) == (tmp_path / "two", (Path("two"),), 0.07)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = ['PA1']", r"\[tool.perf-advise\] there is no option 'selct'; did you mean select"),
        ("extend_select = ['PA1']", "did you mean extend-select"),
        ("select = 'PA1'", r"select takes a list of codes, .* not 'PA1'"),
        ("select = [1]", "select takes a list of codes"),
        ("fix = 'yes'", "fix takes true or false, not 'yes'"),
        ("hot = 5", "hot: 5 is a share of the whole or more; write 5% or a number below 1"),
        ("hot = true", "hot takes a share"),
        ("hot = 'much'", "hot: 'much' is not a share"),
        ("output-format = 'jsn'", "output-format: there is no 'jsn'; did you mean json"),
        ("executor = 'threads'", "executor: there is no 'threads'; there is concurrent.futures, dask, mpi4py"),
        ("workers = 'threads'", "there is no option 'workers'"),
        ("per-file-ignores = ['a']", "per-file-ignores takes patterns"),
        ("target-version = 3.12", "target-version takes a Python version"),
        ("hot = ", "pyproject.toml is not TOML: "),
    ],
)
def test_wrong_configuration_is_one_line_that_names_the_file(project: Path, text: str, message: str) -> None:
    configure(project, text)
    with pytest.raises(UserError, match=message) as error:
        options()
    assert str(project / "pyproject.toml") in str(error.value)
    assert "\n" not in str(error.value)


def test_wrong_values_on_the_command_line_name_the_option(project: Path) -> None:
    with pytest.raises(UserError, match=r"^--hot: 5 is a share of the whole or more; write 5%"):
        options(hot="5")
    with pytest.raises(UserError, match=r"^--output-format: there is no 'jso'; did you mean json"):
        options(output_format="jso")


@pytest.mark.parametrize("table", ["tool = 3", "[tool]\nperf-advise = 3"])
def test_a_table_that_is_none(project: Path, table: str) -> None:
    (project / "pyproject.toml").write_text(f"# perf-advise\n{table}\n")
    with pytest.raises(UserError, match=r"write \[tool.perf-advise\]"):
        options()


def test_a_file_that_is_not_utf8(project: Path) -> None:
    (project / "pyproject.toml").write_bytes(b"[tool.perf-advise]\nselect = ['\xe9']\n")
    with pytest.raises(UserError, match=r"pyproject\.toml: not valid UTF-8; mend it"):
        options()


def test_config_that_is_neither_file_nor_toml(project: Path) -> None:
    with pytest.raises(UserError, match=r"there is no file nowhere\.toml"):
        options(config=["nowhere.toml"])
    with pytest.raises(UserError, match="--config is not TOML"):
        options(config=["hot ="])


def test_paths_that_are_not_there(project: Path) -> None:
    (project / "loop").symlink_to("loop")
    for name in ("missing.py", "loop", "a" * 300):
        with pytest.raises(UserError, match=name):
            options_by_project([Path(name)], {})


def test_standard_input_goes_alone(project: Path) -> None:
    found = options_by_project([Path("-")], {"stdin_filename": Path("src/x.py")})[0]
    assert (found.reads_stdin, found.stdin_filename, found.root) == (True, Path("src/x.py"), project)
    with pytest.raises(UserError, match="no other path"):
        options_by_project([Path("-"), Path("a.py")], {})
