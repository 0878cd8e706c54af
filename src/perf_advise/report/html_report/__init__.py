"""The report as one HTML file that needs nothing else: no network, no server, and no script for what matters most."""
