"""`perf-advise mcp`: a server of the Model Context Protocol, over standard input and output."""

from perf_advise.model.errors import UserError


def command() -> int:
    """Serve until the client closes the connection."""
    try:
        from perf_advise.integrations.agent_tools import server  # an extra, and slow to import
    except ModuleNotFoundError as error:
        raise UserError(f"the server needs {error.name}", "pip install 'perf-advise[mcp]'") from None
    server().run("stdio")
    return 0
