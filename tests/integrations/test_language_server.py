"""The language server over stdio, driven by the protocol library's own client, and positions in UTF-16."""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient
from pygls.workspace import PositionCodec

from perf_advise.integrations.positions import Positions

PROGRAM = """# é 𝄞
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if "𝄞" and x in ys:
            found += 1
    return found

print(common(list(range(3000)), list(range(0, 9000, 3))))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.perf-advise]\nprofile = 'app.prof'\n")
    (tmp_path / "app.py").write_text(PROGRAM, "utf-8")
    return tmp_path


class Session:
    """One client and the server that it started."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("test", "1")
        self.version = 1
        self.published: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params: lsp.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(params)

        @self.client.feature(lsp.WINDOW_LOG_MESSAGE)
        def log(params: lsp.LogMessageParams) -> None:
            pass

    async def __aenter__(self) -> "Session":
        await self.client.start_io(sys.executable, "-m", "perf_advise", "lsp")
        await self.client.initialize_async(
            lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=self.root.as_uri(), process_id=None)
        )
        self.client.initialized(lsp.InitializedParams())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    async def open(self, name: str) -> list[lsp.Diagnostic]:
        """Open a file of the project; its diagnostics."""
        path = self.root / name
        item = lsp.TextDocumentItem(path.as_uri(), "python", 1, path.read_text("utf-8"))
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return list((await asyncio.wait_for(self.published.get(), 60)).diagnostics)

    def save(self, name: str, text: str) -> None:
        """Type a text into an open file, and save it."""
        path = self.root / name
        self.version += 1
        document = lsp.VersionedTextDocumentIdentifier(self.version, path.as_uri())
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [whole]))
        path.write_text(text, "utf-8")
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(path.as_uri())))

    async def codes(self) -> list[str]:
        """The codes of the next diagnostics."""
        found = await asyncio.wait_for(self.published.get(), 60)
        return [str(diagnostic.code) for diagnostic in found.diagnostics]


def session(root: Path, steps: Any) -> Any:
    async def run() -> Any:
        async with Session(root) as opened:
            return await steps(opened)

    return asyncio.run(run())


def profiled(project: Path) -> None:
    import cProfile

    profile = cProfile.Profile()
    profile.runctx(compile(PROGRAM, str(project / "app.py"), "exec"), {}, {})
    profile.dump_stats(project / "app.prof")


def test_diagnostics_quick_fix_and_lenses(project: Path) -> None:
    profiled(project)

    async def steps(editor: Session) -> Any:
        found = await editor.open("app.py")
        document = lsp.TextDocumentIdentifier((project / "app.py").as_uri())
        context = lsp.CodeActionContext(found)
        actions = await editor.client.text_document_code_action_async(
            lsp.CodeActionParams(document, found[0].range, context)
        )
        lenses = await editor.client.text_document_code_lens_async(lsp.CodeLensParams(document))
        return found, actions, lenses

    found, actions, lenses = session(project, steps)
    assert [d.code for d in found] == ["PA501"]
    # Row 4; the clef before it is one character of two UTF-16 units.
    assert (found[0].range.start.line, found[0].range.start.character) == (4, 20)
    assert actions[0].is_preferred
    edits = actions[0].edit.changes[(project / "app.py").as_uri()]
    assert {e.new_text for e in edits} >= {"ys_set"}
    assert any("own" in lens.command.title and lens.range.start.line == 1 for lens in lenses)


def test_no_profile_and_broken_syntax_publish_nothing(project: Path) -> None:
    (project / "pyproject.toml").write_text("")
    assert session(project, lambda editor: editor.open("app.py")) == []
    profiled(project)
    (project / "pyproject.toml").write_text("[tool.perf-advise]\nprofile = 'app.prof'\n")
    (project / "app.py").write_text("def f(:\n")
    assert session(project, lambda editor: editor.open("app.py")) == []


def test_each_save_is_looked_at_and_what_is_asked_meanwhile_waits(project: Path) -> None:
    profiled(project)
    text = (project / "app.py").read_text("utf-8")
    mended = text.replace("ys: list[int]", "ys: set[int]")

    async def steps(editor: Session) -> Any:
        first = [d.code for d in await editor.open("app.py")]
        editor.save("app.py", mended)
        document = lsp.TextDocumentIdentifier((project / "app.py").as_uri())
        lenses = await editor.client.text_document_code_lens_async(lsp.CodeLensParams(document))
        second = await editor.codes()
        editor.save("app.py", text.replace("found = 0", "found = 0 + 0"))
        return first, lenses, second, await editor.codes()

    first, lenses, second, third = session(project, steps)
    assert (first, second, third) == (["PA501"], [], ["PA501"])
    assert any("own" in lens.command.title for lens in lenses)


def test_of_several_saves_the_last_counts(project: Path) -> None:
    profiled(project)
    text = (project / "app.py").read_text("utf-8")

    async def steps(editor: Session) -> Any:
        await editor.open("app.py")
        for number in range(5):
            editor.save("app.py", text.replace("found = 0", f"found = {number}"))
        editor.save("app.py", text.replace("ys: list[int]", "ys: set[int]"))
        found = await editor.codes()
        with contextlib.suppress(TimeoutError):
            while True:
                found = [str(d.code) for d in (await asyncio.wait_for(editor.published.get(), 3)).diagnostics]
        return found

    assert session(project, steps) == []


def test_what_nothing_changed_for_is_published_before_the_rest_is_looked_at(project: Path) -> None:
    import cProfile

    one = PROGRAM.partition("\nprint")[0] + "\n"
    other = one.replace("common", "shared").replace("# é 𝄞\n", "\n")
    names: dict[str, Any] = {}
    exec(compile(one + other, str(project / "app.py"), "exec"), names)
    profile = cProfile.Profile()
    profile.runctx("common(range(900), list(range(900))), shared(range(900), list(range(900)))", names, {})
    profile.dump_stats(project / "app.prof")
    (project / "app.py").write_text(one + other, "utf-8")

    async def steps(editor: Session) -> Any:
        first = [d.range.start.line for d in await editor.open("app.py")]
        editor.save("app.py", one + other.replace("found = 0", "found = 0 + 0"))
        published = [await asyncio.wait_for(editor.published.get(), 60) for _ in range(2)]
        return first, *([d.range.start.line for d in one.diagnostics] for one in published)

    opened, at_once, complete = session(project, steps)
    assert (opened, at_once, complete) == ([4, 12], [4], [4, 12])


@given(st.text(st.sampled_from("aé𝄞\n\r \t")), st.data())
def test_positions_are_those_of_the_protocol_library(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    found = Positions(text).at(offset)
    before = text[:offset]
    if before.endswith("\r") and text[offset : offset + 1] == "\n":
        return  # between the two characters of one line ending there is no position
    rows = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    codec = PositionCodec(lsp.PositionEncodingKind.Utf16)
    expected = codec.position_to_client_units(rows, lsp.Position(len(rows) - 1, len(rows[-1])))
    assert (found.line, found.character) == (expected.line, expected.character)
