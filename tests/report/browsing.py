"""Headless Chromium through the WebDriver protocol, as little of it as tests of a page need."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

DRIVER = shutil.which("chromedriver")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
MISSING = "" if DRIVER and CHROMIUM else "no Chromium with its driver here (Debian: chromium, chromium-driver)"
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
)  # fmt: skip
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Left": "\ue012", "Up": "\ue013", "Right": "\ue014", "Down": "\ue015"}


class Browser:
    """One window; `scratch` is where it keeps its profile."""

    def __init__(self, scratch: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._base = f"http://127.0.0.1:{free.getsockname()[1]}"
        port = self._base.rpartition(":")[2]
        self._driver = subprocess.Popen(
            [str(DRIVER), f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        chrome = {"binary": CHROMIUM, "args": [*_FLAGS, f"--user-data-dir={scratch}"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": chrome, "goog:loggingPrefs": {"browser": "ALL"}}
        self._wait_for_driver()
        self._session = ""
        self._session = "/session/" + self._call("/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def _wait_for_driver(self) -> None:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self._base}/status").close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("chromedriver does not answer")

    def _call(self, path: str, body: Any = None, method: str = "POST") -> Any:
        data = json.dumps({} if body is None else body).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self._base}{self._session}{path}", data, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()[:500]) from None

    def tell(self, command: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        return self._call("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def resize(self, width: int, height: int = 900) -> None:
        """The size of the window in CSS pixels."""
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme: str) -> None:
        """What the system says: light or dark; and nothing moves by itself."""
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        named = [{"name": name, "value": value} for name, value in features.items()]
        self.tell("Emulation.setEmulatedMedia", features=named)

    def open(self, address: str) -> None:
        """Load a page and wait until it has."""
        self._call("/url", {"url": address})

    def run(self, script: str, *arguments: Any) -> Any:
        """What the script returns."""
        return self._call("/execute/sync", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """A click of the mouse in the middle of the element; fails where something covers it."""
        self._call(f"/element/{self._find(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        """Keys, as the element gets them."""
        self._call(f"/element/{self._find(selector)}/value", {"text": text})

    def press(self, key: str) -> None:
        """One key, to whatever has the focus."""
        held = [{"type": kind, "value": KEYS.get(key, key)} for kind in ("keyDown", "keyUp")]
        self._call("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": held}]})

    def _find(self, selector: str) -> str:
        found: str = self._call("/element", {"using": "css selector", "value": selector})[_ELEMENT]
        return found

    def complaints(self) -> list[str]:
        """What the console has had to say since the last time."""
        return [entry["message"] for entry in self._call("/se/log", {"type": "browser"})]

    def picture(self) -> bytes:
        """A PNG of the window."""
        return base64.b64decode(self.tell("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """End the window and its driver."""
        try:
            self._call("", method="DELETE")
        finally:
            self._driver.terminate()
            self._driver.wait()
