"""Chromium without a window, driven by chromedriver: the WebDriver protocol (W3C), by the standard library alone."""
import base64
import http.client
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from waiting import BOUND, until  # noqa: E402

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver, 11: what an element is called in JSON
TAB, ENTER, SPACE, DOWN = "\ue004", "\ue007", " ", "\ue015"  # WebDriver, 17.4.2


class Browser:
    """One window of its own, with a profile of its own; what its console says is kept."""

    def __init__(self, folder):
        self.driver = subprocess.Popen([shutil.which("chromedriver"), "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True, env={**os.environ, "HOME": str(folder)})
        said = next(line for line in self.driver.stdout if "successfully on port" in line)
        self.port = int(said.rstrip(" .\n").split()[-1])
        options = {"binary": shutil.which("chromium"),
                   "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            "--disable-background-networking", f"--user-data-dir={folder}/profile"]}
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.at = "/session/" + made["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.ask("DELETE", self.at)
        finally:
            self.driver.terminate()
            self.driver.wait(BOUND)
            self.driver.stdout.close()

    def ask(self, method, path, members=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2 * BOUND)
        try:
            connection.request(method, path, None if members is None else json.dumps(members),
                               {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        assert not (isinstance(value, dict) and "error" in value), value
        return value

    def does(self, what, **members):
        return self.ask("POST", f"{self.at}/{what}", members)

    def go(self, url):
        self.does("url", url=url)

    def run(self, script, *args):
        """What a script in the page returns; a promise's value."""
        return self.does("execute/sync", script=script, args=list(args))

    def devtools(self, command, **params):
        return self.does("goog/cdp/execute", cmd=command, params=params)

    def seen(self, css, what="e"):
        """What of the first element that is there and seen, once it is. By one script: a page that is alive may have another
        element in its place at the next."""
        return until(lambda: self.run(f"return [...document.querySelectorAll(arguments[0])]"
                                      f".filter(e => e.checkVisibility()).map(e => [{what}])[0]", css))[0]

    def find(self, css):
        return self.seen(css)

    def text(self, css):
        return self.seen(css, "e.innerText")

    def click(self, css):
        self.does(f"element/{self.find(css)[ELEMENT]}/click")

    def type(self, css, text):
        found = self.ask("POST", self.at + "/element", {"using": "css selector", "value": css})  # a file's need not be seen
        self.does(f"element/{found[ELEMENT]}/value", text=text)

    def keys(self, *keys):
        """Keys as somebody presses them, wherever the focus is."""
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.does("actions", actions=[{"type": "key", "id": "keyboard", "actions": presses}])

    def focused(self):
        return self.run("return [e => e.id || e.ariaLabel || e.textContent][0](document.activeElement)")

    def console(self):
        """What the console said since it was asked last: violations of the policy of contents, errors."""
        return [line["message"] for line in self.does("se/log", type="browser")]

    def looks(self, width, height, dark):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < 600)
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, path, whole=True):
        shot = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))
