"""The calls of docs/integrate.md, run unchanged."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "integrate.md"
WRITTEN_ADDRESS = "127.0.0.1:50051"
# The card at the page's till, and that of a guest with several allergies.
WRITTEN_CARD, ALLERGIC_CARD = "GC-1017", "GC-7002"
RUN_SECONDS = 120
# On a busy machine a till may have no answer within its 80 ms; one of so many has one.
TILL_TRIES = 20


def blocks(language):
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found, f"the page has no {language}"
    return found


def printed_by(block, case, language):
    assert WRITTEN_ADDRESS in block, block
    interpreter = {"python": [sys.executable, "-c"], "sh": ["bash", "-euc"]}[language]
    done = subprocess.run([*interpreter, block.replace(WRITTEN_ADDRESS, case.address)], capture_output=True,
                          text=True, timeout=RUN_SECONDS, cwd=ROOT, env=os.environ)
    assert done.returncode == 0 and done.stdout.strip(), f"{block}\n{done.stdout}{done.stderr}"
    return done.stdout


def run(case, language):
    return [printed_by(block, case, language) for block in blocks(language)]


def the_calls_in_python_answer(case):
    till, recording, change = run(case, "python")
    # On a busy machine the till may have had no answer in time; it says so, and never that there is nothing to know.
    assert "allergy" in till or till.startswith("UNKNOWN: ASK"), till
    assert recording.split() == ["RECORD_OUTCOME_RECORDED", "RECORD_OUTCOME_REPEATED"], recording
    assert change.strip() == "True", change


def the_till_shows_every_allergy_and_no_topic(case):
    client, v1 = case.client, case.client.v1
    known = [(v1.PRECAUTION_KIND_ALLERGY, "TREE_NUTS", v1.CRITICALITY_HIGH),
             (v1.PRECAUTION_KIND_ALLERGY, "FISH", v1.CRITICALITY_HIGH),
             (v1.PRECAUTION_KIND_ALLERGY, "CELERY", v1.CRITICALITY_UNSPECIFIED),
             (v1.PRECAUTION_KIND_INTOLERANCE, "MUSTARD", v1.CRITICALITY_LOW),
             (v1.PRECAUTION_KIND_TOPIC, "DIVORCE", v1.CRITICALITY_HIGH)]
    precautions = [v1.PrecautionDraft(kind=kind, code=code, criticality=criticality) for kind, code, criticality in known]
    card = v1.Identity(type=v1.IDENTITY_TYPE_LOYALTY, value=ALLERGIC_CARD)
    draft = v1.CustomerDraft(identities=[card], precautions=precautions)
    client.call("CustomerService", "CreateCustomer", customer=draft)
    till = blocks("python")[0]
    assert f'"{WRITTEN_CARD}"' in till, till
    till = till.replace(f'"{WRITTEN_CARD}"', f'"{ALLERGIC_CARD}"')
    for _ in range(TILL_TRIES):
        shown = printed_by(till, case, "python")
        if not shown.startswith("UNKNOWN: ASK"):
            break
    lines = shown.lower().splitlines()
    expected = ["tree nut allergy, life-threatening", "fish allergy, life-threatening",
                "celery allergy, treat as life-threatening", "mustard intolerance"]
    assert sorted(line.rstrip(".") for line in lines[:4]) == sorted(expected) and "divorce" not in shown.lower(), shown


def the_calls_with_buf_answer(case):
    assert all("PRECAUTION_STATE_LISTED" in answer for answer in run(case, "sh"))


def every_reason_is_in_the_table(case):
    page = PAGE.read_text(encoding="utf-8")
    source = (ROOT / "src" / "grpc" / "status.rs").read_text(encoding="utf-8").split("#[cfg(test)]")[0]
    reasons = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"|advised!\(\w+, ([A-Z_]+)\)', source))
    missing = {word for pair in reasons for word in pair if word and f"`{word}`" not in page}
    assert reasons and not missing, f"not in the table: {missing}"


CHECKS = [the_calls_in_python_answer, the_till_shows_every_allergy_and_no_topic, the_calls_with_buf_answer,
          every_reason_is_in_the_table]
