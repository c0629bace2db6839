#!/usr/bin/env python3
"""Writes proto/rapport/v1/service_config.json from the contract: service_config.py CONTRACT.binpb OUT.

Reads may be repeated by the client library, mutations never: only their caller knows whether the same request id goes
with them. What is a read is told by its verb, so that a method with a new verb is not repeated until it is named here.
"""

import json
import pathlib
import sys

from google.protobuf import descriptor_pb2

PACKAGE = "rapport.v1"
READ_VERBS = ("Check", "Get", "List", "Lookup", "Search")
# Upper bounds; a till asks for less with each call (docs/integrate.md). None is below 2 s: libraries built on gRPC's
# C core, Python's among them, take up to a second off (github.com/grpc/grpc/issues/34547), and 1 s would be no time at all.
READ_TIMEOUT = "2s"
WRITE_TIMEOUT = "3s"
# A hundred items, or a page of customers.
LONG_TIMEOUT = "6s"
LONG = ("Lookup", "List", "Search", "Record", "Erase", "Export", "Import")
# Three attempts within the deadline; a store that is away fails fast, and its return is worth two more questions.
RETRY = {"maxAttempts": 3, "initialBackoff": "0.010s", "maxBackoff": "0.100s", "backoffMultiplier": 2,
         "retryableStatusCodes": ["UNAVAILABLE"]}
# Half of the tokens lost: no more retries, so that a server in trouble is not asked three times as much.
THROTTLING = {"maxTokens": 10, "tokenRatio": 0.1}


def methods(contract: bytes):
    """Each method of the contract with the name of its service."""
    for file in descriptor_pb2.FileDescriptorSet.FromString(contract).file:
        if file.package == PACKAGE:
            for service in file.service:
                for method in service.method:
                    yield f"{PACKAGE}.{service.name}", method


def is_read(method) -> bool:
    return method.name.startswith(READ_VERBS)


def entry(service: str, method) -> dict:
    config = {"name": [{"service": service, "method": method.name}]}
    if method.client_streaming or method.server_streaming:
        return config  # A stream lasts as long as its caller wants.
    timeout = READ_TIMEOUT if is_read(method) else WRITE_TIMEOUT
    config["timeout"] = LONG_TIMEOUT if method.name.startswith(LONG) else timeout
    if is_read(method):
        config["retryPolicy"] = RETRY
    return config


def service_config(contract: bytes) -> dict:
    named = sorted(methods(contract), key=lambda pair: (pair[0], pair[1].name))
    return {"methodConfig": [entry(*pair) for pair in named], "retryThrottling": THROTTLING}


def written(contract: bytes) -> str:
    return json.dumps(service_config(contract), indent=2) + "\n"


if __name__ == "__main__":
    source, out = map(pathlib.Path, sys.argv[1:])
    out.write_text(written(source.read_bytes()), encoding="utf-8")
