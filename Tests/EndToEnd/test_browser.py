"""The demo as a newcomer meets it: a real browser, from the first page to the application and out again."""
import re
import shutil
import signal
import subprocess

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expect
from selenium.webdriver.support.ui import WebDriverWait

import harness


@pytest.fixture(scope="module")
def demo():
    port = harness.free_port()
    process = subprocess.Popen(
        [harness.BINARY, "demo", "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    guide = []
    for line in process.stdout:
        guide.append(line)
        if line.startswith("Ctrl-C"):
            break
    yield port, "".join(guide)
    process.send_signal(signal.SIGINT)
    assert process.wait(harness.DEADLINE) == 0, "the demo did not end cleanly"


@pytest.fixture(params=["light", "dark", "phone", "no-script"])
def browser(request):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]:
        options.add_argument(argument)
    options.add_argument("--window-size=" + ("390,800" if request.param == "phone" else "1000,800"))
    if request.param == "dark":
        options.add_argument("--blink-settings=preferredColorScheme=0")
    if request.param == "no-script":
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.kind = request.param
    yield driver
    # A blocked style or form would be reported here.
    violations = [entry["message"] for entry in driver.get_log("browser") if "Content Security Policy" in entry["message"]]
    driver.quit()
    assert violations == []


def wait(browser, condition):
    return WebDriverWait(browser, harness.DEADLINE).until(condition)


def pick(browser, user):
    wait(browser, expect.element_to_be_clickable((By.CSS_SELECTOR, f"button[value='{user}']"))).click()
    if "initech" in browser.current_url:  # SAML without scripts: the form has a button
        for button in browser.find_elements(By.CSS_SELECTOR, "form[action*='/v1/b2b/sso/callback/'] button"):
            button.click()


def fits(browser):
    """Nothing is wider than the window."""
    return browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("organization, user, email", [
    ("acme", "alice", "alice@acme.example"), ("globex", "gina", "gina@globex.example"),
    ("initech", "ivan", "ivan@initech.example")])
def test_a_person_signs_in_at_the_application_and_out_again(demo, browser, organization, user, email):
    port, _ = demo
    browser.get(f"http://{organization}.wiki.localhost:{port}/")
    pick(browser, user)
    wait(browser, expect.url_to_be(f"http://{organization}.wiki.localhost:{port}/"))
    body = browser.find_element(By.TAG_NAME, "body").text
    assert email in body and "verified" in body and "not verified" not in body
    assert fits(browser)
    # Out, by the page that needs no script.
    browser.get(f"http://{organization}.wiki.localhost:{port}/.gateway/sign-out")
    assert email in browser.find_element(By.TAG_NAME, "main").text and fits(browser)
    browser.find_element(By.CSS_SELECTOR, "button").click()
    wait(browser, expect.title_is("You are signed out"))
    browser.get(f"http://{organization}.wiki.localhost:{port}/")
    wait(browser, expect.title_is("Sign in"))
    assert "Continue with" in browser.find_element(By.TAG_NAME, "main").text


def test_the_sign_in_page_works_with_the_keyboard_alone(demo, browser):
    port, _ = demo
    browser.get(f"http://auth.localhost:{port}/.gateway/sign-in")
    field = browser.switch_to.active_element
    assert field.get_attribute("name") == "email" and fits(browser)
    field.send_keys("not an address@@" + Keys.ENTER)
    field.clear()
    field.send_keys("gina@globex.example" + Keys.ENTER)
    pick(browser, "gina")
    wait(browser, lambda driver: "globex.wiki.localhost" in driver.current_url)
    assert "gina@globex.example" in browser.find_element(By.TAG_NAME, "body").text


def test_somebody_whom_nobody_knows_gets_a_clear_page(demo, browser):
    port, _ = demo
    browser.get(f"http://acme.wiki.localhost:{port}/")
    pick(browser, "nora")
    wait(browser, expect.title_is("You can't sign in here"))
    text = browser.find_element(By.TAG_NAME, "main").text
    assert re.search(r"[0-9a-f]{32}", text) and fits(browser)
    assert "nora" not in text


def test_the_demo_says_what_to_open_and_whom_to_be(demo):
    port, guide = demo
    for text in [f"http://acme.wiki.localhost:{port}/", f"http://globex.wiki.localhost:{port}/", "alice", "bob", "gina", "nora", "ivan"]:
        assert text in guide


def page_is_sound(browser):
    """Wide enough, readable, and usable without a mouse: what can be said without looking."""
    assert fits(browser)
    assert len(browser.find_elements(By.TAG_NAME, "h1")) == 1 and browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    for control in browser.find_elements(By.CSS_SELECTOR, "main a, main button"):
        assert control.text.strip(), "a control without a name"
    for section in browser.find_elements(By.TAG_NAME, "section"):
        assert browser.find_element(By.ID, section.get_attribute("aria-labelledby")).text


def contrast(browser, selector):
    """Of text and what is behind it (WCAG 2.2 §1.4.3)."""
    return browser.execute_script("""
        function luminance(text) {
            const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255).map(
                v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        }
        function ground(element) {
            for (; element; element = element.parentElement) {
                const color = getComputedStyle(element).backgroundColor;
                if (!color.endsWith(', 0)')) return color;
            }
            return 'rgb(255, 255, 255)';
        }
        return Math.min(...[...document.querySelectorAll(arguments[0])].map(element => {
            const [low, high] = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
        }));""", selector)


def by_keyboard(browser, text):
    """Goes with the Tab key to the control with the text, and presses Enter."""
    for _ in range(30):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        focused = browser.switch_to.active_element
        if text in focused.text:
            outline = focused.value_of_css_property("outline-style")
            assert outline == "solid", "the focus can't be seen"
            focused.send_keys(Keys.ENTER)
            return
    raise AssertionError(f"the Tab key never comes to {text!r}")


def test_switching_and_ending_sign_ins_with_the_keyboard_alone(demo, browser):
    port, _ = demo
    browser.get(f"http://acme.wiki.localhost:{port}/")
    pick(browser, "bob")
    wait(browser, expect.url_to_be(f"http://acme.wiki.localhost:{port}/"))
    browser.get(f"http://auth.localhost:{port}/.gateway/organizations")
    wait(browser, expect.title_is("Your organizations"))
    page_is_sound(browser)
    assert contrast(browser, "main p, main h2, main small, main a, main button") >= 4.5
    by_keyboard(browser, "Globex")
    wait(browser, expect.url_to_be(f"http://globex.wiki.localhost:{port}/"))
    assert "bob@acme.example" in browser.find_element(By.TAG_NAME, "body").text
    browser.get(f"http://auth.localhost:{port}/.gateway/sessions")
    wait(browser, expect.title_is("Your sign-ins"))
    page_is_sound(browser)
    assert contrast(browser, "main p, main h2, main small, main li, main a, main button") >= 4.5
    text = browser.find_element(By.TAG_NAME, "main").text
    assert "This browser" in text and "acme.wiki.localhost" in text and "globex.wiki.localhost" in text
    by_keyboard(browser, "Sign out everywhere, here too")
    wait(browser, expect.title_is("You are signed out"))
    browser.get(f"http://globex.wiki.localhost:{port}/")
    wait(browser, expect.title_is("Sign in"))


def test_a_page_that_the_sign_in_does_not_reach_says_so(demo, browser):
    port, _ = demo
    browser.get(f"http://acme.wiki.localhost:{port}/")
    pick(browser, "alice")
    wait(browser, expect.url_to_be(f"http://acme.wiki.localhost:{port}/"))
    browser.get(f"http://initech.wiki.localhost:{port}/")
    wait(browser, expect.title_is("This needs another sign-in"))
    page_is_sound(browser)
    assert contrast(browser, "main p, main h2, main a") >= 4.5
    by_keyboard(browser, "Continue with Initech")
    pick(browser, "ivan")
    wait(browser, expect.url_to_be(f"http://initech.wiki.localhost:{port}/"))
