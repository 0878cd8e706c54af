"""The language server: advice as diagnostics with quick fixes, hot functions as code lenses, hot lines as hints."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from perf_advise import __version__
from perf_advise.cli.configuration import options_by_project
from perf_advise.engine.kept import Kept, Recalled
from perf_advise.gate import PROFILE
from perf_advise.integrations.positions import Positions
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding, Fix
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import STDIN
from perf_advise.model.report import Report
from perf_advise.pipeline import check
from perf_advise.report.figures import percent, seconds

SOURCE = "perf-advise"
_HOT_LINE = 0.01


@dataclass(frozen=True, slots=True)
class Advice:
    """The report on one open document, and its text by line and column."""

    report: Report
    positions: Positions

    def diagnostics(self) -> Iterator[lsp.Diagnostic]:
        """One per finding."""
        for finding in self.report.findings:
            where = self.positions.range(finding.span.start, finding.span.end)
            yield lsp.Diagnostic(where, _told(finding), lsp.DiagnosticSeverity.Warning, finding.code, source=SOURCE)

    def actions(self, wanted: lsp.Range, uri: str) -> Iterator[lsp.CodeAction]:
        """The fixes of the findings that touch a range; safe ones are marked as preferred."""
        for finding in self.report.findings:
            where = self.positions.range(finding.span.start, finding.span.end)
            if finding.fix is not None and not finding.missing and _touch(where, wanted):
                yield self._action(finding, finding.fix, uri)

    def _action(self, finding: Finding, fix: Fix, uri: str) -> lsp.CodeAction:
        kind = fix.applicability.name.lower()
        edits = [lsp.TextEdit(self.positions.range(e.span.start, e.span.end), e.new) for e in fix.edits]
        return lsp.CodeAction(
            f"{finding.code}: {fix.message} ({kind})",
            kind=lsp.CodeActionKind.QuickFix,
            is_preferred=kind == "safe",
            edit=lsp.WorkspaceEdit(changes={uri: edits}),
        )

    def lenses(self) -> Iterator[lsp.CodeLens]:
        """What each hot function costs, above it."""
        for function in self.report.hot_functions:
            at = self.positions.line(function.line)
            yield lsp.CodeLens(at, lsp.Command(_cost(function), ""))

    def hints(self) -> Iterator[lsp.InlayHint]:
        """The share of the program's time at the end of each hot line."""
        for function in self.report.hot_functions:
            for number, share in function.lines.items():
                if share >= _HOT_LINE:
                    yield lsp.InlayHint(self.positions.line(number).end, f"  {percent(share)}", padding_left=True)


class AdviceServer(LanguageServer):
    """Keeps the advice on each open document; made anew when it is opened or saved, beside what the editor asks.

    One thread looks at documents, one after the other: what is asked of others is answered meanwhile, and of several
    saves of one document that wait, the last counts.
    """

    def __init__(self) -> None:
        super().__init__(SOURCE, __version__)
        self.advice: dict[str, Advice] = {}
        self._kept = Kept()
        self._worker = ThreadPoolExecutor(1, "advice")
        self._looks: dict[str, asyncio.Task[None]] = {}

    def current(self, uri: str) -> Advice | None:
        """The advice on a document, unless its text was changed since: its places would be others."""
        known = self.advice.get(uri)
        is_same = known is not None and known.positions.text == self.workspace.get_text_document(uri).source
        return known if is_same else None

    def refresh(self, uri: str) -> None:
        """Have a document looked at as it stands, in place of a look that has not begun."""
        self.advice.pop(uri, None)
        earlier = self._looks.get(uri)
        if earlier is not None:
            earlier.cancel()
        self._looks[uri] = asyncio.get_running_loop().create_task(self._look(uri))

    def forget(self, uri: str) -> None:
        """The document is closed."""
        self.advice.pop(uri, None)
        look = self._looks.pop(uri, None)
        if look is not None:
            look.cancel()

    async def settled(self, uri: str) -> Advice | None:
        """The current advice, once the last look at the document has come to its end."""
        waited: asyncio.Task[None] | None = None
        while (look := self._looks.get(uri)) is not None and look is not waited:
            waited = look
            await asyncio.wait([look])
        return self.current(uri)

    async def _look(self, uri: str) -> None:
        """Look at a document, and publish what is found: at once what holds of functions that nothing changed for, and
        all of it when the others have been looked at."""
        text = self.workspace.get_text_document(uri).source
        recalled = Recalled(self._kept)
        try:
            found = await self._advice_on(uri, text, recalled)
            if found is not None and recalled.missed:
                if found.report.findings:
                    self._publish(uri, found)
                found = await self._advice_on(uri, text, self._kept)
        except UserError as error:
            found = None
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, str(error)))
        if found is not None:
            self.advice[uri] = found
        self._publish(uri, found)

    async def _advice_on(self, uri: str, text: str, kept: Kept) -> Advice | None:
        path = Path(to_fs_path(uri) or uri)
        return await asyncio.get_running_loop().run_in_executor(self._worker, advise, path, text, kept)

    def _publish(self, uri: str, found: Advice | None) -> None:
        diagnostics = list(found.diagnostics()) if found is not None else []
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, diagnostics))


def advise(path: Path, text: str, kept: Kept | None = None) -> Advice | None:
    """The advice on a text that passes for the file at `path`; None where the project has no profile yet."""
    options = options_by_project([STDIN], {"stdin_filename": str(path)})[0]
    if not options.profiles and not options.no_profile and not (options.root / PROFILE).is_file():
        return None
    return Advice(check(options, stdin=text.encode(), kept=kept), Positions(text))


def server() -> AdviceServer:
    """A server with its features; it reads nothing before a document is opened."""
    made = AdviceServer()

    @made.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        made.refresh(params.text_document.uri)

    @made.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        made.refresh(params.text_document.uri)

    @made.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        made.forget(params.text_document.uri)

    @made.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]))
    async def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        known = await made.settled(params.text_document.uri)
        return list(known.actions(params.range, params.text_document.uri)) if known is not None else []

    @made.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    async def lenses(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        known = await made.settled(params.text_document.uri)
        return list(known.lenses()) if known is not None else []

    @made.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        known = await made.settled(params.text_document.uri)
        return list(known.hints()) if known is not None else []

    return made


def _told(finding: Finding) -> str:
    """The message, what it costs, and the repair where nothing is rewritten."""
    share = f"{percent(finding.function.own)} of the time is in {finding.function.qualname}"
    gain = f", about {finding.gain.speedup:.3g}x there" if finding.gain is not None else ""
    return f"{finding.message} ({share}{gain})" + (f"; to do: {finding.note}" if finding.note else "")


def _cost(function: HotFunction) -> str:
    taken = f", {seconds(function.seconds)}" if function.seconds is not None else ""
    called = f", {function.calls:,} calls" if function.calls else ""
    return f"{percent(function.own)} own, {percent(function.cumulative)} with calls{taken}{called}"


def _touch(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end
