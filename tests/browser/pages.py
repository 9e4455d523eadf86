"""What people do in a browser, and what they see, in few words."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from django.urls import reverse
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from sessions_app.admin.addresses import session_url
from tests.admin.pages import add_url, list_url, page_url

SECONDS = 10
DESKTOP, PHONE = (1400, 900), (380, 800)
WORDS = "//*[self::a or self::button or self::summary or self::label][normalize-space()={0}] | //input[@value={0}]"
AXE_RUN = """
const done = arguments[arguments.length - 1];
axe.run({exclude: arguments[0]}, {resultTypes: ["violations"]}).then(
    (found) => done(found.violations.map((each) => [each.impact, each.id, each.nodes.map((node) => node.html)])),
    (error) => done([["critical", String(error), []]]));
"""

NOT_OURS = [["#searchbar"], [".select2-selection__rendered"]]
"""Left out by axe, being the stock admin's: a search box whose label is a picture, and the inside of a choice's box."""

END_ANIMATIONS = """
for (const each of document.getAnimations()) {
    if (each.effect.getComputedTiming().endTime === Infinity) each.cancel(); else each.finish();
}
"""

PAGES = {
    "session list": lambda demo: list_url("session"),
    "session list, searched": lambda demo: list_url("session", q="refund"),
    "overview": lambda demo: reverse("admin:sessions_app_session_overview"),
    "overview, of one user": lambda demo: reverse("admin:sessions_app_session_overview") + "?user=ines.moreau",
    "transcript": lambda demo: session_url(demo["demo-refund"].pk),
    "transcript, with all there is": lambda demo: session_url(demo["demo-chart"].pk),
    "transcript, failed": lambda demo: session_url(demo["demo-migration"].pk),
    "transcript, printed": lambda demo: session_url(demo["demo-refund"].pk) + "?print=1",
    "session": lambda demo: page_url(demo["demo-refund"]),
    "message": lambda demo: page_url(demo["demo-refund"].messages.in_order().last()),
    "message, to be hidden": lambda demo: page_url(demo["demo-refund"].messages.in_order().last(), "redact"),
    "run": lambda demo: page_url(demo["demo-migration"].runs.in_order().first()),
    "new session": lambda demo: add_url("session"),
    "key list": lambda demo: list_url("apikey"),
    "new key form": lambda demo: add_url("apikey"),
    "project": lambda demo: page_url(demo["demo-refund"].project),
}
"""Every page must pass what ``test_every_page`` asks: a new one has one line here, made of the demo sessions."""


class Browser:
    """A tab, opened on the live server."""

    def __init__(self, driver, site, axe_script):
        self.driver, self.site, self._axe_script = driver, site, axe_script
        self.tolerated, self._heard = [], []

    def reset(self):
        self.command("Network.clearBrowserCookies")
        self.command("Emulation.setScriptExecutionDisabled", value=False)
        self.command("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        self.size(*DESKTOP)
        self.theme("light")
        self.driver.get_log("browser")

    def leave(self):
        """Leave the page, so that nothing of it asks the server while the database is emptied."""
        for handle in self.driver.window_handles[1:]:
            self.driver.switch_to.window(handle)
            self.driver.close()
        self.driver.switch_to.window(self.driver.window_handles[0])
        self.driver.get("about:blank")

    def command(self, name, /, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def set_cookie(self, name, value):
        self.command("Network.setCookie", name=name, value=value, url=self.site, httpOnly=True)

    def size(self, width, height):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", **metrics)

    def theme(self, name):
        """``light`` or ``dark``, as the operating system asks for."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def open(self, path):
        self.driver.get(self.site + path)
        return self

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.site)

    @property
    def text(self):
        return self.find("body").text

    @property
    def source(self):
        return self.driver.page_source

    def find(self, css):
        """The first element of ``css``, waited for."""
        return self.wait_for(lambda: next(iter(self.find_all(css)), None))

    def find_all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def click(self, words):
        """Click the link or button that says ``words``, waited for. What it leads to may take a moment to come."""
        path = WORDS.format(f'"{words}"')
        self.wait_for(lambda: next(iter(self.driver.find_elements(By.XPATH, path)), None)).click()
        return self

    def press(self, *keys):
        """Press keys, wherever the browser has its focus."""
        ActionChains(self.driver).send_keys(*keys).perform()
        return self

    def fill(self, name, value):
        """Type into the box with this name what it shall hold."""
        box = self.find(f"[name='{name}']")
        box.clear()
        box.send_keys(value)
        return self

    def wait_for(self, condition):
        """Wait until ``condition()`` is true; gives its value."""
        return WebDriverWait(self.driver, SECONDS).until(lambda _: unless_gone(condition))

    def wait_for_text(self, text):
        return self.wait_for(lambda: text in self.text)

    def script(self, source, *arguments):
        return self.driver.execute_script(source, *arguments)

    def clipboard(self):
        return self.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")

    def overflow(self):
        """How many pixels the page is wider than the window: it can be scrolled to the side by so many."""
        return self.script("return document.documentElement.scrollWidth - window.innerWidth")

    def rest(self):
        """Bring to its end what moves: a change of the theme is animated."""
        self.script(END_ANIMATIONS)

    def axe(self):
        """Serious and critical violations of accessibility, each with the elements at fault."""
        # By the protocol of the developer tools, which the policy of the page does not hold back.
        self.rest()
        self.command("Runtime.evaluate", expression=self._axe_script())
        self._heard += self._listen()
        found = self.driver.execute_async_script(AXE_RUN, NOT_OURS)
        self._listen()  # Axe tries styles out, which the policy reports.
        return [(rule, nodes) for impact, rule, nodes in found if impact in {"serious", "critical"}]

    def faults(self):
        """What axe finds, and whether the page is too wide, light and dark, on a desk and on a phone."""
        found = {}
        for theme in ("light", "dark"):
            self.theme(theme)
            for width, height in (DESKTOP, PHONE):
                self.size(width, height)
                too_wide = [f"{self.overflow()} pixels too wide"] if self.overflow() > 0 else []
                found[theme, width] = [*too_wide, *self.axe()]
        return {where: what for where, what in found.items() if what}

    def tolerate(self, pattern):
        """Let the browser complain of what matches ``pattern``, which this test is about."""
        self.tolerated.append(re.compile(pattern))

    def problems(self):
        """What the browser has complained of since it was last asked."""
        said, self._heard = self._heard + self._listen(), []
        return [text for text in said if not any(pattern.search(text) for pattern in self.tolerated)]

    def _listen(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if is_problem(entry)]

    def screenshot(self, file):
        """Take a picture of what is in the window."""
        self.rest()
        Path(file).write_bytes(base64.b64decode(self.command("Page.captureScreenshot")["data"]))


def unless_gone(condition):
    """Whether it is true; not yet where what it looks at has gone with the page before."""
    try:
        return condition()
    except StaleElementReferenceException:
        return None
    except WebDriverException as error:
        if "does not belong to the document" in str(error.msg):
            return None
        raise


def is_problem(entry):
    return entry["level"] == "SEVERE" or "Content Security Policy" in entry["message"]
