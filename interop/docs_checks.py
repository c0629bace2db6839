"""The calls of docs/integrate.md, run as they stand there."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "integrate.md"
WRITTEN_ADDRESS = "127.0.0.1:50051"
RUN_SECONDS = 120


def run(case, language):
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks, f"the page has no {language}"
    interpreter = {"python": [sys.executable, "-c"], "sh": ["bash", "-euc"]}[language]
    printed = []
    for block in blocks:
        assert WRITTEN_ADDRESS in block, block
        done = subprocess.run([*interpreter, block.replace(WRITTEN_ADDRESS, case.address)], capture_output=True,
                              text=True, timeout=RUN_SECONDS, cwd=ROOT, env=os.environ)
        assert done.returncode == 0 and done.stdout.strip(), f"{block}\n{done.stdout}{done.stderr}"
        printed.append(done.stdout)
    return printed


def the_calls_in_python_answer(case):
    till, recording, change = run(case, "python")
    # On a busy machine the till may have had no answer in time; it says so, and never that there is nothing to know.
    assert "allergy" in till or till.startswith("UNKNOWN: ASK"), till
    assert recording.split() == ["RECORD_OUTCOME_RECORDED", "RECORD_OUTCOME_REPEATED"], recording
    assert change.strip() == "True", change


def the_calls_with_buf_answer(case):
    assert all("PRECAUTION_STATE_LISTED" in answer for answer in run(case, "sh"))


def every_reason_is_in_the_table(case):
    page = PAGE.read_text(encoding="utf-8")
    source = (ROOT / "src" / "grpc" / "status.rs").read_text(encoding="utf-8").split("#[cfg(test)]")[0]
    reasons = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"|advised!\(\w+, ([A-Z_]+)\)', source))
    missing = {word for pair in reasons for word in pair if word and f"`{word}`" not in page}
    assert reasons and not missing, f"not in the table: {missing}"


CHECKS = [the_calls_in_python_answer, the_calls_with_buf_answer, every_reason_is_in_the_table]
