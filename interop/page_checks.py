"""A page in a real browser, on an origin of its own: what CORS lets a script do is the browser's to say."""

import base64
import contextlib
import functools
import html
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading

from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2

from demo import PAGE_PORT

HERE = pathlib.Path(__file__).resolve().parent
# Of the page's own clock, which stops while it waits for an answer.
PAGE_BUDGET_MS = 20_000
RUN_SECONDS = 60


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder: str, port: int):
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def shown(case, port: int) -> dict:
    """What the page shows once its calls are over."""
    with tempfile.TemporaryDirectory(prefix="rapport-page-") as folder:
        shutil.copy(HERE / "page.html", folder)
        given = {"method": f"{case.url}/rapport.v1.BriefingService/GetBriefing", "request": packed(case, case.request),
                 "fault": packed(case, case.fault["request"])}
        pathlib.Path(folder, "case.json").write_text(json.dumps(given), encoding="utf-8")
        with served(folder, port) as origin:
            # Its sandbox needs rights that a container does not give; the page is our own.
            done = subprocess.run(
                [case.browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", "--dump-dom",
                 f"--virtual-time-budget={PAGE_BUDGET_MS}", f"{origin}/page.html"],
                capture_output=True, text=True, timeout=RUN_SECONDS)
    result = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert result and result[1], f"the page shows nothing: {done.stdout}{done.stderr}"
    return json.loads(html.unescape(result[1]))


def packed(case, request: dict) -> str:
    message = json_format.ParseDict(request, case.client.v1.GetBriefingRequest())
    return base64.b64encode(message.SerializeToString()).decode()


def a_page_that_is_named_gets_what_brief_prints_and_sees_why_not(case):
    page = shown(case, PAGE_PORT)
    answer = case.client.v1.GetBriefingResponse.FromString(base64.b64decode(page["brief"]["message"]))
    assert page["brief"]["status"] == "0", page["brief"]
    assert json_format.MessageToDict(answer) == case.brief
    assert page["fault"]["status"] == "3", page["fault"]
    status = status_pb2.Status.FromString(base64.b64decode(page["fault"]["details"] + "=="))
    info = next(detail for detail in status.details if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR))
    assert error_details_pb2.ErrorInfo.FromString(info.value).reason == case.fault["reason"]


def another_page_is_blocked_by_the_browser(case):
    page = shown(case, 0)  # Any other port is another origin.
    assert set(page["brief"]) == set(page["fault"]) == {"blocked"}, page


CHECKS = [a_page_that_is_named_gets_what_brief_prints_and_sees_why_not, another_page_is_blocked_by_the_browser]
