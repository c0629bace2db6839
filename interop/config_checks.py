"""The published service config: it names every method, repeats reads only, and client libraries obey it."""

import concurrent.futures
import contextlib
import json

import grpc

import service_config

# What a read may never share with a method that changes something.
MUTATION_VERBS = ("Add", "Create", "Erase", "Ingest", "Merge", "Record", "Remove", "Review", "Set", "Update", "Void")
GET = ("rapport.v1.BriefingService", "GetBriefing")
CREATE = ("rapport.v1.CustomerService", "CreateCustomer")
WAIT_SECONDS = 20
# grpcio counts milliseconds, and takes zero of them for no deadline.
HURRIED = "0.001s"
UNHURRIED = "60s"


def every_method_is_named(case):
    config = json.loads(case.service_config)
    named = [(name["service"], name["method"]) for entry in config["methodConfig"] for name in entry["name"]]
    assert len(named) == len(set(named)), "a method is named twice"
    contract = {(service, method.name) for service, method in service_config.methods(case.contract)}
    assert set(named) == contract, f"not in both: {set(named) ^ contract}"


def only_reads_are_repeated(case):
    for entry in json.loads(case.service_config)["methodConfig"]:
        for name in entry["name"]:
            if name["method"].startswith(MUTATION_VERBS):
                assert "retryPolicy" not in entry, name
            if "retryPolicy" in entry:
                assert name["method"].startswith(service_config.READ_VERBS), name


def it_follows_from_the_contract(case):
    expected = service_config.written(case.contract)
    assert case.service_config == expected, "the contract changed: run `make service-config`"


def a_call_under_it_answers(case):
    with case.channel(case.service_config) as channel:
        grpc.channel_ready_future(channel).result(timeout=WAIT_SECONDS)
        assert case.get_briefing(channel).briefing.customer_id


def with_timeouts(case, timeout):
    config = json.loads(case.service_config)
    for entry in config["methodConfig"]:
        entry["timeout"] = timeout
    return json.dumps(config)


def its_deadlines_are_obeyed(case):
    with case.channel(with_timeouts(case, HURRIED)) as channel:
        try:
            case.get_briefing(channel)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error.code()
            return
    raise AssertionError("a call outlived the deadline of its service config")


def reads_are_repeated_and_mutations_are_not(case):
    # How often it is tried is looked at here, and a busy machine may take its time.
    config = with_timeouts(case, UNHURRIED)
    with failing_server() as (address, seen), case.channel(config, address) as channel:
        for service, method in (GET, CREATE):
            call = channel.unary_unary(f"/{service}/{method}", request_serializer=bytes, response_deserializer=bytes)
            try:
                call(b"", timeout=WAIT_SECONDS)
                raise AssertionError("the failing server answered")
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNAVAILABLE, error.code()
    assert seen == {GET: service_config.RETRY["maxAttempts"], CREATE: 1}, seen


CHECKS = [every_method_is_named, only_reads_are_repeated, it_follows_from_the_contract, a_call_under_it_answers,
          its_deadlines_are_obeyed, reads_are_repeated_and_mutations_are_not]


@contextlib.contextmanager
def failing_server():
    """Answers everything with UNAVAILABLE, and counts who was asked how often."""
    seen: dict[tuple[str, str], int] = {}

    class Unavailable(grpc.GenericRpcHandler):
        def service(self, details):
            service, method = details.method.strip("/").split("/")
            seen[service, method] = seen.get((service, method), 0) + 1
            return grpc.unary_unary_rpc_method_handler(
                lambda _, context: context.abort(grpc.StatusCode.UNAVAILABLE, "on purpose"))

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1), handlers=[Unavailable()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", seen
    finally:
        server.stop(None).wait()
