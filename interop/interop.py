#!/usr/bin/env python3
"""Calls a demo server from other stacks: interop.py PATH-OF-RAPPORT TOOLS; see run.sh.

Starts `rapport serve --demo` on a free port, finds one customer, and lets each client prove three things for them: it
gets exactly what `rapport brief --json` prints, it sees the details of an error, and it keeps its deadline. Exit code 0:
every check passed.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

import grpc
from google.protobuf import json_format

import buf_checks
import config_checks
import docs_checks
import page_checks
from client import MOMENT, Client, Contract, run
from demo import LOG, ORIGIN, demo_server

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE.parent / "proto" / "rapport" / "v1" / "service_config.json"
STACK_SECONDS = 120
BROWSERS = ["chromium", "chromium-headless-shell", "google-chrome"]


class Case:
    """What every client is given: where to call, what to ask, what to expect."""

    def __init__(self, client: Client, tools: pathlib.Path, folder: str):
        self.client, self.address, self.url = client, client.address, f"http://{client.address}"
        self.buf = str(tools / "node" / "node_modules" / ".bin" / "buf")
        self.browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        self.contract = (tools / "contract.binpb").read_bytes()
        self.service_config = CONFIG.read_text(encoding="utf-8")
        identity = {"type": client.v1.IdentityType.Name(client.identity.type), "value": client.identity.value}
        if client.identity.issuer:
            identity["issuer"] = client.identity.issuer
        self.request = {"subject": {"identity": identity}, "venueId": client.venue, "purpose": "PURPOSE_SERVICE",
                        "at": MOMENT}
        self.brief = client.printed_brief()
        self.fault = {"request": {**self.request, "subject": {"identity": {**identity, "value": ""}}},
                      "code": "INVALID_ARGUMENT", "reason": "FIELD_INVALID", "field": "subject.identity.value"}
        self.file = os.path.join(folder, "case.json")
        facts = {"address": self.address, "url": self.url, "request": self.request, "brief": self.brief,
                 "fault": self.fault, "contract": str(tools / "contract.binpb"), "service_config": self.service_config,
                 "origin": ORIGIN}
        pathlib.Path(self.file).write_text(json.dumps(facts), encoding="utf-8")

    def channel(self, service_config: str, address: str | None = None) -> grpc.Channel:
        return grpc.insecure_channel(address or self.address, options=[("grpc.service_config", service_config)])

    def get_briefing(self, channel: grpc.Channel):
        """With no deadline of its own."""
        request = json_format.ParseDict(self.request, self.client.v1.GetBriefingRequest())
        return self.client.v1.BriefingServiceStub(channel).GetBriefing(request)


class Count:
    """What passed and what failed, by stack."""

    def __init__(self):
        self.rows: list[tuple[str, int, int]] = []

    def add(self, stack: str, passed: int, failed: int) -> None:
        self.rows.append((stack, passed, failed))

    def functions(self, stack: str, checks, case: Case) -> None:
        failed = 0
        for function in checks:
            name = function.__name__.replace("_", " ")
            try:
                function(case)
                print(f"ok      {name}")
            except Exception:  # noqa: BLE001 - every check is run, whatever another came to
                failed += 1
                print(f"FAILED  {name}\n{traceback.format_exc()}")
        self.add(stack, len(checks) - failed, failed)

    def program(self, stack: str, command: list[str]) -> None:
        """A client in another language prints a line for each check. One that breaks off has failed."""
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=STACK_SECONDS, cwd=HERE)
        print(done.stdout, end="")
        lines = done.stdout.splitlines()
        passed, failed = (sum(line.startswith(word) for line in lines) for word in ("ok ", "FAILED "))
        if done.returncode != 0 or passed + failed == 0:
            print(f"FAILED  the client ended with exit code {done.returncode}")
            failed += 1
        self.add(stack, passed, failed)

    def summary(self) -> int:
        print()
        for stack, passed, failed in self.rows:
            print(f"{stack:<12} {passed} of {passed + failed} checks passed")
        print(f"{'all':<12} {sum(row[1] for row in self.rows)} of {sum(row[1] + row[2] for row in self.rows)}")
        return 1 if any(row[2] for row in self.rows) else 0


def call_all(client: Client, tools: pathlib.Path, folder: str) -> int:
    count = Count()
    print("\nPython: grpcio, with generated stubs")
    count.add("python", *run(client))
    # Only now: this client also writes, and from here on the customer stays as they are.
    case = Case(client, tools, folder)
    print("\nthe service config")
    count.functions("config", config_checks.CHECKS, case)
    print("\nbuf: lint, reflection, breaking")
    count.functions("buf", buf_checks.CHECKS, case)
    print("\ndocs/integrate.md")
    count.functions("docs", docs_checks.CHECKS, case)
    node = tools / "node"
    print("\nNode: @grpc/grpc-js")
    count.program("node", ["node", str(node / "grpc.js"), case.file])
    print("\ngRPC-Web: @connectrpc/connect-web, CORS")
    count.program("web", ["node", str(node / "web.js"), case.file])
    if case.browser:
        print("\na page in Chromium")
        count.functions("page", page_checks.CHECKS, case)
    else:
        print("\nthe page in a browser is left out: there is no Chromium (Debian: apt-get install chromium)")
    classes = tools / "java" / "classes"
    if classes.exists():
        print("\nJava: grpc-java")
        count.program("java", ["java", "-cp", (tools / "java" / "classpath").read_text().strip(), "Client", case.file])
    return count.summary()


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    binary, tools = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory(prefix="rapport-interop-") as folder:
        contract = Contract(folder)
        with demo_server(binary, folder) as address:
            client = Client(contract, address, binary, os.path.join(folder, LOG))
            outcome = call_all(client, tools, folder)
            client.channel.close()
    return outcome


if __name__ == "__main__":
    sys.exit(main())
