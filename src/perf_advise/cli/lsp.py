"""`perf-advise lsp`: a language server for editors, over standard input and output."""

from perf_advise.model.errors import UserError


def command() -> int:
    """Serve until the client closes the connection."""
    try:
        from perf_advise.integrations.language_server import server  # an extra, and slow to import
    except ModuleNotFoundError as error:
        raise UserError(f"the server needs {error.name}", "pip install 'perf-advise[lsp]'") from None
    server().start_io()
    return 0
