"""buf: calls by server reflection, and the rule that the contract only grows."""

import base64
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

from google.rpc import error_details_pb2

ROOT = pathlib.Path(__file__).resolve().parents[1]
RELEASED = ROOT / "proto" / "released.binpb"
RUN_SECONDS = 120


def buf(case, *arguments, cwd=ROOT):
    return subprocess.run([case.buf, *arguments], capture_output=True, text=True, timeout=RUN_SECONDS, cwd=cwd)


def curl(case, method, request):
    """Calls with no schema but what the server says of itself."""
    return buf(case, "curl", "--protocol", "grpc", "--http2-prior-knowledge", "-d", json.dumps(request),
               f"{case.url}/{method}")


def the_contract_is_well_formed(case):
    done = buf(case, "lint", "proto")
    assert done.returncode == 0, done.stdout + done.stderr


def curl_gets_what_brief_prints(case):
    done = curl(case, "rapport.v1.BriefingService/GetBriefing", case.request)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == case.brief


def curl_sees_the_reason_and_the_field(case):
    done = curl(case, "rapport.v1.BriefingService/GetBriefing", case.fault["request"])
    assert done.returncode != 0
    error = json.loads(done.stderr)
    assert error["code"] == case.fault["code"].lower(), error
    details = {detail["type"]: base64.b64decode(detail["value"] + "==") for detail in error["details"]}
    info = error_details_pb2.ErrorInfo.FromString(details["google.rpc.ErrorInfo"])
    fields = error_details_pb2.BadRequest.FromString(details["google.rpc.BadRequest"]).field_violations
    assert info.reason == case.fault["reason"], info
    assert [field.field for field in fields] == [case.fault["field"]], fields


def the_contract_only_grew_since_the_release(case):
    done = buf(case, "breaking", "proto", "--against", str(RELEASED))
    assert done.returncode == 0, done.stdout + done.stderr


def changed(case, change):
    """What buf breaking says of the contract after a change of the text of one file."""
    with tempfile.TemporaryDirectory(prefix="rapport-breaking-") as folder:
        copy = pathlib.Path(folder) / "proto"
        shutil.copytree(ROOT / "proto", copy)
        file = copy / "rapport" / "v1" / "briefing_service.proto"
        before = file.read_text(encoding="utf-8")
        after = change(before)
        assert after != before, "the change found nothing to change"
        file.write_text(after, encoding="utf-8")
        return buf(case, "breaking", str(copy), "--against", str(RELEASED))


def a_field_with_another_number_is_noticed(case):
    done = changed(case, lambda text: re.sub(r"string venue_id = 2;", "string venue_id = 99;", text, count=1))
    assert done.returncode != 0 and 'Previously present field "2"' in done.stdout, done.stdout + done.stderr


def a_new_field_is_allowed(case):
    done = changed(case, lambda text: re.sub(r"string venue_id = 2;", r"\g<0> string added = 99;", text, count=1))
    assert done.returncode == 0, done.stdout + done.stderr


CHECKS = [the_contract_is_well_formed, curl_gets_what_brief_prints, curl_sees_the_reason_and_the_field,
          the_contract_only_grew_since_the_release, a_field_with_another_number_is_noticed, a_new_field_is_allowed]
