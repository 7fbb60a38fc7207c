"""The pages in a real browser, by mouse and by keyboard, in light and dark, from 320 px on: a person signs in, reads, approves and
sees the result. axe-core judges each page. Wants the sandbox's `env`, and a folder for pictures. Ends at the first surprise."""

import contextlib
import os
import pathlib
import sys

from axe_core_python.selenium import Axe
from pages import BROKER, asked, state
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

PICTURES = pathlib.Path(sys.argv[1])
# What a window can be at least is wider; the viewport is set by itself.
SIZES = {"phone": (320, 640), "desk": (1100, 900)}


@contextlib.contextmanager
def chromium():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server", "--disable-gpu"):
        options.add_argument(argument)
    service = webdriver.ChromeService("/usr/bin/chromedriver", env=os.environ | {"HOME": str(PICTURES)})
    driver = webdriver.Chrome(options, service)
    try:
        yield driver
    finally:
        driver.quit()


def shown_as(driver, size, scheme):
    width, height = SIZES[size]
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


def judge(driver, name):
    """Nothing to find for axe in any form, nothing beside the screen, nothing that the page wasn't allowed to load."""
    for size in SIZES:
        for scheme in ("light", "dark"):
            shown_as(driver, size, scheme)
            found = [(each["id"], [node["html"] for node in each["nodes"]]) for each in Axe().run(driver)["violations"]]
            assert not found, (name, size, scheme, found)
            width = driver.execute_script("return document.documentElement.scrollWidth")
            assert width <= SIZES[size][0], (name, size, width)
            driver.save_screenshot(str(PICTURES / f"{name}-{size}-{scheme}.png"))
    assert driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    assert len(driver.find_elements(By.TAG_NAME, "main")) == len(driver.find_elements(By.TAG_NAME, "h1")) == 1
    color = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert color == "rgb(22, 24, 27)", f"the stylesheet counts, and it is dark: {color}"


def wait(driver, condition):
    WebDriverWait(driver, 10).until(condition)


def signed_in(driver, user):
    driver.find_element(By.LINK_TEXT, "Sign in").click()
    wait(driver, lambda _: "identity provider" in driver.page_source)
    driver.find_element(By.CSS_SELECTOR, f"button[value={user}]").click()
    wait(driver, lambda _: driver.current_url.startswith(f"{BROKER}/requests"))


def approved_by_keyboard(driver):
    """The first stop of the tabulator key skips to the content; comment and button are reached and named."""
    body = driver.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert driver.switch_to.active_element.text == "Skip to the content"
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    names = []
    for _ in range(12):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        active = driver.switch_to.active_element
        names.append(active.accessible_name)
        if active.tag_name == "textarea":
            active.send_keys("read it, agreed")
        if names[-1] == "Approve":
            active.send_keys(Keys.ENTER)
            return
    raise AssertionError(f"no way to the button: {names}")


def main():
    request = asked(reason="Mend the export job\nTicket OPS-1234")
    link = f"{BROKER}/requests/{request['request_id']}"
    with chromium() as driver:
        driver.get(link)
        judge(driver, "sign-in")
        signed_in(driver, "approver")
        assert driver.current_url == link, driver.current_url
        judge(driver, "request")
        approved_by_keyboard(driver)
        wait(driver, lambda _: "You approved it." in driver.page_source)
        assert driver.current_url == link and "read it, agreed" in driver.page_source
        judge(driver, "result")
        assert state(request) == "active"
        driver.refresh()
        driver.back()
        wait(driver, lambda _: driver.find_elements(By.TAG_NAME, "h1"))
        driver.get(f"{BROKER}/requests")
        judge(driver, "list")
        cookies = driver.get_cookies()
        assert [(each["name"], each["httpOnly"], each["sameSite"]) for each in cookies] == [("stsbroker", True, "Lax")], cookies
        driver.get(f"{BROKER}/requests/{'0' * 32}")
        judge(driver, "unknown")
        problems = [each for each in driver.get_log("browser") if "favicon" not in each["message"] and "404" not in each["message"]]
        assert not problems, problems


main()
