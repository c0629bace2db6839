#!/usr/bin/env python3
"""Compares a running Rapport, into which the year was imported, with the parquet files.

For every household (or a sample): visits, purchases, lines, spend, weekdays and hours, first and last visit as the
customer's habits show them; and every basket and every line as the listed interactions show them. Exit code: 0 all
equal, 1 something differs, 2 nothing could be compared.
"""

import argparse
import collections
import importlib
import json
import pathlib
import random
import sys
import tempfile
import time

import grpc
from grpc_tools import protoc
import grpc_tools

import truth

ISSUER = "complete-journey"
ROLE = "auditor"  # the policy of convert.py shows it what was spent
SOURCE = "complete-journey"
CURRENCY = "USD"
PAGE = 200
ITEMS_KEPT = 76  # habits name this many items; with more, the weakest are forgotten
SHOWN_MAX = 20


def generate(protos: pathlib.Path):
    """Generates the client from the contract into a temporary folder; answers a way to import from it."""
    folder = tempfile.TemporaryDirectory(prefix="rapport-check-")
    files = [str(file) for file in sorted((protos / "rapport" / "v1").glob("*.proto"))]
    well_known = str(pathlib.Path(grpc_tools.__file__).parent / "_proto")
    code = protoc.main(["protoc", f"-I{protos}", f"-I{well_known}", f"--python_out={folder.name}",
                        f"--grpc_python_out={folder.name}", *files])
    if code != 0:
        sys.exit(2)
    sys.path.insert(0, folder.name)

    def load(name: str):
        return importlib.import_module(f"rapport.v1.{name}")

    load.folder = folder  # removed when the program ends
    return load


class Server:
    """The calls the comparison needs."""

    def __init__(self, target: str, load):
        self.common = load("common_pb2")
        self.customer = load("customer_pb2")
        self.customers_messages = load("customer_service_pb2")
        self.interactions_messages = load("interaction_service_pb2")
        channel = grpc.insecure_channel(target, options=[("grpc.max_receive_message_length", 64 << 20)])
        self.customers = load("customer_service_pb2_grpc").CustomerServiceStub(channel)
        self.interactions = load("interaction_service_pb2_grpc").InteractionServiceStub(channel)

    def find(self, household: int) -> list[str]:
        identity = self.customer.Identity(type=self.customer.IDENTITY_TYPE_LOYALTY, value=str(household), issuer=ISSUER)
        answer = self.customers.LookupCustomer(
            self.customers_messages.LookupCustomerRequest(
                identities=[identity], purpose=self.common.PURPOSE_SERVICE), timeout=30)
        return [match.customer_id for match in answer.matches]

    def read(self, customer_id: str):
        return self.customers.GetCustomer(
            self.customers_messages.GetCustomerRequest(
                customer_id=customer_id, purpose=self.common.PURPOSE_SERVICE),
            metadata=[("rapport-role", ROLE)], timeout=30).customer

    def list(self, customer_id: str):
        token = ""
        while True:
            page = self.interactions.ListInteractions(
                self.interactions_messages.ListInteractionsRequest(
                    customer_id=customer_id, purpose=self.common.PURPOSE_SERVICE, page_size=PAGE, page_token=token),
                metadata=[("rapport-role", ROLE)], timeout=60)
            yield from page.interactions
            token = page.next_page_token
            if not token:
                return


class Comparison:
    """Totals of both sides, and what differs."""

    def __init__(self):
        self.totals = collections.defaultdict(lambda: [0, 0])
        self.differing = collections.Counter()
        self.shown = []

    def add(self, household: int, what: str, expected: int, found: int) -> None:
        self.totals[what][0] += expected
        self.totals[what][1] += found
        self.same(household, what, expected, found)

    def same(self, household: int, what: str, expected, found) -> None:
        if expected != found:
            self.differing[what] += 1
            if len(self.shown) < SHOWN_MAX:
                self.shown.append(f"household {household}, {what}: {brief(expected)} in the data, {brief(found)} served")

    def print(self) -> None:
        print(f"{'':28} {'parquet':>15} {'served':>15} {'differing':>10}")
        for what, (expected, found) in self.totals.items():
            print(f"{what:28} {expected:>15,} {found:>15,} {self.differing[what]:>10,}")
        for what in sorted(set(self.differing) - set(self.totals)):
            print(f"{what:28} {'':>15} {'':>15} {self.differing[what]:>10,}")
        for text in self.shown:
            print(text)
        if sum(self.differing.values()) > len(self.shown):
            print(f"... and {sum(self.differing.values()) - len(self.shown):,} more differences")


def brief(value) -> str:
    text = str(value)
    return text if len(text) <= 160 else text[:157] + "..."


def compare_habits(result: Comparison, household: int, habits, own, item_counts) -> None:
    """`own`: the household's baskets. `item_counts`: baskets by item."""
    result.add(household, "visits", len(own), habits.visit_count)
    result.add(household, "purchases", len(own), habits.purchase_count)
    result.add(household, "lines counted", int(own["lines"].sum()), habits.line_count)
    spend = [(part.total.currency_code, part.total.minor_units, part.purchase_count) for part in habits.spend]
    cents = int(own["cents"].sum())
    result.add(household, "spend counted, cents", cents, sum(part[1] for part in spend))
    result.same(household, "spend by currency", [(CURRENCY, cents, len(own))], spend)
    weekdays = own["local"].dt.day_of_week.value_counts()
    result.same(household, "visits by weekday", [int(weekdays.get(day, 0)) for day in range(7)],
                list(habits.visits_by_weekday))
    hours = own["local"].dt.hour.value_counts()
    result.same(household, "visits by hour", [int(hours.get(hour, 0)) for hour in range(24)],
                list(habits.visits_by_hour))
    result.same(household, "first visit", int(own["utc"].min().timestamp()), habits.first_visit_time.seconds)
    result.same(household, "last visit", int(own["utc"].max().timestamp()), habits.last_visit_time.seconds)
    served = {habit.key: habit.count for habit in habits.items}
    if len(item_counts) <= ITEMS_KEPT:
        result.same(household, "items counted", item_counts, served)
    else:
        over = {item: count for item, count in served.items() if count > item_counts.get(item, 0)}
        result.same(household, "items counted too often", {}, over)


def compare_interactions(result: Comparison, household: int, served, own, own_items) -> None:
    """`served`: the interactions as listed. `own_items`: (category, item) → baskets, lines, quantity, cents."""
    found, by_item = {}, collections.defaultdict(lambda: [0, 0, 0, 0])
    count = lines_count = cents_sum = 0
    for recorded in served:
        interaction = recorded.interaction
        lines = interaction.purchase.lines
        cents = sum(line.amount_minor_units for line in lines)
        count, lines_count, cents_sum = count + 1, lines_count + len(lines), cents_sum + cents
        found[interaction.external_id] = (interaction.source, interaction.venue_id, interaction.occur_time.seconds,
                                          len(lines), cents, recorded.voided)
        for line in lines:
            tally = by_item[line.category, line.item]
            tally[1] += 1
            tally[2] += line.quantity
            tally[3] += line.amount_minor_units
        for key in {(line.category, line.item) for line in lines}:
            by_item[key][0] += 1
    result.add(household, "baskets listed", len(own), count)
    result.add(household, "lines listed", int(own["lines"].sum()), lines_count)
    result.add(household, "spend listed, cents", int(own["cents"].sum()), cents_sum)
    expected = {str(basket): (SOURCE, row.store, int(row.utc.timestamp()), row.lines, row.cents, False)
                for basket, row in zip(own.index, own.itertuples(index=False))}
    for basket in sorted(expected.keys() | found.keys()):
        result.same(household, "basket", (basket, expected.get(basket)), (basket, found.get(basket)))
    result.add(household, "items", len(own_items), len(by_item))
    for key in sorted(own_items.keys() | by_item.keys()):
        result.same(household, "item (baskets, lines, ...)", (key, list(own_items.get(key, ()))),
                    (key, list(by_item.get(key, ()))))


def compare(server: Server, chosen: list[int]) -> tuple[Comparison, dict]:
    lines = truth.load(chosen)
    baskets = truth.baskets(lines)
    baskets_of = dict(list(baskets.groupby("household")))
    items_of = collections.defaultdict(dict)
    items = truth.items(lines)
    for (household, category, item), row in zip(items.index, items.itertuples(index=False)):
        items_of[household][category, item] = tuple(row)
    counts_of = collections.defaultdict(dict)
    for (household, item), count in truth.item_baskets(lines).items():
        counts_of[household][item] = count
    del lines

    result, etags = Comparison(), {}
    begun = time.monotonic()
    for done, household in enumerate(chosen, start=1):
        matches = server.find(household)
        result.add(household, "households found", 1, len(matches))
        if len(matches) == 1:
            customer = server.read(matches[0])
            etags[str(household)] = customer.etag
            own = baskets_of[household]
            compare_habits(result, household, customer.habits, own, counts_of[household])
            compare_interactions(result, household, server.list(matches[0]), own, items_of[household])
        if sys.stderr.isatty():
            end = "\n" if done == len(chosen) else ""
            sys.stderr.write(f"\r{done:,} of {len(chosen):,} households, {time.monotonic() - begun:.0f} s{end}")
    return result, etags


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="127.0.0.1:50051", help="HOST:PORT (default: %(default)s)")
    parser.add_argument("--protos", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "proto",
                        help="the folder of the contract (default: the repository's)")
    parser.add_argument("--sample", type=int, help="compare only this many households, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample (default: %(default)s)")
    parser.add_argument("--households", help="compare only these, for example 1,13,718")
    parser.add_argument("--remember", type=pathlib.Path, help="write every household's etag to this file")
    parser.add_argument("--unchanged-since", type=pathlib.Path,
                        help="every etag must equal that in this file: nothing was written since")
    arguments = parser.parse_args()

    chosen = sorted(truth.households())
    if arguments.households:
        chosen = sorted(int(household) for household in arguments.households.split(","))
    if arguments.sample:
        chosen = sorted(random.Random(arguments.seed).sample(chosen, min(arguments.sample, len(chosen))))

    begun = time.monotonic()
    try:
        result, etags = compare(Server(arguments.server, generate(arguments.protos.resolve())), chosen)
    except grpc.RpcError as error:
        print(f"the server answered {error.code().name}: {error.details()}", file=sys.stderr)
        return 2
    if arguments.unchanged_since:
        before = json.loads(arguments.unchanged_since.read_text())
        for household, etag in etags.items():
            result.same(int(household), "etag", before.get(household), etag)
    if arguments.remember:
        arguments.remember.write_text(json.dumps(etags))
    result.print()
    differing = sum(result.differing.values())
    print(f"{len(chosen):,} households compared in {time.monotonic() - begun:.0f} s: "
          + ("all equal" if differing == 0 else f"{differing:,} differences"))
    return 0 if differing == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
