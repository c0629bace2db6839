#!/usr/bin/env python3
"""Confirms the reasons that briefings give, from the parquet files.

For each household it asks a running Rapport for the briefing at a moment, in the store where the household shops most at
such times, and compares every item it expects: in how many visits it was bought, in how many of those at this weekday
and part of the day (four hours, from midnight), and when last. Exit code: 0 all confirmed, 1 something differs.
"""

import argparse
import datetime
import pathlib
import sys
import zoneinfo

import grpc

import check
import truth

HOURS_PER_PART = 4


def expected(own, at: datetime.datetime):
    """The household's lines at such times, and what is true of each of its items."""
    start = at.hour - at.hour % HOURS_PER_PART
    local = own["local"].dt
    then = own[(local.day_of_week == at.weekday()) & (local.hour >= start) & (local.hour < start + HOURS_PER_PART)]
    ever, at_such_times = (rows.groupby("item")["basket"].nunique() for rows in (own, then))
    last = own.groupby("item")["utc"].max()
    return then, {item: (int(count), own["basket"].nunique(), int(at_such_times.get(item, 0)),
                         int(last[item].timestamp())) for item, count in ever.items()}


def told(briefing) -> dict:
    """What the briefing says of each item it expects."""
    items = {}
    for statement in briefing.anticipate:
        values = {parameter.name: parameter for parameter in statement.parameters}
        if statement.code == "HABIT_ITEM":
            numbers = [values[name].number if name in values else 0 for name in ["count", "visits", "count_at_such_times"]]
            minima = "at_least" in values, "count_at_such_times_at_least" in values
            items[values["item"].text] = (*numbers, values["last"].time.seconds), minima
    return items


def is_right(said, minima: tuple[bool, bool], true) -> bool:
    """Whether a statement is true: to the number, or as the minimum that it claims to be."""
    if true is None:
        return False
    (count, visits, then, last), (true_count, true_visits, true_then, true_last) = said, true
    at_least, then_at_least = minima
    return (
        (count <= true_count if at_least else count == true_count)
        and (then <= true_then if at_least or then_at_least else then == true_then)
        and (visits, last) == (true_visits, true_last)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("households", nargs="*", type=int, default=[380, 1082, 1443],
                        help="whom (default: 380 1082 1443); 0: all")
    parser.add_argument("--server", default="127.0.0.1:50051", help="HOST:PORT (default: %(default)s)")
    parser.add_argument("--at", type=datetime.datetime.fromisoformat, default="2017-12-15T18:30:00-05:00",
                        help="the moment (default: %(default)s)")
    parser.add_argument("--protos", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "proto")
    arguments = parser.parse_args()

    load = check.generate(arguments.protos.resolve())
    messages, customer = load("briefing_service_pb2"), load("customer_pb2")
    stub = load("briefing_service_pb2_grpc").BriefingServiceStub(grpc.insecure_channel(arguments.server))
    at = arguments.at.astimezone(zoneinfo.ZoneInfo(truth.ZONE))
    confirmed = differing = minima = 0
    lines = truth.load(arguments.households if arguments.households != [0] else None)
    for household, own in lines.groupby("household"):
        then, items = expected(own, at)
        venue = (then if len(then) else own).groupby("store")["basket"].nunique().idxmax()
        identity = customer.Identity(type=customer.IDENTITY_TYPE_LOYALTY, value=str(household), issuer=check.ISSUER)
        request = messages.GetBriefingRequest(subject=messages.BriefingSubject(identity=identity), venue_id=venue,
                                              purpose=load("common_pb2").PURPOSE_SERVICE)
        request.at.FromDatetime(at)
        statements = told(stub.GetBriefing(request, timeout=30).briefing)
        for item, (said, at_least) in statements.items():
            right = is_right(said, at_least, items.get(item))
            confirmed, differing, minima = confirmed + right, differing + (not right), minima + any(at_least)
            if not right or arguments.households != [0]:
                print(f"{'ok     ' if right else 'DIFFERS'} {household:>5} {venue:>11}  {item:<32} "
                      f"in {'at least ' * at_least[0]}{said[0]} of {said[1]} visits, "
                      f"{said[2]}{' or more' * at_least[1]} of them at such times"
                      + ("" if right else f"; the data says {items.get(item)}, not {said}"))
        if not statements and arguments.households != [0]:
            print(f"        {household:>5} {venue:>11}  nothing is expected")
    print(f"{confirmed:,} statements confirmed, {differing:,} differ; {minima:,} of them are minima")
    return 0 if differing == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
